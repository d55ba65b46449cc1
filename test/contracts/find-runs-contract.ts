import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { RunFilter, Store } from '../../src/record/store.ts';
import { expectCode } from '../support/expect-code.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';

/** How every store finds runs. @param open a new, empty store; called once for each test. */
export function describeFindRunsContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

  describe(`${name} finds runs`, () => {
    test('pages through runs, each once, ordering those of the same instant by id', () =>
      withStore(async (store) => {
        const at = [NOON, NOON, later(1), later(2), later(1)];
        for (const [index, startedAt] of at.entries()) {
          await store.claim(runningRun({ id: `run-${index}`, drill: index === 3 ? 'shop' : 'orders', startedAt }));
        }
        const page = async (filter: { drill?: string }, after?: RunRecord) =>
          store.findRuns({ ...filter, limit: 2, ...(after ? { after } : {}) });
        const first = await page({});
        const second = await page({}, first.at(-1));
        const third = await page({}, second.at(-1));
        const ids = [first, second, third].map((runs) => runs.map(({ id }) => id));
        expect(ids).toStrictEqual([['run-3', 'run-4'], ['run-2', 'run-1'], ['run-0']]);
        expect((await page({ drill: 'orders' }, first.at(0))).map(({ id }) => id)).toStrictEqual(['run-4', 'run-2']);
      }));

    test('finds runs newest first, by drill, up to the limit', () =>
      withStore(async (store) => {
        for (const [id, drill, minutes] of [
          ['1', 'orders', 1],
          ['3', 'orders', 3],
          ['2', 'shop', 2],
          ['4', 'shop', 3],
        ] as const) {
          await store.claim(runningRun({ id, drill, startedAt: later(minutes) }));
        }
        const ids = async (filter: { drill?: string; limit: number }) =>
          (await store.findRuns(filter)).map((run) => run.id);
        expect(await ids({ limit: 10 })).toStrictEqual(['4', '3', '2', '1']);
        expect(await ids({ limit: 2 })).toStrictEqual(['4', '3']);
        expect(await ids({ drill: 'orders', limit: 10 })).toStrictEqual(['3', '1']);
        expect(await ids({ drill: 'nope', limit: 10 })).toStrictEqual([]);
        expect(await store.countMatchingRuns({}, 10)).toBe(4);
        expect(await store.countMatchingRuns({}, 3)).toBe(3);
        expect(await store.countMatchingRuns({ drill: 'orders', since: later(2) }, 10)).toBe(1);
        expect(await store.countMatchingRuns({ states: ['failed'] }, 10)).toBe(0);
        const latest = await store.findLatestRuns();
        expect(latest.map((run) => [run.drill, run.id])).toStrictEqual([
          ['orders', '3'],
          ['shop', '4'],
        ]);
      }));

    test('finds runs by how they ended, and by start time', () =>
      withStore(async (store) => {
        for (const run of [
          passedRun({ id: 'passed', startedAt: later(1) }),
          failedRun({ id: 'failed', startedAt: later(2) }),
          failedRun({ id: 'errored', status: 'errored', verdict: undefined, startedAt: later(3) }),
        ]) {
          await store.claim({ ...run, status: 'running', verdict: undefined });
          await store.finish(run);
        }
        await store.claim(runningRun({ id: 'going', startedAt: later(4) }));
        const ids = async (filter: Partial<RunFilter>) =>
          (await store.findRuns({ limit: 10, ...filter })).map((run) => run.id);
        expect(await ids({ states: ['passed'] })).toStrictEqual(['passed']);
        expect(await ids({ states: ['failed', 'errored'] })).toStrictEqual(['errored', 'failed']);
        expect(await ids({ states: ['running', 'interrupted'] })).toStrictEqual(['going']);
        expect(await ids({ since: later(2) })).toStrictEqual(['going', 'errored', 'failed']);
        expect(await ids({ states: ['passed'], since: later(2) })).toStrictEqual([]);
        expect(await ids({ since: later(2), before: later(4) })).toStrictEqual(['errored', 'failed']);
        await store.claim(runningRun({ id: 'other', owner: 'b', tier: 3, startedAt: later(5) }));
        const trigger = { kind: 'schedule', dueAt: NOON, attempt: 1 } as const;
        await store.claim(runningRun({ id: 'due', owner: undefined, trigger, startedAt: later(6) }));
        expect(await ids({ owner: 'b' })).toStrictEqual(['other']);
        expect(await ids({ tier: 3 })).toStrictEqual(['other']);
        expect(await ids({ trigger: 'schedule' })).toStrictEqual(['due']);
        expect(await ids({ trigger: 'hand', states: ['running'] })).toStrictEqual(['other', 'going']);
      }));

    test('finds the newest run with a verdict, skipping newer ones without', () =>
      withStore(async (store) => {
        for (const run of [
          failedRun({ id: 'older', startedAt: later(1) }),
          failedRun({ id: 'newer', startedAt: later(2) }),
          passedRun({ id: 'other', drill: 'shop', startedAt: later(5) }),
        ]) {
          await store.claim({ ...run, status: 'running', verdict: undefined });
          await store.finish(run);
        }
        await store.claim(runningRun({ id: 'going', startedAt: later(3) }));
        expect((await store.findLatestCompleted('orders'))?.id).toBe('newer');
        expect(await store.findLatestCompleted('nope')).toBeUndefined();
      }));

    test('finds more runs than fit in one query', () =>
      withStore(async (store) => {
        for (let index = 0; index < 503; index += 1) {
          await store.claim(
            runningRun({ id: `run-${String(index).padStart(4, '0')}`, stages: [stageOf('locate', index)] }),
          );
        }
        const runs = await store.findRuns({ limit: 600 });
        expect(runs.map((run) => run.stages[0]?.durationMs)).toStrictEqual(
          Array.from({ length: 503 }, (_, i) => 502 - i),
        );
      }));

    test('finds a run by a unique prefix of its id, and always by its full id', () =>
      withStore(async (store) => {
        for (const id of ['2026-a', '2026-ab', '2026-b', '2026-c%']) await store.claim(runningRun({ id }));
        expect((await store.getRun('2026-b')).id).toBe('2026-b');
        expect((await store.getRun('2026-ab')).id).toBe('2026-ab');
        expect((await store.getRun('2026-a')).id).toBe('2026-a');
        expect((await store.getRun('2026-c')).id).toBe('2026-c%');
        const several = await expectCode('run-not-found', () => store.getRun('2026'));
        expect(several.message).toContain('2026-a, 2026-ab, 2026-b, 2026-c%');
        for (const id of ['', 'x', '%', '2026_']) await expectCode('run-not-found', () => store.getRun(id));
      }));
  });
}
