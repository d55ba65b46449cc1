import { toPrintable } from '../../support/printable.ts';

/** A format that is recognised by its first bytes but that no engine here can read. */
export interface ForeignFormat {
  /** The format with its article: `a zip archive`. */
  readonly what: string;
  /** The name of its first file, if the header shows it. */
  readonly holds?: string;
  /** Whether random bytes match it once in 65,536 times. */
  readonly hasShortMagic: boolean;
  /** The next step. */
  readonly hint: string;
}

const UNPACK =
  'Let the backup job store the dump itself, compressed with gzip, zstd, xz, lz4 or bzip2 instead; until then, unpack it and drill the file in it.';
const RECOMPRESS = 'Compress the dump with gzip, zstd, xz, lz4 or bzip2 instead.';
const SIGNED = 'signed with OpenPGP';
const UNSIGN =
  'Sign into a file of its own with `gpg --detach-sign`, or encrypt as well; until then, `gpg --decrypt` gives the dump without the signature.';
const PHYSICAL =
  'Drill a backup that Firedrill reads (the README lists them), or a dump of the same server by pg_dump, mysqldump, mariadb-dump or mydumper.';
/** What to do about a backup of everything on a machine. */
export const OF_MACHINE =
  'Let a job on that machine store its dumps or files too, in a form that Firedrill reads (the README lists them), and drill those.';
const OF_LOG =
  'Set `backup.match` to select the base backups only, such as `base-*`, and name the place of the log in `backup.log`.';
const OTHER_PRODUCT = 'Check that `backup.match` selects the dump of the database that the drill restores.';

/** Offset, bytes in hex, name, and next step. Sources: the formats' own documents and file(1)'s magic. */
const MAGIC: readonly (readonly [offset: number, hex: string, what: string, hint: string])[] = [
  [0, '377abcaf271c', 'a 7z archive', UNPACK],
  [0, '526172211a07', 'a rar archive', UNPACK],
  [0, '504b0708', 'a part of a split zip archive', UNPACK],
  [0, '213c617263683e0a', 'an ar archive', UNPACK],
  [0, '1f9d', 'compressed with compress(1)', RECOMPRESS],
  [0, '4c5a4950', 'compressed with lzip', RECOMPRESS],
  [0, '894c5a4f', 'compressed with lzop', RECOMPRESS],
  [0, '4c525a49', 'compressed with lrzip', RECOMPRESS],
  [0, '02214c18', 'compressed with lz4 in its legacy format', RECOMPRESS],
  // RFC 9580: compressed data of indeterminate length (ZIP, ZLIB, bzip2), and a one-pass signature, as `gpg --sign` writes them
  [0, 'a301', SIGNED, UNSIGN],
  [0, 'a302', SIGNED, UNSIGN],
  [0, 'a303', SIGNED, UNSIGN],
  [0, '900d03', SIGNED, UNSIGN],
  [0, '53514c69746520666f726d61742033', 'an SQLite database', OTHER_PRODUCT],
  [0, '50415231', 'a Parquet file', OTHER_PRODUCT],
  [0, '4f626a01', 'an Avro file', OTHER_PRODUCT],
  [0, '6de29981', 'an archive of mongodump', OTHER_PRODUCT],
  [0, '54415045', 'a backup of SQL Server', OTHER_PRODUCT],
  [0, '514649fb', 'a disk image (qcow2)', PHYSICAL],
  [0, '4b444d56', 'a disk image (VMDK)', PHYSICAL],
  [0, '7668647866696c65', 'a disk image (VHDX)', PHYSICAL],
  [0, '564d4100', 'a virtual machine by vzdump of Proxmox VE (VMA)', OF_MACHINE],
  [8, 'accbbaf502000000', 'a stream of `zfs send`', OF_MACHINE],
  [0, '62747266732d73747265616d00', 'a stream of `btrfs send`', OF_MACHINE],
  [
    0,
    'fe62696e',
    'a binary log of MySQL or MariaDB',
    'Set `backup.match` to select the dumps: a binary log holds changes, not a database.',
  ],
];

/** @returns undefined for formats that one of the engines may read, and for unknown formats. */
export function findForeignFormat(head: Buffer): ForeignFormat | undefined {
  const known = MAGIC.find(([offset, hex]) => head.toString('hex', offset, offset + hex.length / 2) === hex);
  if (known) return { what: known[2], hasShortMagic: known[1].length <= 4, hint: known[3] };
  if (startsWith(head, 'PK\u0003\u0004')) return withName('a zip archive', zipName(head));
  if (/^07070[127]/.test(head.toString('latin1', 0, 6))) return withName('a cpio archive', cpioName(head));
  if (isBinaryCpio(head)) return { what: 'a cpio archive', hasShortMagic: true, hint: UNPACK };
  const ofLog = partOfPostgresLog(head);
  if (ofLog) return { what: ofLog, hasShortMagic: false, hint: OF_LOG };
  if (isTablespace(head))
    return { what: 'an InnoDB tablespace, a part of a physical backup', hasShortMagic: false, hint: PHYSICAL };
  return undefined;
}

