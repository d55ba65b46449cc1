import { DrillError } from '../../../../support/errors.ts';
import type { BackupFormat } from '../../../format.ts';
import { isBinary } from '../../../recognition/content-head.ts';
import { isText } from '../../../recognition/foreign-content.ts';
import type { Flavor } from '../../flavor.ts';
import { plainBackup } from './plain-backup.ts';
import { isMysqlDump, isXmlDump } from './plain-facts.ts';

export function plainFormat(flavor: Flavor): BackupFormat {
  return {
    recognise: (content) => {
      if (content.kind === 'directory') return undefined;
      if (isXmlDump(content.head)) return () => Promise.reject(xmlDump(content.backup.key));
      return looksLikeSql(content.head) ? async () => plainBackup(content, flavor) : undefined;
    },
  };
}

function xmlDump(key: string): DrillError {
  return new DrillError('format-unsupported', `${key} is an XML dump (mysqldump --xml), which no client loads`, {
    hint: 'Dump without `--xml`.',
  });
}

/** Whether the first statement looks like a dump of these servers' tools, or like hand-written SQL. */
function looksLikeSql(head: Buffer): boolean {
  if (isBinary(head)) return false;
  const text = head.toString('latin1', 0, 65_536).replace(/^\u00ef\u00bb\u00bf/, '');
  if (/^PRAGMA |^COPY .* FROM stdin;/m.test(text)) return false;
  if (isMysqlDump(head)) return true;
  if (!isText(head)) return false;
  const first = text.replace(/^(?:\s+|--[^\n]*\n|#[^\n]*\n|\/\*(?!M?!)[\s\S]*?\*\/)*/, '');
  return /^(?:\/\*M?!\d*\s*)?(?:SET|CREATE|ALTER|DROP|INSERT|REPLACE|BEGIN|START|USE|LOCK|GRANT|DELIMITER)\b/i.test(
    first,
  );
}
