import type { Drill } from '../config/drill-file.ts';
import { findDrillsNear } from '../config/find-drills.ts';
import { loadDrills } from '../config/load-drills.ts';
import type { Settings } from '../config/settings.ts';
import type { Store } from '../record/store.ts';
import type { RaceResult } from '../status/race-result.ts';
import { readRaces } from '../status/read-races.ts';
import { type Paint, printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * The drills, each followed by those that it races with, so that both run under the same conditions.
 * @throws like `loadDrills`.
 */
export async function withRaced(
  tools: Toolbox,
  settings: Settings,
  drills: readonly Drill[],
): Promise<readonly Drill[]> {
  const options = tools.loadOptions(settings);
  const chosen = new Map<string, Drill>();
  const named = new Map(drills.map((drill) => [drill.name, drill]));
  for (const drill of drills) {
    chosen.set(drill.name, drill);
    for (const name of drill.race ?? []) {
      const others = named.has(name) ? [] : await loadDrills(await findDrillsNear(drill.file, name, options), options);
      for (const other of others) chosen.set(other.name, other);
    }
  }
  return [...chosen.values()];
}

/** Race results from history, for drills that race; once for two that name each other. */
export async function readRacesOf(
  store: Pick<Store, 'findRuns'>,
  drills: readonly Drill[],
): Promise<readonly RaceResult[]> {
  const races = (await Promise.all(drills.map((drill) => readRaces(store, drill)))).flat();
  const pairs = races.map(({ drill, against }) => [drill, against].sort().join(' '));
  return races.filter((_race, index) => pairs.indexOf(pairs[index] ?? '') === index);
}

/** `race: orders-physical recovers first: …`, followed by what happens as the data grows. */
export function formatRaces(races: readonly RaceResult[], paint: Paint): string[] {
  return races.flatMap(({ sentences: [first, growth] }) => [
    `${paint('bold', 'race')}: ${printable(first)}`,
    ...(growth === undefined ? [] : [`  ${printable(growth)}`]),
  ]);
}
