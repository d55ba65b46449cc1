import { expect, test } from 'vitest';
import { formatRaces, readRacesOf } from '../../src/cli/race.ts';
import type { Drill } from '../../src/config/drill-file.ts';

const drill = (name: string, ...race: readonly string[]) => ({ name, race }) as unknown as Drill;
const store = { findRuns: async () => [] };

test('two drills that name each other are compared once', async () => {
  const races = await readRacesOf(store, [drill('a', 'b', 'c'), drill('b', 'a'), drill('c')]);
  expect(races.map(({ drill: name, against }) => [name, against])).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
  expect(formatRaces(races, (_style, text) => text)).toEqual([
    'race: needs a passed run of a and of b',
    'race: needs a passed run of a and of c',
  ]);
});
