import type { Drill } from '../config/drill-file.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import { compareRacers, type Racer } from './race.ts';
import type { RaceResult } from './race-result.ts';

/** How many of a drill's newest runs are read. */
const RUNS = 50;

/** Compares a drill with those that it races with, using recorded runs. @returns none for a drill without `race`. */
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

/**
 * The same for one run's drill, and for the drills that race with it according to their newest runs.
 * @param own the drills that it races with.
 */
export async function readRacesAround(
  store: Pick<Store, 'findRuns' | 'findLatestRuns'>,
  name: string,
  own: readonly string[],
): Promise<readonly RaceResult[]> {
  const others = (await store.findLatestRuns()).filter(
    (run) => run.drill !== name && !own.includes(run.drill) && racedIn(run).includes(name),
  );
  const reversed = await Promise.all(others.map(({ drill }) => readRaces(store, { name: drill, race: [name] })));
  return [...(await readRaces(store, { name, race: own })), ...reversed.flat()];
}

/** The drills that a run's drill raced with, according to its definition at the time. */
export function racedIn({ definition }: Pick<RunRecord, 'definition'>): readonly string[] {
  const { race } = JSON.parse(definition) as { readonly race?: readonly string[] };
  return race ?? [];
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
