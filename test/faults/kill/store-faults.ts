import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { KillOptions } from './kill-points.ts';

/** What can happen to a store while a drill runs. */
export type StoreFault = 'locked' | 'vanished' | 'full';

/** The file that uses up the space of a full disk. */
export const FILLER = 'filler';

const locks: DatabaseSync[] = [];

const FAULTS: Readonly<Record<StoreFault, (path: string) => void>> = {
  // Locked by another connection, which is all that SQLite checks, until the process ends.
  locked: (path) => {
    const database = new DatabaseSync(path);
    database.exec('begin immediate');
    locks.push(database); // kept, because a garbage-collected one releases its lock
  },
  vanished: (path) => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  },
  full: (path) => fill(join(dirname(path), FILLER)),
};

/** The fault requested by the environment: `FD_FAULT_AT`, `FD_FAULT`. */
export function faultOf(env: Readonly<Record<string, string | undefined>>): KillOptions['fault'] {
  const { FD_FAULT: fault, FD_FAULT_AT: at, FIREDRILL_STORE: store = '' } = env;
  if (fault === undefined || at === undefined) return undefined;
  return { at, act: () => FAULTS[fault as StoreFault](store) };
}

function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (let sizeBytes = 65_536; sizeBytes >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(sizeBytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        sizeBytes = Math.floor(sizeBytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
