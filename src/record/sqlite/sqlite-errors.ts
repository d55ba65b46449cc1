import { DrillError } from '../../support/errors.ts';

/** Primary result codes, sqlite.org/rescode.html. */
const BUSY = 5;
const IO_ERROR = 10;
const FULL = 13;

/** Meaning and hint for each result code. */
const EXPLANATIONS: Readonly<Record<number, readonly [what: string, hint: string]>> = {
  3: ['permission denied', 'Allow this user to read and write the file and its directory.'],
  [BUSY]: ['locked by another process for too long', 'Find who holds it (`fuser`, `lsof`), and let it finish.'],
  8: ['read-only', 'Allow this user to write the file and its directory, or point `store` in the settings elsewhere.'],
  [IO_ERROR]: ['an I/O error', 'Check the disk and the kernel log; do not keep this file on a network file system.'],
  11: ['damaged', 'Move the file away and restore it from a backup; without a backup, Firedrill creates a new one.'],
  14: [
    'it cannot be opened',
    'Check that the path is right and not a directory, and that this user may write to its directory.',
  ],
  26: ['not an SQLite database', 'Point `store` in the settings to another path, or move the file away.'],
};

/** @returns the error from the store at `path`, converted to `store-failed` or `disk-full`; a DrillError is returned unchanged. */
export function asStoreError(thrown: unknown, path: string): DrillError {
  if (thrown instanceof DrillError) return thrown;
  const error = thrown as NodeJS.ErrnoException;
  const code = primaryCode(thrown);
  if (code === FULL || error.code === 'ENOSPC' || error.code === 'EDQUOT') return diskFull(path, thrown);
  const [what, hint] = EXPLANATIONS[code ?? explainableCode(error.code)] ?? [undefined, undefined];
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DrillError('store-failed', `the store ${path}: ${what === undefined ? message : `${what} (${message})`}`, {
    cause: thrown,
    mayPass: code === BUSY || code === IO_ERROR,
    hint: hint ?? 'Check the file and its directory; `firedrill doctor` shows more.',
  });
}

/** Runs the work and converts its errors with {@link asStoreError}. */
export async function withStoreErrors<T>(path: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error, path);
  }
}

/** True if the only obstacle was another connection's lock. */
export function isBusy(thrown: unknown): boolean {
  return primaryCode(thrown) === BUSY;
}

/** SQLite's result code without its extension; undefined for any other error. */
function primaryCode(thrown: unknown): number | undefined {
  const code = (thrown as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** Creating the directory fails with system errors, not SQLite's. */
function explainableCode(systemCode: string | undefined): number {
  if (systemCode === 'EACCES' || systemCode === 'EPERM') return 3;
  if (systemCode === 'EROFS') return 8;
  return systemCode === 'EEXIST' || systemCode === 'ENOTDIR' || systemCode === 'EISDIR' ? 14 : -1;
}

function diskFull(path: string, cause: unknown): DrillError {
  return new DrillError('disk-full', `no space is left for the store ${path}`, {
    cause,
    mayPass: true,
    hint: 'Free up space on its disk, or point `store` in the settings to another one.',
  });
}
