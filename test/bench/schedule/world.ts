import { type BenchDrill, makeDrills, ZONES } from './drills.ts';
import { drawFor } from './random.ts';
import type { World } from './simulate.ts';
import { makeStandstills } from './standstills.ts';

/** A year with every kind of clock change. */
export function makeWorld(drillCount: number, seed: number, zones: readonly string[] = ZONES): World {
  const [startMs, endMs] = [Date.UTC(2026, 0), Date.UTC(2027, 0)];
  return {
    drills: makeDrills(drillCount, seed, zones),
    startMs,
    endMs,
    standstills: makeStandstills(startMs, endMs, seed),
    delayOf,
  };
}

/** Of a hundred runs, five wait up to ten minutes for a slot, and one up to five hours. */
function delayOf({ index }: BenchDrill, dueMs: number): number {
  const draw = drawFor(index, dueMs / 1000);
  if (draw < 0.94) return 0;
  const longestS = draw < 0.99 ? 600 : 18_000;
  return 1000 * Math.ceil(longestS * drawFor(dueMs / 1000, index));
}
