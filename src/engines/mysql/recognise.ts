import { DrillError } from '../../support/errors.ts';
import { describeForeign, isText } from '../foreign-content.ts';
import { isMysqlDump, isXmlDump } from './plain-facts.ts';

/** Backups of these servers that are no SQL, what to say of them, and what to use instead. */
const KNOWN: readonly (readonly [looksLike: (head: Buffer) => boolean, what: string, hint: string])[] = [
  [
    (head) => isXmlDump(head),
    'an XML dump (mysqldump --xml)',
    'No server loads such a file as a whole: dump without `--xml`.',
  ],
  [
    (head) => head.toString('latin1', 0, 8) === 'XBSTCK01',
    'a physical backup in xbstream format (xtrabackup or mariadb-backup)',
    'Physical backups are not drilled yet: drill a logical dump of the same server, by mysqldump, mariadb-dump or mydumper.',
  ],
  [
    isTablespace,
    'an InnoDB tablespace, a part of a physical backup',
    'Physical backups are not drilled yet: drill a logical dump of the same server, by mysqldump, mariadb-dump or mydumper.',
  ],
  [
    (head) => head.toString('hex', 0, 4) === 'fe62696e',
    'a binary log',
    'A binary log holds changes, not a database: let `backup.match` select the dumps.',
  ],
  [
    (head) => head.toString('latin1', 257, 262) === 'ustar',
    'a tar',
    'Store the members of a mydumper directory as objects of their own, under one prefix; tars and physical backups are not drilled yet.',
  ],
];

/** What to say of content in no format that this engine loads. */
export function unrecognised(key: string, head: Buffer): DrillError {
  const known = KNOWN.find(([looksLike]) => looksLike(head));
  const seen = known ? `it looks like ${known[1]}` : describeForeign(head);
  return new DrillError('backup-unrecognised', `${key} is no SQL dump of MySQL or MariaDB: ${seen}`, {
    hint:
      known?.[2] ??
      'Check that `backup.match` selects the database dump, and that the job that writes it really runs mysqldump or mariadb-dump.',
  });
}

/** A dump of these servers' tools, or SQL that somebody wrote, by its first statement. */
export function looksLikeSql(head: Buffer): boolean {
  if (isXmlDump(head)) return false;
  const text = head.toString('latin1', 0, 65_536).replace(/^\u00ef\u00bb\u00bf/, '');
  if (/^-- PostgreSQL database (?:cluster )?dump\r?$|^PRAGMA |^COPY .* FROM stdin;/m.test(text)) return false;
  if (isMysqlDump(head)) return true;
  if (!isText(head)) return false;
  const first = text.replace(/^(?:\s+|--[^\n]*\n|#[^\n]*\n|\/\*(?!M?!)[\s\S]*?\*\/)*/, '');
  return /^(?:\/\*M?!\d*\s*)?(?:SET|CREATE|ALTER|DROP|INSERT|REPLACE|BEGIN|START|USE|LOCK|GRANT|DELIMITER)\b/i.test(
    first,
  );
}

/**
 * The first page of a data file: page 0 of type FSP_HDR (or the same number written by encryption or compression is none), its space id twice.
 * Source: MySQL's storage/innobase/include/fil0types.h and fsp0types.h.
 */
function isTablespace(head: Buffer): boolean {
  if (head.length < 16_384 || head.readUInt16BE(24) !== 8) return false;
  return head.readUInt32BE(4) === 0 && head.readUInt32BE(34) === head.readUInt32BE(38);
}
