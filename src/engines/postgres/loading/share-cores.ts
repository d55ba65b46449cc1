import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import { runRaw } from '../server/wire.ts';

/**
 * Before an index is built: gives it parallel workers only for cores that no other build uses. A parallel sort takes a sixth more processor
 * time than a serial one, which is lost where every core has an index of its own to build.
 * @param countBuilds how many builds run or wait, with this one; asked once what has been read already is queued.
 */
export async function shareCores(client: pg.Client, cores: number, countBuilds: () => number): Promise<void> {
  await nextTurn();
  const setting = `SET max_parallel_maintenance_workers = ${workersFor(cores, countBuilds())}`;
  await runRaw(client, Buffer.from(setting)).catch(() => undefined); // within a failed session the build itself says why
}

/** @returns the workers of one build. A share of one core is for the session itself. */
export function workersFor(cores: number, builds: number): number {
  const share = Math.floor(cores / Math.max(1, builds));
  return share < 2 ? 0 : share;
}
