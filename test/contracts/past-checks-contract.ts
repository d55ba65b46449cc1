import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { expectCode } from '../support/expect-code.ts';
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

    test('an accepted run counts whatever its verdict, and runs of older backups no longer do', async () => {
      await using store = await open();
      const { backup } = passedRun();
      const checks = [{ name: 'tables', passed: true, expected: '', actual: '', durationMs: 1, measured: { a: 1 } }];
      const run = (id: string, minutes: number, verdict: RunRecord['verdict']): RunRecord => {
        const takenAt = later(minutes);
        return passedRun({ id, startedAt: takenAt, verdict, checks, backup: backup && { ...backup, takenAt } });
      };
      for (const [id, minutes, verdict] of [
        ['before', 1, 'passed'],
        ['intended', 2, 'failed'],
        ['failed', 3, 'failed'],
        ['after', 4, 'passed'],
      ] as const) {
        await finished(store, run(id, minutes, verdict));
      }
      const acceptance = { at: later(9), by: 'alice', reason: 'archived 2024' };
      await store.accept({ runId: 'intended', ...acceptance });
      const found = async (minutes: number) =>
        (await store.findPastChecks({ drill: 'orders', check: 'tables', takenUntil: later(minutes), limit: 9 })).map(
          ({ runId }) => runId,
        );
      expect(await found(5)).toEqual(['after', 'intended']);
      expect(await found(1)).toEqual(['before']);
      expect(await store.getRun('intended')).toMatchObject({ verdict: 'failed', accepted: acceptance });
      expect((await store.getRun('before')).accepted).toBeUndefined();
      await expectCode('usage', () => store.accept({ runId: 'intended', ...acceptance, by: 'bob' }));
      await expectCode('run-not-found', () => store.accept({ runId: 'nowhere', ...acceptance }));
    });

    test('keeps a long text once, and gives it back', async () => {
      await using store = await open();
      const text = `["table","öffentlich.t"]\n`.repeat(5000);
      const id = await store.keepSnapshot(text);
      expect(await store.keepSnapshot(text)).toBe(id);
      expect(await store.keepSnapshot('')).not.toBe(id);
      expect(await store.getSnapshot(id)).toBe(text);
      expect(await store.getSnapshot('none')).toBeUndefined();
    });
  });
}

async function finished(store: Store, run: RunRecord): Promise<void> {
  await store.claim({ ...run, status: 'running', verdict: undefined });
  await store.finish(run);
}
