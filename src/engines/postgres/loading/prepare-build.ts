import { setImmediate as nextTurn } from 'node:timers/promises';
import type pg from 'pg';
import type { BootOptions } from '../../engine.ts';
import { sharedBuffersBytes } from '../server/settings.ts';
import { runRaw } from '../server/wire.ts';

/** An index, key or check of rows that is about to be built. */
interface NextBuild {
  /** The index's access method; undefined if it builds none. */
  readonly method: string | undefined;
  /** Bytes of the table's rows, as written in the dump; 0 if unknown. */
  readonly tableBytes: number;
  /** @returns how many builds are running or waiting, including this one; called once everything read so far has been queued. */
  readonly countBuilds: () => number;
}

type Sizing = Pick<BootOptions, 'cpus' | 'memoryBytes'>;

/** Gives the build that a session runs next its share of the processors, and suitable memory. */
export async function prepareBuild(client: pg.Client, sizing: Sizing, build: NextBuild): Promise<void> {
  await nextTurn();
  const workers = workersFor(sizing.cpus, build.countBuilds());
  const settings = `SET max_parallel_maintenance_workers = ${workers}; SET maintenance_work_mem = ${memoryFor(sizing, build, workers)}`;
  await runRaw(client, Buffer.from(settings)).catch(() => undefined); // in a failed session the build itself reports why
}

/**
 * Parallel workers only for cores that no other build uses: a parallel sort takes a sixth more processor time than a serial one, which is wasted if every core
 * has an index of its own to build.
 * @returns the number of workers for one build. A share of one core is for the session itself.
 */
export function workersFor(cores: number, builds: number): number {
  const share = Math.floor(cores / Math.max(1, builds));
  return share < 2 ? 0 : share;
}

/** Amount that stays in a processor's cache while it is sorted. */
const CACHED_MB = 16;
/** Postgres uses fewer parallel workers if each would have less, see plan_create_index_workers in its source. */
const WORKER_MB = 32;
/** Methods that only sort or collect in this memory. Others fail without enough of it, or build differently. */
const SORTING: readonly (string | undefined)[] = ['btree', 'gin'];

/**
 * A table whose rows fit into the server's buffers is sorted in runs that fit into a processor's cache, and merged in one pass: a GIN index takes a third less
 * processor time than with runs of 512 MB, a B-tree a fifth. The indexes of larger tables need as few runs as possible.
 * @returns the value of `maintenance_work_mem`.
 */
export function memoryFor(
  sizing: Pick<Sizing, 'memoryBytes'>,
  { method, tableBytes }: Pick<NextBuild, 'method' | 'tableBytes'>,
  workers: number,
): string {
  const isSmall = tableBytes > 0 && tableBytes <= sharedBuffersBytes(sizing);
  if (!isSmall || !SORTING.includes(method)) return 'DEFAULT';
  return workers === 0 ? `'${CACHED_MB}MB'` : `'${WORKER_MB * (workers + 1)}MB'`;
}
