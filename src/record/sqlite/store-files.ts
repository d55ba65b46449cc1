import { accessSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DrillError } from '../../support/errors.ts';

/**
 * Creates the file and its directory if missing, readable by this user only: SQLite would make the file readable by everybody. An existing file is never
 * opened here: closing it would drop the locks that another connection of this process holds on it (sqlite.org/howtocorrupt.html, 2.2).
 */
export function makeStoreFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    accessSync(path, constants.R_OK | constants.W_OK);
  }
}

/** The files of an open store, with identities that distinguish them from replacements. */
export interface StoreFiles {
  /** Throws `store-failed` when one of them was deleted or replaced. */
  requireSame(): void;
}

/**
 * SQLite keeps using its open files after they are replaced or deleted; later commits are then silently lost (sqlite.org/howtocorrupt.html, 4.4). So the paths
 * are compared with the files that they referred to when the store was opened.
 * @param path of the database; the write-ahead log and its index are next to it while it is open.
 */
export function watchStoreFiles(path: string): StoreFiles {
  const known = [path, `${path}-wal`, `${path}-shm`].map((file) => ({ file, identity: identify(file) }));
  return {
    requireSame() {
      for (const { file, identity } of known) {
        const now = identify(file);
        if (now !== identity) throw lost(path, file, now === undefined);
      }
    },
  };
}

/** @returns undefined if there is no such file. */
function identify(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

function lost(path: string, file: string, isGone: boolean): DrillError {
  const what = isGone ? 'was deleted, or its disk unmounted,' : 'was replaced by another file';
  const which = file === path ? '' : `: ${file}`;
  return new DrillError('store-failed', `the store ${path}${which} ${what} while it was open`, {
    hint: 'Firedrill stopped writing to it. Restore the file from a backup, or let a new one be created, and restart every Firedrill that uses it.',
  });
}
