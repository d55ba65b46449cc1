import { expect, it } from 'vitest';
import { compareYear } from './compare.ts';
import { simulateYear } from './simulate.ts';
import { makeWorld } from './world.ts';

/** Clock changes in the north, in the south by half an hour, and for Ramadan: each zone takes half a second to process. */
const SAMPLE = ['America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca'];

it('a year of a hundred drills has no missed and no duplicate runs, through clock changes, outages and restarts', () => {
  const world = makeWorld(100, 7, SAMPLE);
  const year = simulateYear(world, { ticked: () => undefined, restarted: () => undefined });
  expect(compareYear(world, year)).toEqual({ missed: 0, doubled: 0, other: 0, untold: 0, example: undefined });
  expect(year.firings.count).toBeGreaterThan(50_000);
  expect([...year.skipped.keys()].sort()).toEqual(['freeze', 'missed', 'superseded', 'window']);
});
