import type { Drill } from '../config/drill-file.ts';
import type { Store } from '../record/store.ts';
import { compareRacers, type Racer } from './race.ts';
import type { RaceResult } from './race-result.ts';

/** How many of the newest runs of a drill are looked at. */
const RUNS = 50;

/** Compares a drill with those that it races with, by what is recorded. @returns none for a drill without `race`. */
export async function readRaces(
  store: Pick<Store, 'findRuns'>,
  { name, race = [] }: Pick<Drill, 'name' | 'race'>,
): Promise<readonly RaceResult[]> {
  if (race.length === 0) return [];
  const own = await readRacer(store, name);
  const results: RaceResult[] = [];
  for (const other of race) results.push(compareRacers(own, await readRacer(store, other)));
  return results;
}

async function readRacer(store: Pick<Store, 'findRuns'>, drill: string): Promise<Racer> {
  const runs = await store.findRuns({ drill, limit: RUNS });
  const newest = runs.find(({ verdict }) => verdict !== undefined);
  return {
    drill,
    isFailing: newest && newest.verdict === 'failed',
    timings: runs.flatMap(({ verdict, recoveryTimeMs, startedAt, sandbox }) =>
      verdict === 'passed' && recoveryTimeMs !== undefined
        ? [{ at: startedAt, recoveryTimeMs, dataBytes: sandbox?.dataBytes }]
        : [],
    ),
  };
}
