import type { BackupContent } from '../../../../backup/content.ts';
import { unescapeFileName } from '../file-names.ts';

/** Formats that preserve column types, by file name suffix. */
const FORMATS = { native: 'Native', parquet: 'Parquet' } as const;
export type ExportFormat = (typeof FORMATS)[keyof typeof FORMATS];

/** A file of rows: `shop.orders.native`, or one of several of a table: `shop.orders.202601.parquet.zst`. */
export interface ExportName {
  readonly database: string;
  readonly table: string;
  readonly format: ExportFormat;
  /** Without the suffixes that state how it is stored: `shop.orders.202601`. */
  readonly stem: string;
  /** Whether a job compressed or encrypted it, according to its name: rows in Native may begin with any bytes. */
  readonly isWrapped: boolean;
}

const NAME = String.raw`(?:\w|%[0-9A-F]{2})+`;
const WRAPS = String.raw`(?:\.(?:gz|zst|lz4|xz|bz2|age|gpg|pgp|asc|enc))*`;
/** A codec name is not a table name: `part_0.snappy.parquet` was written by another program. */
const ROWS = new RegExp(
  String.raw`^(${NAME})\.(?!(?:snappy|gz|gzip|zstd|lz4|brotli|uncompressed|c\d+)\.)(${NAME})(?:\.(?!(?:snappy|gz|gzip|zstd|lz4|brotli|uncompressed|c\d+)\.)[\w-]+)?\.(native|parquet)(${WRAPS})$`,
);
const DEFINITION = new RegExp(String.raw`^(${NAME})\.(${NAME})\.sql(?:${WRAPS})$`);

/** @param name of a file, without its folder. @returns undefined for other kinds of files. */
export function readExportName(name: string): ExportName | undefined {
  const [, database, table, end, wraps] = ROWS.exec(name) ?? [];
  const names = ownNames(database, table);
  const format = end === 'native' || end === 'parquet' ? FORMATS[end] : undefined;
  const stem = name.slice(0, -`.${end}${wraps}`.length);
  return names && format && { ...names, format, stem, isWrapped: wraps !== '' };
}

/** @returns the table that a file defines, `shop.orders.sql`; undefined for other kinds of files. */
export function readDefinitionName(name: string): Pick<ExportName, 'database' | 'table'> | undefined {
  const [, database, table] = DEFINITION.exec(name) ?? [];
  return ownNames(database, table);
}

function ownNames(database = '', table = ''): Pick<ExportName, 'database' | 'table'> | undefined {
  const names = [unescapeFileName(database), unescapeFileName(table)];
  return names[0] !== undefined && names[1] !== undefined ? { database: names[0], table: names[1] } : undefined;
}

/** The folder of a file of rows, empty or with a trailing `/`. */
export function folderOfExport(key: string): string | undefined {
  const at = key.lastIndexOf('/') + 1;
  return readExportName(key.slice(at)) ? key.slice(0, at) : undefined;
}

export function isExport(content: BackupContent): boolean {
  return content.kind === 'directory' && [...content.members.keys()].some((name) => readExportName(name) !== undefined);
}

/** Native is ClickHouse's own format; Parquet is written by many programs, so definitions next to it decide. Called for every directory, of any size. */
export function isCertainExport(content: BackupContent): boolean {
  if (content.kind === 'object') return false;
  let hasRows = false;
  let hasDefinition = false;
  for (const name of content.members.keys()) {
    const format = readExportName(name)?.format;
    if (format === 'Native') return true;
    hasRows ||= format !== undefined;
    hasDefinition ||= format === undefined && readDefinitionName(name) !== undefined;
    if (hasRows && hasDefinition) return true;
  }
  return false;
}