/** Backups of whole machines, recognised by file extension because their first bytes identify nothing. */
const NAMED: readonly (readonly [ending: RegExp, what: string])[] = [
  [/\.(?:vbk|vib|vrb|vbm)$/i, 'a backup of machines by Veeam'],
  [/\.tibx?$/i, 'a backup of a machine by Acronis'],
  [/\.mrimgx?$/i, 'a disk image by Macrium Reflect'],
];

/** @returns undefined for a name that identifies nothing. Only for content that nothing else recognises: any file may have such a name. */
export function findForeignName(key: string): ForeignFormat | undefined {
  const what = NAMED.find(([ending]) => ending.test(key))?.[1];
  return what === undefined ? undefined : { what, hasShortMagic: false, hint: OF_MACHINE };
}

/** A zip that consists only of its end-of-directory record. */
export function isEmptyZip(head: Buffer): boolean {
  return startsWith(head, 'PK\u0005\u0006');
}

function withName(what: string, name: string | undefined): ForeignFormat {
  return { what, hasShortMagic: false, hint: UNPACK, ...(name && { holds: toPrintable(name, 80) }) };
}

/** PKWARE's APPNOTE.TXT, 4.3.7: the length of the name is at offset 26, the name at 30. */
function zipName(head: Buffer): string | undefined {
  return head.length < 30 ? undefined : head.toString('utf8', 30, 30 + head.readUInt16LE(26));
}

/** cpio(5): the new format has the length of the name at offset 94 in hex and the name at 110; the old one has the length at 59 in octal and the name at 76. */
function cpioName(head: Buffer): string | undefined {
  const isNew = head[5] !== 0x37;
  const [sizeAt, sizeEnd, nameAt, base] = isNew ? [94, 102, 110, 16] : [59, 65, 76, 8];
  const length = Number.parseInt(head.toString('latin1', sizeAt, sizeEnd), base);
  return Number.isNaN(length) || length < 2 ? undefined : head.toString('utf8', nameAt, nameAt + length - 1);
}

/** The old binary format: 070707 as a 16-bit number in either byte order, and a file name with a zero byte at its stated length. */
function isBinaryCpio(head: Buffer): boolean {
  if (head.length < 28) return false;
  const isLittle = head.readUInt16LE(0) === 0o070707;
  if (!isLittle && head.readUInt16BE(0) !== 0o070707) return false;
  const length = isLittle ? head.readUInt16LE(20) : head.readUInt16BE(20);
  return length > 1 && head[26 + length - 1] === 0;
}

/**
 * Recognises the files of a PostgreSQL log archive: segments, by the header of the first page, and the small text files stored with them.
 * Sources: PostgreSQL's xlog_internal.h, XLogLongPageHeaderData; xlogbackup.c, build_backup_content; timeline.c, writeTimeLineHistory. Barman's
 * barman/xlog.py, WalFileInfo.to_xlogdb_line.
 */
function partOfPostgresLog(head: Buffer): string | undefined {
  const text = head.toString('latin1', 0, 200);
  if (/^START WAL LOCATION: [0-9A-F]+\/[0-9A-F]+ \(file [0-9A-F]{24}\)\n/.test(text))
    return 'a label of a PostgreSQL base backup, without the backup';
  if (/^[0-9A-F]{8}(?:[0-9A-F]{16})?(?:\.[\w.]{1,30})?\t\d{1,20}\t\d{1,20}\.\d{1,9}\t\w{1,20}\n/.test(text))
    return 'the list of log files that a Barman server keeps (xlog.db)';
  if (/^\d{1,10}\t[0-9A-F]{1,8}\/[0-9A-F]{1,8}\t/.test(text)) return 'a timeline history file of PostgreSQL';
  if (head.length < 40 || (head[1] !== 0xd0 && head[1] !== 0xd1)) return undefined;
  const [hasLongHeader, segmentBytes, pageBytes] = [
    head.readUInt16LE(2) & 2,
    head.readUInt32LE(32),
    head.readUInt32LE(36),
  ];
  const isOfLog =
    hasLongHeader !== 0 && isPowerOfTwo(segmentBytes, 2 ** 20, 2 ** 30) && isPowerOfTwo(pageBytes, 2 ** 10, 2 ** 16);
  return isOfLog ? 'a segment of PostgreSQL’s log (WAL)' : undefined;
}

function isPowerOfTwo(value: number, least: number, most: number): boolean {
  return value >= least && value <= most && Number.isInteger(Math.log2(value));
}

/**
 * Recognises the first page of a data file: page 0 of type FSP_HDR (not a type written by encryption or compression), with its space id twice.
 * Source: MySQL's storage/innobase/include/fil0types.h and fsp0types.h.
 */
function isTablespace(head: Buffer): boolean {
  if (head.length < 16_384 || head.readUInt16BE(24) !== 8) return false;
  return head.readUInt32BE(4) === 0 && head.readUInt32BE(34) === head.readUInt32BE(38);
}

function startsWith(head: Buffer, text: string): boolean {
  return head.toString('latin1', 0, text.length) === text;
}
