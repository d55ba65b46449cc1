import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON, passedRun } from '../support/run-records.ts';

/** What every store must know of a check's results in earlier runs. */
export function describePastChecksContract(name: string, open: () => Promise<Store>): void {
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

  describe(`${name} finds earlier results of checks`, () => {
    test('finds a check in runs that passed, of backups up to an instant, newest backup first', async () => {
      await using store = await open();
      const { backup } = passedRun();
      const run = (id: string, minutes: number, takenMinutes: number, rows: number): RunRecord =>
        passedRun({
          id,
          startedAt: later(minutes),
          backup: backup && { ...backup, takenAt: later(takenMinutes) },
          checks: [
            { name: 'other', passed: true, expected: 'x', actual: 'x', durationMs: 1 },
            {
              name: 'tables',
              passed: true,
              expected: 'rows',
              actual: `${rows}`,
              durationMs: 2,
              details: ['public.a: 3 rows'],
              measured: { tables: [['public.a', rows]], 'a "name"': null },
            },
          ],
        });
      await finished(store, run('one', 1, 1, 10));
      await finished(store, run('older-backup', 2, 0, 9));
      await finished(store, run('newer-backup', 3, 9, 90));
      await finished(store, { ...run('failed', 4, 2, 1), verdict: 'failed' });
      await finished(store, { ...run('elsewhere', 5, 2, 1), drill: 'shop' });
      const filter = { drill: 'orders', check: 'tables', takenUntil: later(5), limit: 5 };
      const found = await store.findPastChecks(filter);
      expect(found.map(({ runId }) => runId)).toEqual(['one', 'older-backup']);
      const { checks } = run('one', 1, 1, 10);
      expect(found[0]).toStrictEqual({ runId: 'one', startedAt: later(1), takenAt: later(1), record: checks[1] });
      expect(await store.findPastChecks({ ...filter, limit: 1 })).toHaveLength(1);
      expect(await store.findPastChecks({ ...filter, check: 'none' })).toEqual([]);
    });
  });
}

async function finished(store: Store, run: RunRecord): Promise<void> {
  await store.claim({ ...run, status: 'running', verdict: undefined });
  await store.finish(run);
}
