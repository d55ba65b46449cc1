import { describe, expect, test } from 'vitest';
import type { PastCheck } from '../../src/record/check-record.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { expectCode } from '../support/expect-code.ts';
import { NOON, passedRun } from '../support/run-records.ts';

/** What every store must return of a check's results in earlier runs. */
export function describePastChecksContract(name: string, open: () => Promise<Store>): void {
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

  describe(`${name} finds earlier results of checks`, () => {
    test('finds a check in passed runs of backups up to an instant, newest backup first', async () => {
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
      const filter = { drill: 'orders', check: 'tables', question: undefined, takenUntil: later(5), limit: 5 };
      const found = await store.findPastChecks(filter);
      expect(found.map(({ runId }) => runId)).toEqual(['one', 'older-backup']);
      const { checks } = run('one', 1, 1, 10);
      expect(found[0]).toStrictEqual({ runId: 'one', startedAt: later(1), takenAt: later(1), record: checks[1] });
      expect(await store.findPastChecks({ ...filter, limit: 1 })).toHaveLength(1);
      expect(await store.findPastChecks({ ...filter, check: 'none' })).toEqual([]);
    });

    test('finds results by their question, whatever the name of the check, page by page', async () => {
      await using store = await open();
      const { backup } = passedRun();
      const result = (name: string, question?: string) => ({
        name,
        passed: true,
        expected: '',
        actual: '',
        durationMs: 1,
        ...(question === undefined ? {} : { question }),
      });
      const runs = [
        ['unsaid', result('rows')],
        ['changed', result('rows', 'b')],
        ['renamed', result('counts', 'a')],
        ['both', result('other', 'a'), result('rows', 'a')],
      ] as const;
      for (const [minutes, [id, ...checks]] of runs.entries()) {
        const takenAt = later(minutes);
        await finished(store, passedRun({ id, startedAt: takenAt, checks, backup: backup && { ...backup, takenAt } }));
      }
      const filter = { drill: 'orders', check: 'rows', takenUntil: later(9), limit: 9 };
      const found = async (
        question: string | undefined,
        more: { after?: PastCheck | undefined; limit?: number } = {},
      ) => await store.findPastChecks({ ...filter, question, ...more });
      const named = async (...asked: Parameters<typeof found>) =>
        (await found(...asked)).map(({ runId, record }) => `${runId}: ${record.name}`);
      expect(await named('a')).toEqual(['both: rows', 'both: other', 'renamed: counts', 'unsaid: rows']);
      expect(await named('b')).toEqual(['changed: rows', 'unsaid: rows']);
      expect(await named(undefined)).toEqual(['both: rows', 'changed: rows', 'unsaid: rows']);
      const [first] = await found('a', { limit: 1 });
      expect(await named('a', { after: first, limit: 1 })).toEqual(['renamed: counts']);
      expect(first?.record).toStrictEqual(result('rows', 'a'));
    });

    test('counts an accepted run whatever its verdict, and no longer runs of older backups', async () => {
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
      const acceptance = { at: later(9), by: 'alice', reason: 'archived 2024', recurring: false };
      await store.accept({ runId: 'intended', ...acceptance });
      const found = async (minutes: number) =>
        (
          await store.findPastChecks({
            drill: 'orders',
            check: 'tables',
            question: undefined,
            takenUntil: later(minutes),
            limit: 9,
          })
        ).map(({ runId }) => runId);
      expect(await found(5)).toEqual(['after', 'intended']);
      expect(await found(1)).toEqual(['before']);
      expect(await store.getRun('intended')).toMatchObject({ verdict: 'failed', accepted: acceptance });
      expect((await store.getRun('before')).accepted).toBeUndefined();
      await expectCode('usage', () => store.accept({ runId: 'intended', ...acceptance, by: 'bob' }));
      await store.accept({ ...acceptance, runId: 'failed', reason: 'purged each week', recurring: true });
      expect(await found(5)).toEqual(['after', 'failed', 'intended']);
      expect(await store.getRun('failed')).toMatchObject({ accepted: { recurring: true } });
      await expectCode('run-not-found', () => store.accept({ runId: 'nowhere', ...acceptance }));
    });

    test('stores a long text once, and returns it', async () => {
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
