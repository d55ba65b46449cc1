import { versionIn } from '../../../../support/versions.ts';

/** How much of a tablespace or redo log is read. */
export const HEADER_BYTES = 64;

/** Fields of a tablespace's first page. */
export interface TablespaceHeader {
  /** In bytes. */
  readonly pageSize: number;
  /** `9.7.4` for MySQL 8.0 and later, which records its version there; undefined for MariaDB and older servers. */
  readonly serverVersion: string | undefined;
}

const FULL_CRC32 = 0x10;

/**
 * Reads the head of a tablespace's first page. Sources: storage/innobase/include/fil0types.h (FIL_PAGE_SRV_VERSION at 8, page type at 24), fsp0types.h (flags
 * at 54; page size in bits 6 to 9 as a power of two of 512 bytes, 0 for 16 KiB; in MariaDB's full_crc32 format in bits 0 to 3).
 * @returns undefined if it is not such a page: overwritten, or an encrypted copy.
 */
export function readTablespaceHeader(head: Buffer): TablespaceHeader | undefined {
  if (head.length < 58 || head.readUInt16BE(24) !== FSP_HEADER || head.readUInt32BE(38) !== 0) return undefined;
  return { pageSize: pageSizeIn(head.readUInt32BE(54)), serverVersion: serverVersionIn(head) };
}

function serverVersionIn(first: Buffer): string | undefined {
  const version = first.readUInt32BE(8);
  if (version < 80_000 || version >= 1_000_000) return undefined;
  return `${Math.floor(version / 10_000)}.${Math.floor(version / 100) % 100}.${version % 100}`;
}

const FSP_HEADER = 8;

/**
 * Page size in a file, in bytes, from the head of its first page. For compressed tables (ROW_FORMAT=COMPRESSED) this is the size in the file, which is smaller
 * than the server's. Source: fsp0types.h, FSP_FLAGS_POS_ZIP_SSIZE: in bits 1 to 4 as a power of two of 512 bytes, 0 if not compressed.
 * @param serverSize the server's page size, if known.
 * @returns `serverSize` if the head is not a tablespace's first page, as in all files but the first of the system tablespace.
 */
export function readPageSize(head: Buffer, serverSize: number | undefined): number | undefined {
  if (head.length < 58 || head.readUInt16BE(24) !== FSP_HEADER || head.readUInt32BE(4) !== 0) return serverSize;
  const flags = head.readUInt32BE(54);
  const compressed = (flags & FULL_CRC32) === 0 ? (flags >>> 1) & 0x0f : 0;
  return compressed === 0 ? (serverSize ?? pageSizeIn(flags)) : 512 << compressed;
}

/** Whether MariaDB encrypted a page. @param head its first 38 bytes. @param page its number, from its position in the file. */
export type PageEncryption = (head: Buffer, page: number) => boolean;

/**
 * Returns a function that detects encrypted pages in a MariaDB tablespace. Each page has the version of its key, or 0 if it has none: at 0 in the full_crc32
 * format, at 26 before it. The page number (at 4) is always readable; the tablespace number (at 34) only before full_crc32. They distinguish encryption from
 * damage. Pages that are only compressed use offset 26 for other data. Sources: fil0types.h (FIL_PAGE_FCRC32_KEY_VERSION,
 * FIL_PAGE_FILE_FLUSH_LSN_OR_KEY_VERSION), fil0crypt.cc; the first page is never encrypted.
 * @param first the head of the file's first page.
 */
export function readPageEncryption(first: Buffer): PageEncryption {
  if (first.length < 58 || first.readUInt16BE(24) !== FSP_HEADER || first.readUInt32BE(4) !== 0) return () => false;
  if (serverVersionIn(first) !== undefined) return () => false; // of MySQL, and its image may have a keyring
  const space = first.readUInt32BE(34);
  const isNew = isFullCrc32(first.readUInt32BE(54));
  return (head, page) => {
    if (page === 0 || head.readUInt32BE(4) !== page || head.readUInt32BE(isNew ? 0 : 26) === 0) return false;
    const isOfSpace = head.readUInt32BE(34) === space;
    return isNew ? !isOfSpace : isOfSpace && !COMPRESSED_PAGES.has(head.readUInt16BE(24));
  };
}

/** MySQL's FIL_PAGE_COMPRESSED, and MariaDB's FIL_PAGE_PAGE_COMPRESSED. */
const COMPRESSED_PAGES: ReadonlySet<number> = new Set([14, 34_354]);

function pageSizeIn(flags: number): number {
  const shift = isFullCrc32(flags) ? flags & 0x0f : (flags >>> 6) & 0x0f;
  return shift === 0 ? 16_384 : 512 << shift;
}

export function isFullCrc32(flags: number): boolean {
  return (flags & FULL_CRC32) !== 0 && (flags & 0x0f) >= 3;
}

export interface WrittenBy {
  readonly product: 'mysql' | 'mariadb';
  readonly version: string;
}

/** Reads which server created a redo log: `MariaDB 11.8.9`, `MySQL 9.7.4`, at 16. Source: log0log.h, LOG_HEADER_CREATOR. */
export function readRedoHeader(head: Buffer): WrittenBy | undefined {
  const text = head.toString('latin1', 16, 48).split('\0', 1)[0] ?? '';
  const version = versionIn(text, 3);
  if (version === undefined) return undefined;
  if (/^MariaDB /.test(text)) return { product: 'mariadb', version };
  return /^MySQL /.test(text) ? { product: 'mysql', version } : undefined;
}

/** Reads `mysql_upgrade_info` and `mariadb_upgrade_info` (a version), and `mysql_upgrade_history` (JSON, newest last). */
export function readUpgradeInfo(text: string): WrittenBy | undefined {
  const written = [...text.matchAll(/"version"\s*:\s*"([^"]{1,60})"/g)].at(-1)?.[1] ?? text.slice(0, 100);
  const version = versionIn(written, 3);
  if (version === undefined) return undefined;
  return { product: /mariadb/i.test(written) ? 'mariadb' : 'mysql', version };
}
