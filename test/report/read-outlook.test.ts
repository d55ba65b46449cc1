import { expect, it } from 'vitest';
import { readOutlook, sumOutlooks } from '../../src/report/read-outlook.ts';
import { drillOf, record, runAt } from '../dashboard/fake-drills.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { NOON } from '../support/run-records.ts';

const DAY_MS = 86_400_000;

it('says which drill will exceed its RTO, and how many of all runs met their objectives', async () => {
  const store = createMemoryStore();
  const nights = Array.from({ length: 21 }, (_, index) => 20 - index);
  const runOf = (drill: string, night: number, minutes: number) => {
    const run = runAt(drill, night * 24 + 8, minutes, night === 20 ? { verdict: 'failed' } : {});
    const takenAt = new Date(NOON.getTime() - night * DAY_MS - 9 * 3_600_000);
    return { ...run, backup: run.backup && { ...run.backup, takenAt } };
  };
  for (const night of nights) await record(store, [runOf('growing', night, 8 + (20 - night) * 0.2)]);
  for (const night of nights) await record(store, [runOf('steady', night, 4)]);
  const period = { from: new Date(NOON.getTime() - 90 * DAY_MS), to: NOON, zone: 'UTC' };
  const read = (name: string) => readOutlook(store, name, drillOf(name), { asOf: NOON, period });
  const [growing, steady] = [await read('growing'), await read('steady')];
  expect(growing.breach?.at?.getTime()).toBeGreaterThan(NOON.getTime());
  expect(growing.breach?.sentence).toContain('will take longer than its target of 15 min around');
  expect(steady.breach).toBeUndefined();
  const { attained, missed, budget, targetShare } = sumOutlooks([growing, steady]);
  expect({ attained, missed, targetShare }).toEqual({ attained: 40, missed: 2, targetShare: 0.95 });
  expect(budget.remainingShare).toBeCloseTo(1 - 2 / 2.1);
  expect(sumOutlooks([]).share).toBeUndefined();
});
