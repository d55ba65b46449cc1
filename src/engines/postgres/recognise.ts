import type { DrillError } from '../../support/errors.ts';
import { foreignContent, isText } from '../foreign-content.ts';
import { isBinary, isMysqlText } from '../other-product.ts';

/** The error for content in a format that this engine does not load. */
export function unrecognised(key: string, head: Buffer): DrillError {
  return foreignContent(key, head, {
    engine: 'postgres',
    none: 'no pg_dump archive, tar, directory or SQL dump',
    hint: 'Check that `backup.match` selects the database dump, and that the job that writes it really runs pg_dump.',
  });
}

/** Whether the first statements or comments look like a plain SQL dump. */
export function looksLikeSql(head: Buffer): boolean {
  if (isBinary(head)) return false;
  const text = head.toString('latin1', 0, 65_536).replace(/^\u00ef\u00bb\u00bf/, '');
  if (/^-- PostgreSQL database (?:cluster )?dump\r?$/m.test(text)) return true;
  if (isMysqlText(text) || /^(?:\/\*M?!\d|-- (?:MySQL|MariaDB) dump|PRAGMA )/m.test(text)) return false;
  if (!isText(head)) return false;
  const first = text.replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/, '');
  return /^(?:SET|CREATE|ALTER|DROP|COPY|INSERT|BEGIN|START|SELECT|COMMENT|GRANT|REVOKE|DO|\\connect|\\restrict)\b/i.test(
    first,
  );
}
