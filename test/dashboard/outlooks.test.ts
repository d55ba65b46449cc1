import { expect, it } from 'vitest';
import { Outlooks } from '../../src/dashboard/outlooks.ts';
import { readStandings } from '../../src/status/read-standings.ts';
import { FakeDashboard } from './fake-dashboard.ts';

const NONE = { tallies: [], breach: undefined };

it('outlooks are read in the background, once for each version of a drill', async () => {
  const { store, drills, now } = await new FakeDashboard().fill();
  const standings = (await readStandings(store, drills, now)).drills;
  const read: string[] = [];
  let version = 1;
  const errors: unknown[] = [];
  const outlooks = new Outlooks(
    {
      reports: {
        readOutlook: async (drill) => {
          read.push(drill);
          if (drill === 'ledger' && version === 3) throw new Error('the disk is gone');
          return NONE;
        },
      },
      onError: (error) => errors.push(error),
    },
    ({ drill }) => (drill.name === 'ledger' ? `${version}` : ''),
  );
  expect(outlooks.of('shop')).toBeUndefined();
  for (const expected of [drills.map(({ name }) => name), [], ['ledger'], ['ledger']]) {
    outlooks.prepare(standings);
    await outlooks.settled();
    expect(read.splice(0)).toEqual(expected);
    version = expected.length === 0 ? 2 : expected.length === 1 ? 3 : version;
  }
  expect(outlooks.of('ledger')).toBe(NONE); // that of the previous version
  expect(errors).toEqual([new Error('the disk is gone')]);
});
