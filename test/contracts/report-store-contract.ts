import { describe, expect, test } from 'vitest';
import { NO_TOTALS } from '../../src/record/report-store.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { findExpired } from '../../src/run/clean-up.ts';
import { factOf } from '../support/memory-reports.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';

/** What every store must return for reports. @param open a new, empty store; called once for each test. */
export function describeReportContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  const hour = (hours: number) => new Date(NOON.getTime() + hours * 3_600_000);
  const range = (fromHour: number, toHour: number, drill = 'orders') => {
    return { drill, fromMs: hour(fromHour).getTime(), toMs: hour(toHour).getTime() };
  };

  describe(`${name} provides the facts for reports`, () => {
    test('stores one complete fact for every kind of ending', () =>
      withStore(async (store) => {
        const { sandbox, backup } = passedRun();
        const runs: RunRecord[] = [
          passedRun({
            id: 'passed',
            warnings: ['tight', 'old'],
            trigger: { kind: 'schedule', dueAt: NOON, attempt: 2 },
          }),
          failedRun({
            id: 'failed',
            reasons: (['too-slow', 'wrong-data', 'wrong-data'] as const).map((reason) => {
              return { reason, sentence: reason, hint: undefined };
            }),
            checks: [true, true, false].map((passed, index) => {
              return { name: String(index), passed, expected: '1', actual: '2', durationMs: 1 };
            }),
            tier: undefined,
            owner: undefined,
            sandbox: sandbox && { ...sandbox, runtime: 'local', serverVersion: undefined, removed: false },
            leaseOwner: '0123456789ab/boot/1/1',
          }),
          passedRun({
            id: 'errored',
            status: 'errored',
            verdict: undefined,
            error: { code: 'disk-full', stage: 'restore', message: 'm', hint: undefined, details: [] },
            recoveryTimeMs: undefined,
            dataLossMs: undefined,
            stages: [stageOf('locate', 1.5), stageOf('restore', 2), stageOf('restore', 0.25)],
            checks: [],
            backup: backup && { ...backup, takenAt: hour(-9) },
            sandbox: undefined,
            trigger: { kind: 'new-backup', dueAt: NOON, attempt: 1 },
          }),
          passedRun({
            id: 'none',
            stages: [],
            backup: undefined,
            sandbox: undefined,
            objectives: { ...passedRun().objectives, rpoMs: undefined },
          }),
        ].map((run, index) => ({ ...run, startedAt: hour(index) }));
        for (const run of runs) await finished(store, run);
        const facts = await store.findFacts(range(0, 24));
        expect(facts).toStrictEqual(runs.map(factOf));
        expect(facts[1]).toMatchObject({ outcome: 'failed', reasons: ['wrong-data', 'too-slow'], checksFailed: 1 });
        expect(facts[1]?.environment?.host).toBe('a container');
        expect(facts[2]?.stagesMs).toMatchObject({ locate: 1.5, restore: 2.25, verify: undefined });
      }));

    test('has no fact for a run in progress, but one for an interrupted run', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'on', leaseExpiresAt: hour(9) }));
        await store.claim(runningRun({ id: 'off', leaseExpiresAt: hour(1) }));
        expect(await store.findFacts(range(0, 24))).toStrictEqual([]);
        await store.addStage('off', stageOf('locate', 7));
        const marked = await store.interruptAbandoned(hour(2), (lease) => findExpired(lease, hour(2)));
        expect(await store.findFacts(range(0, 24))).toStrictEqual(marked.map(factOf));
        expect(await store.findFacts(range(0, 24))).toMatchObject([
          { runId: 'off', outcome: 'interrupted', errorCode: 'interrupted', stagesMs: { locate: 7 } },
        ]);
        expect(await store.getFactDrills()).toStrictEqual(['orders']);
      }));

    test('returns a range of one drill by start time, excluding its end, oldest first', () =>
      withStore(async (store) => {
        for (const at of [3, 1, 2, 0])
          await finished(store, passedRun({ id: `o${at}`, startedAt: hour(at), recoveryTimeMs: at }));
        await finished(store, passedRun({ id: 'shop', drill: 'shop', startedAt: hour(1) }));
        await finished(store, failedRun({ id: 'lost', startedAt: hour(2.5), recoveryTimeMs: undefined }));
        expect(ids(await store.findFacts(range(1, 3)))).toStrictEqual(['o1', 'o2', 'lost']);
        expect(await store.findRecoveryTimes(range(1, 4))).toStrictEqual([1, 2, 3]);
        expect(await store.findFacts(range(1, 3, 'nope'))).toStrictEqual([]);
        expect(await store.findRecoveryTimes(range(1, 3, 'nope'))).toStrictEqual([]);
        expect(await store.getFactDrills()).toStrictEqual(['orders', 'shop']);
      }));

    test('counts the runs of a range, each against the objectives at the time', () =>
      withStore(async (store) => {
        const { objectives } = passedRun();
        const lax = { ...objectives, rtoMs: 4000 };
        const reasons = [{ reason: 'wrong-data' as const, sentence: 's', hint: undefined }];
        for (const run of [
          passedRun({ id: 'old', startedAt: hour(0) }),
          passedRun({ id: 'slow', startedAt: hour(1), recoveryTimeMs: 4001, objectives: lax }),
          passedRun({ id: 'fast', startedAt: hour(2), recoveryTimeMs: 4000, objectives: lax }),
          passedRun({ id: 'no-rpo', startedAt: hour(3), objectives: { ...objectives, rpoMs: undefined } }),
          failedRun({ id: 'wrong', startedAt: hour(4), recoveryTimeMs: undefined, reasons }),
          passedRun({
            id: 'broken',
            startedAt: hour(5),
            status: 'errored',
            verdict: undefined,
            recoveryTimeMs: undefined,
          }),
        ])
          await finished(store, run);
        expect(await store.getTotals(range(1, 6))).toStrictEqual({
          runs: 5,
          judged: 4,
          passed: 3,
          withinRto: 2,
          withRpo: 3,
          withinRpo: 3,
          rightData: 3,
          lastVerdict: 'failed',
        });
        expect(await store.getTotals(range(0, 4))).toMatchObject({ runs: 4, lastVerdict: 'passed' });
        expect(await store.getTotals(range(5, 6))).toMatchObject({ runs: 1, judged: 0, lastVerdict: undefined });
        expect(await store.getTotals(range(0, 9, 'nope'))).toStrictEqual(NO_TOTALS);
        expect(await store.getTotals(range(8, 9))).toStrictEqual(NO_TOTALS);
      }));

    test('spreads a sample over its range, and always returns the same sample', () =>
      withStore(async (store) => {
        for (let at = 0; at < 120; at += 1) {
          await finished(store, passedRun({ id: `o${at}`, startedAt: hour(at), recoveryTimeMs: at }));
        }
        const quarter = { ...range(0, 120), share: 0.25 };
        const facts = await store.findFacts(quarter);
        expect(facts.length).toBeGreaterThanOrEqual(24);
        expect(facts.length).toBeLessThanOrEqual(36);
        const gaps = facts.map(({ startedMs }, index) => startedMs - (facts[index - 1]?.startedMs ?? NOON.getTime()));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(12 * 3_600_000);
        expect(Math.min(...gaps.slice(1))).toBeGreaterThan(0);
        expect(await store.findFacts(quarter)).toStrictEqual(facts);
        expect(await store.findRecoveryTimes(quarter)).toStrictEqual(facts.map(({ recoveryTimeMs }) => recoveryTimeMs));
        expect(await store.findFacts({ ...quarter, share: 1 })).toHaveLength(120);
      }));

    test('finds the newest facts before an instant, for every drill at once', () =>
      withStore(async (store) => {
        for (let at = 0; at < 5; at += 1) await finished(store, passedRun({ id: `o${at}`, startedAt: hour(at) }));
        for (const id of ['s1', 's2', 's3'])
          await finished(store, passedRun({ id, drill: 'shop', startedAt: hour(1) }));
        const orders = { drill: 'orders', limit: 2 };
        expect(ids(await store.findNewestFacts(orders))).toStrictEqual(['o4', 'o3']);
        expect(ids(await store.findNewestFacts({ ...orders, beforeMs: hour(3).getTime() }))).toStrictEqual([
          'o2',
          'o1',
        ]);
        expect(await store.findNewestFacts({ ...orders, drill: 'nope' })).toStrictEqual([]);
        expect(ids(await store.findRecentFacts(2))).toStrictEqual(['o3', 'o4', 's2', 's3']);
        expect(ids(await store.findRecentFacts(9))).toHaveLength(8);
      }));

    test('shows every fact once to a reader that follows the cursor while runs end', () =>
      withStore(async (store) => {
        const ids = Array.from({ length: 12 }, (_, index) => `run-${index}`);
        for (const id of ids) await store.claim(runningRun({ id }));
        let { cursor } = await store.findFactsSince(undefined, 0);
        const seen: string[] = [];
        const read = async () => {
          const next = await store.findFactsSince(cursor, 3);
          cursor = next.cursor;
          seen.push(...next.facts.map(({ runId }) => runId));
          return next.facts.length;
        };
        const ending = Promise.all(ids.map((id) => store.finish(passedRun({ id }))));
        for (let turn = 0; turn < 4; turn += 1) await read();
        await ending;
        while ((await read()) > 0);
        expect(seen.toSorted()).toStrictEqual(ids.toSorted());
      }));

    test('returns each fact once per cursor, in the order in which runs ended', () =>
      withStore(async (store) => {
        await finished(store, passedRun({ id: 'before' }));
        const { cursor, facts } = await store.findFactsSince(undefined, 10);
        expect(facts).toStrictEqual([]);
        expect(await store.findFactsSince(cursor, 10)).toStrictEqual({ cursor, facts: [] });
        for (const [id, at] of [
          ['c', 3],
          ['a', 1],
          ['b', 2],
        ] as const)
          await finished(store, passedRun({ id, startedAt: hour(at) }));
        const some = await store.findFactsSince(cursor, 2);
        expect(ids(some.facts)).toStrictEqual(['c', 'a']);
        const rest = await store.findFactsSince(some.cursor, 2);
        expect(ids(rest.facts)).toStrictEqual(['b']);
        expect(await store.findFactsSince(rest.cursor, 2)).toStrictEqual({ cursor: rest.cursor, facts: [] });
      }));

    test('returns what was open when a period began, and what followed', () =>
      withStore(async (store) => {
        expect(Object.values(await store.getEdges(range(4, 6)))).toStrictEqual(Array(8).fill(undefined));
        for (const [at, outcome] of [...'pfefeipef'].entries())
          await finished(store, endedRun(`r${at}`, outcome, hour(at)));
        const edges = async (from: number, to: number) => {
          const found = Object.entries(await store.getEdges(range(from, to)));
          return Object.fromEntries(found.map(([edge, fact]) => [edge, fact?.runId]));
        };
        // p0 f1 e2 f3 e4 i5 p6 e7 f8
        expect(await edges(4, 5)).toStrictEqual({
          firstRun: 'r0',
          failingSince: 'r1',
          brokenSince: undefined,
          lastRun: 'r4',
          lastVerdict: 'r3',
          lastPass: 'r0',
          nextVerdict: 'r6',
          nextPass: 'r6',
        });
        expect(await edges(6, 7)).toMatchObject({
          failingSince: 'r1',
          brokenSince: 'r4',
          lastPass: 'r6',
          nextVerdict: 'r8',
          nextPass: undefined,
        });
        expect(await edges(8, 9)).toMatchObject({
          failingSince: undefined,
          brokenSince: 'r7',
          lastRun: 'r8',
          nextVerdict: undefined,
        });
        expect(await edges(1, 1)).toMatchObject({
          failingSince: undefined,
          lastRun: 'r0',
          nextVerdict: 'r1',
          nextPass: 'r6',
        });
      }));

    test('keeps every reason, separately from the number of attempts', () =>
      withStore(async (store) => {
        const reasons = [{ reason: 'unprotected', sentence: 'not locked', hint: undefined }] as const;
        await finished(store, failedRun({ reasons, trigger: { kind: 'schedule', dueAt: NOON, attempt: 2 } }));
        expect(await store.findFacts(range(0, 24))).toMatchObject([{ reasons: ['unprotected'], attempt: 2 }]);
      }));

    test('finds endings and whole runs by id', async () => {
      await withStore(async (store) => {
        const failed = failedRun({ id: 'failed' });
        await finished(store, {
          ...failed,
          reasons: failed.reasons.map((reason) => ({ ...reason, sentence: 'too few' })),
        });
        const error = { code: 'disk-full', stage: 'restore', message: 'm', hint: undefined, details: [] } as const;
        await finished(store, passedRun({ id: 'errored', status: 'errored', verdict: undefined, error }));
        expect(await store.findEndings(['errored', 'nope', 'failed'])).toStrictEqual([
          { runId: 'errored', sentences: [], error: { code: 'disk-full', message: 'm' } },
          { runId: 'failed', sentences: ['too few'], error: undefined },
        ]);
        expect((await store.getRuns(['failed', 'nope', 'errored'])).map(({ id }) => id)).toStrictEqual([
          'failed',
          'errored',
        ]);
        expect(await store.findEndings([])).toStrictEqual([]);
      });
    });
  });
}

function endedRun(id: string, outcome: string, startedAt: Date): RunRecord {
  const changes = { id, startedAt, endedAt: startedAt };
  if (outcome === 'p') return passedRun(changes);
  if (outcome === 'f') return failedRun(changes);
  return passedRun({ ...changes, status: outcome === 'e' ? 'errored' : 'interrupted', verdict: undefined });
}

function ids(facts: readonly { readonly runId: string }[]): readonly string[] {
  return facts.map(({ runId }) => runId);
}

async function finished(store: Store, run: RunRecord): Promise<void> {
  await store.claim({ ...run, status: 'running', verdict: undefined });
  await store.finish(run);
}
