import { type Expected, ZoneYear } from './expected.ts';
import type { SimulatedYear, World } from './simulate.ts';

/** Errors in a simulated year, over all drills. */
export interface Wrong {
  /** Runs that should have been started but were not. */
  missed: number;
  /** Runs that were started more than once. */
  doubled: number;
  /** Runs that should not have been started, or at another time or in another order. */
  other: number;
  /** Instants that were due and are neither started nor skipped, or both; one drill at a time. */
  untold: number;
  /** From the first drill with an error. */
  example: string | undefined;
}

/** Compares each drill's year with the wall clock of its zone, minute by minute. */
export function compareYear(world: World, year: SimulatedYear): Wrong {
  const wrong: Wrong = { missed: 0, doubled: 0, other: 0, untold: 0, example: undefined };
  const found = year.firings.byDrill(world.drills.length);
  for (const zone of new Set(world.drills.map(({ schedule }) => schedule.timezone))) {
    const drills = world.drills.filter(({ schedule }) => schedule.timezone === zone);
    const times = new Map(drills.map((drill) => [drill.times.cron, drill.times]));
    const zoneYear = new ZoneYear(zone, [...times.values()], world);
    for (const drill of drills) {
      const expected = zoneYear.expect(drill);
      const problem =
        compareRuns(found[drill.index] ?? new Uint32Array(), expected.runs, wrong) ??
        compareTold(year, drill.index, drill.name, expected, wrong);
      if (problem) wrong.example ??= `${drill.name} (${JSON.stringify(drill.schedule)}): ${problem}`;
    }
  }
  return wrong;
}

/** Both as pairs of due and start times. */
function compareRuns(found: Uint32Array, expected: readonly number[], wrong: Wrong): string | undefined {
  if (found.length === expected.length && found.every((second, index) => second === expected[index])) return undefined;
  const starts = new Map<number, number>();
  for (let index = 0; index < found.length; index += 2) {
    const due = found[index] ?? 0;
    if (starts.has(due)) wrong.doubled += 1;
    starts.set(due, found[index + 1] ?? 0);
  }
  const wanted = new Map<number, number>();
  for (let index = 0; index < expected.length; index += 2) wanted.set(expected[index] ?? 0, expected[index + 1] ?? 0);
  for (const due of wanted.keys()) if (!starts.has(due)) wrong.missed += 1;
  for (const [due, start] of starts) if (wanted.get(due) !== start) wrong.other += 1;
  const first = expected.findIndex((second, index) => second !== found[index]);
  const place = first < 0 ? expected.length : first - (first % 2);
  const show = (pair: ArrayLike<number>) =>
    pair[place] === undefined ? 'nothing' : `${formatSecond(pair[place])}, started ${formatSecond(pair[place + 1])}`;
  return `due ${show(found)}; it should be ${show(expected)}`;
}

/** Everything that was due up to the stored instant has been started or skipped, exactly once. */
function compareTold(
  { states, told }: SimulatedYear,
  index: number,
  name: string,
  { dues }: Expected,
  wrong: Wrong,
): string | undefined {
  const untilS = (states.get(name)?.handledUntil?.getTime() ?? 0) / 1000;
  const expected = dues.filter((due) => due <= untilS).length;
  if (told[index] === expected) return undefined;
  wrong.untold += 1;
  return `${told[index]} started or skipped, of ${expected} that were due up to ${formatSecond(untilS)}`;
}

function formatSecond(second: number | undefined): string {
  return new Date((second ?? Number.NaN) * 1000).toISOString();
}
