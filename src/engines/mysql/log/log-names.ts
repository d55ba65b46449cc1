import type { LogFile } from '../../format.ts';

/** A file of a binary log, as its archive holds it. */
export interface StoredLogFile {
  /** As the server called it: `mysql-bin.000012`. */
  readonly name: string;
  /** `mysql-bin` */
  readonly basename: string;
  readonly number: number;
  /** Where it lies in the archive: `db1/`; empty for the top. */
  readonly folder: string;
  readonly file: LogFile;
}

/**
 * `mysql-bin.000012`, `mysql-bin.1000000.zst.age`. Source: MySQL's manual, "The Binary Log": six digits, more once they are used up. Index files
 * (`.index`, MariaDB's `.000012.idx`) are not of the log.
 */
const NAME =
  /^(?<folder>(?:.*\/)?)(?<basename>[^/]+)\.(?<number>\d{6,10})(?:\.(?:gz|zst|lz4|xz|bz2|snappy|br))?(?:\.(?:age|gpg|enc|aes))?$/;

/** A file of an archive, and the path that it has there if it lies in a tar: as if the tar had been unpacked where it is. */
export type PlacedFile = LogFile & { readonly path?: string };

export function isLogName(path: string): boolean {
  return NAME.test(path);
}

/** @returns undefined for a file that is not one of a log. */
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
 * By their number, in order. Of two copies of one file the longer one counts, as a server only appends; of two whose lengths do not compare, as one is
 * compressed, the one that is listed last.
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

/** The name that comes after `mysql-bin.000012`, or before it. */
export function nameAt({ basename }: Pick<StoredLogFile, 'basename'>, number: number): string {
  return `${basename}.${String(number).padStart(6, '0')}`;
}

/** The number in a name such as `./mysql-bin.000012`; undefined for another name. */
export function splitLogName(name: string): { readonly basename: string; readonly number: number } | undefined {
  const [, basename, digits] = /(?:^|[/\\])([^/\\]+)\.(\d{6,10})$/.exec(name) ?? [];
  return basename === undefined || digits === undefined ? undefined : { basename, number: Number(digits) };
}
