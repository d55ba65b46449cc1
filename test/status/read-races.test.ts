import { expect, it } from 'vitest';
import { readRacesAround } from '../../src/status/read-races.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { drillOf, scheduleOf } from '../daemon/fake-daemon.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { passedRun, runningRun } from '../support/run-records.ts';
import { atHour } from './facts.ts';

const DRILLS = [
  drillOf('physical', scheduleOf('5 12 * * *'), { race: ['dump'] }),
  drillOf('dump', undefined),
  drillOf('other', undefined),
];

async function storeOfBoth() {
  const store = createMemoryStore();
  for (const drill of ['physical', 'dump', 'other']) {
    const definition = JSON.stringify(drill === 'physical' ? { race: ['dump'] } : {});
    await store.claim(runningRun({ id: drill, drill, definition }));
    await store.finish(passedRun({ id: drill, drill, definition }));
  }
  return store;
}

it('a race belongs to both drills, and runs the one without a schedule', async () => {
  const { drills } = await readStandings(await storeOfBoth(), DRILLS, atHour(0));
  const names = drills.map(({ races = [] }) => races.map(({ drill, against }) => `${drill} ${against}`));
  expect(names).toEqual([['physical dump'], ['physical dump'], []]);
  expect(drills.map(({ racedBy }) => racedBy)).toEqual([undefined, 'physical', undefined]);
});

it('a run is shown with the races of its drill, whichever of them names the other', async () => {
  const store = await storeOfBoth();
  const around = async (name: string, own: readonly string[]) =>
    (await readRacesAround(store, name, own)).map(({ drill, against }) => `${drill} ${against}`);
  expect(await around('physical', ['dump'])).toEqual(['physical dump']);
  expect(await around('dump', [])).toEqual(['physical dump']);
  expect(await around('other', [])).toEqual([]);
});
