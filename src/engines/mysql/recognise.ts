import { DrillError } from '../../support/errors.ts';
import { foreignContent, isText } from '../foreign-content.ts';
import { isBinary, isPostgresText } from '../other-product.ts';
import type { Flavor } from './flavor.ts';
import { isMysqlDump, isXmlDump } from './formats/plain-sql/plain-facts.ts';

/** The error for content in a format that this engine does not load. */
export function unrecognised(key: string, head: Buffer, { type }: Flavor): DrillError {
  if (isXmlDump(head)) {
    return new DrillError('format-unsupported', `${key} is an XML dump (mysqldump --xml), which no client loads`, {
      hint: 'Dump without `--xml`.',
    });
  }
  return foreignContent(key, head, {
    engine: type,
    none: 'no SQL dump of MySQL or MariaDB',
    hint: 'Check that `backup.match` selects the database dump, and that the job that writes it really runs mysqldump or mariadb-dump.',
  });
}

/** Whether the first statement looks like a dump of these servers' tools, or like hand-written SQL. */
export function looksLikeSql(head: Buffer): boolean {
  if (isBinary(head) || isXmlDump(head)) return false;
  const text = head.toString('latin1', 0, 65_536).replace(/^\u00ef\u00bb\u00bf/, '');
  if (isPostgresText(text) || /^PRAGMA |^COPY .* FROM stdin;/m.test(text)) return false;
  if (isMysqlDump(head)) return true;
  if (!isText(head)) return false;
  const first = text.replace(/^(?:\s+|--[^\n]*\n|#[^\n]*\n|\/\*(?!M?!)[\s\S]*?\*\/)*/, '');
  return /^(?:\/\*M?!\d*\s*)?(?:SET|CREATE|ALTER|DROP|INSERT|REPLACE|BEGIN|START|USE|LOCK|GRANT|DELIMITER)\b/i.test(
    first,
  );
}
