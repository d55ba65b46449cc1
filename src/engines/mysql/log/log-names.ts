import type { LogFile } from '../../format.ts';

/** A binary log file, as stored in an archive. */
export interface StoredLogFile {
  /** As named by the server: `mysql-bin.000012`. */
  readonly name: string;
  /** `mysql-bin` */
  readonly basename: string;
  readonly number: number;
  /** Folder in the archive: `db1/`; empty at the top level. */
  readonly folder: string;
  readonly file: LogFile;
}

/**
 * `mysql-bin.000012`, `mysql-bin.1000000.zst.age`. Source: MySQL's manual, "The Binary Log": six digits, more once they are used up. Index files (`.index`,
 * MariaDB's `.000012.idx`) do not count as logs.
 */
const NAME =
  /^(?<folder>(?:.*\/)?)(?<basename>[^/]+)\.(?<number>\d{6,10})(?:\.(?:gz|zst|lz4|xz|bz2|snappy|br))?(?:\.(?:age|gpg|enc|aes))?$/;

/** A file of an archive. If it is in a tar, `path` is its path in there, as if the tar had been unpacked in place. */
export type PlacedFile = LogFile & { readonly path?: string };

export function isLogName(path: string): boolean {
  return NAME.test(path);
}

/** @returns undefined for a file that is not a binary log. */
export function readLogName(file: PlacedFile): StoredLogFile | undefined {
  const groups = NAME.exec(pathOf(file))?.groups;
  if (!groups) return undefined;
  const { folder = '', basename = '', number = '' } = groups;
  return { name: `${basename}.${number}`, basename, number: Number(number), folder, file };
}

function pathOf({ path, key }: PlacedFile): string {
  return path ?? key;
}

/**
 * Sorts files by number. Of two copies of a file the longer one counts, because a server only appends; if their lengths cannot be compared because one is
 * compressed, the one listed last.
 */
export function orderFiles(files: readonly StoredLogFile[]): readonly StoredLogFile[] {
  const byNumber = new Map<number, StoredLogFile>();
  for (const one of files) {
    const other = byNumber.get(one.number);
    if (!other || !isShorter(one, other)) byNumber.set(one.number, one);
  }
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

function isShorter(one: StoredLogFile, other: StoredLogFile): boolean {
  const arePlain = [one, other].every(({ file, name }) => pathOf(file).endsWith(name));
  return arePlain && one.file.sizeBytes < other.file.sizeBytes;
}

/** The name with this number, such as the one before or after `mysql-bin.000012`. */
export function nameAt({ basename }: Pick<StoredLogFile, 'basename'>, number: number): string {
  return `${basename}.${String(number).padStart(6, '0')}`;
}

/** The number in a name such as `./mysql-bin.000012`; undefined for another name. */
export function splitLogName(name: string): { readonly basename: string; readonly number: number } | undefined {
  const [, basename, digits] = /(?:^|[/\\])([^/\\]+)\.(\d{6,10})$/.exec(name) ?? [];
  return basename === undefined || digits === undefined ? undefined : { basename, number: Number(digits) };
}
