import { describeLayers } from '../../../../backup/layer.ts';
import type { BackupFormat } from '../../../format.ts';
import { isBinary } from '../../../recognition/content-head.ts';
import { isText } from '../../../recognition/foreign-content.ts';
import { plainBackup } from './plain-backup.ts';

export const plainFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind === 'directory' || !looksLikeSql(content.head)) return undefined;
    return async () => plainBackup(content, `plain SQL dump${describeLayers(content.layers)}`);
  },
};

/** Whether the first statements or comments look like a plain SQL dump. */
function looksLikeSql(head: Buffer): boolean {
  if (isBinary(head)) return false;
  const text = head.toString('latin1', 0, 65_536).replace(/^\u00ef\u00bb\u00bf/, '');
  if (/^-- PostgreSQL database (?:cluster )?dump\r?$/m.test(text)) return true;
  if (/^(?:\/\*M?!\d|-- (?:MySQL|MariaDB) dump|PRAGMA )/m.test(text)) return false;
  if (!isText(head)) return false;
  const first = text.replace(/^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/, '');
  return /^(?:SET|CREATE|ALTER|DROP|COPY|INSERT|BEGIN|START|SELECT|COMMENT|GRANT|REVOKE|DO|\\connect|\\restrict)\b/i.test(
    first,
  );
}
