import { describe, expect, test } from 'vitest';
import type { PhaseRecord, RunRecord } from '../../src/record/run-record.ts';
import { type LogLine, RunEndedError, type Store } from '../../src/record/store.ts';
import { findExpired } from '../../src/run/clean-up.ts';
import { expectCode } from '../support/expect-code.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';
import { describeAccessContract } from './access-store-contract.ts';
import { describeAcknowledgementContract } from './acknowledgement-store-contract.ts';
import { describeBudgetContract } from './budget-contract.ts';
import { describeDiscoveryContract } from './discovery-store-contract.ts';
import { describeFindRunsContract } from './find-runs-contract.ts';
import { describeLiveContract } from './live-store-contract.ts';
import { describeNotificationStoreContract } from './notification-store-contract.ts';
import { describePastChecksContract } from './past-checks-contract.ts';
import { describeReportContract } from './report-store-contract.ts';
import { describeRequestContract } from './request-store-contract.ts';
import { describeScheduleContract } from './schedule-store-contract.ts';
import { describeSilenceContract } from './silence-store-contract.ts';

/** What every store must do, including the fake. @param open a new, empty store; called once for each test. */
export function describeStoreContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  describeScheduleContract(name, open);
  describeBudgetContract(name, open);
  describeNotificationStoreContract(name, open);
  describeAccessContract(name, open);
  describeAcknowledgementContract(name, open);
  describeSilenceContract(name, open);
  describeReportContract(name, open);
  describePastChecksContract(name, open);
  describeDiscoveryContract(name, open);
  describeRequestContract(name, open);
  describeFindRunsContract(name, open);
  describeLiveContract(name, open);
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

  describe(`${name} keeps the store's contract`, () => {
    test('finds a claimed run as running, complete', () =>
      withStore(async (store) => {
        const run = runningRun({ stages: [stageOf('locate', 1)], warnings: ['tight'] });
        await store.claim(run);
        expect(await store.getRun(run.id)).toStrictEqual(run);
        expect(await store.findRuns({ limit: 10 })).toStrictEqual([run]);
      }));

    test('reports that it is available when it exists and is not locked', () =>
      withStore(async (store) => {
        await store.claim(runningRun());
        expect(await store.check()).toBeUndefined();
      }));

    test('reads a finished run back as written', () =>
      withStore(async (store) => {
        const failed = failedRun({
          error: { code: 'restore-failed', stage: 'restore', message: 'm', hint: undefined, details: ['a', 'b'] },
          restoreErrors: ['ERROR: x'],
          restoreErrorCount: 1,
        });
        for (const run of [passedRun({ id: 'a' }), { ...failed, id: 'b' }]) {
          await store.claim(runningRun({ id: run.id }));
          await store.finish(run);
          expect(await store.getRun(run.id)).toStrictEqual(run);
        }
      }));

    test('replaces the stages added so far when a run finishes', () =>
      withStore(async (store) => {
        await store.claim(runningRun());
        await store.addStage(runningRun().id, stageOf('locate', 5));
        await store.finish(passedRun());
        expect((await store.getRun(passedRun().id)).stages).toStrictEqual(passedRun().stages);
      }));

    test('refuses to finish, claim or extend a finished run, or to add stages to it', () =>
      withStore(async (store) => {
        await finished(store, passedRun());
        const { id } = passedRun();
        await expectCode('store-failed', () => store.claim(runningRun()));
        await expect(store.finish(failedRun())).rejects.toThrow(RunEndedError);
        await expect(store.addStage(id, stageOf('verify', 1))).rejects.toThrow(RunEndedError);
        await expect(store.extendLease(id, later(60))).rejects.toThrow(RunEndedError);
        expect(await store.getRun(id)).toStrictEqual(passedRun());
      }));

    test('refuses data for a run that was never claimed', () =>
      withStore(async (store) => {
        await expectCode('store-failed', () => store.finish(passedRun()));
        await expectCode('store-failed', () => store.addStage('nope', stageOf('verify', 1)));
        await expectCode('store-failed', () => store.addLog('nope', [line('x')]));
        await expectCode('store-failed', () => store.extendLease('nope', later(60)));
        expect(await store.findRuns({ limit: 1 })).toStrictEqual([]);
      }));

    test('claims a run as running, and ends it with another status', () =>
      withStore(async (store) => {
        await expectCode('store-failed', () => store.claim(passedRun()));
        await store.claim(runningRun());
        await expectCode('store-failed', () => store.finish(runningRun()));
      }));

    test('keeps log lines in order across batches, including those after the end', () =>
      withStore(async (store) => {
        const { id } = runningRun();
        await store.claim(runningRun());
        await store.addLog(id, []);
        const many = Array.from({ length: 2500 }, (_, index) => line(`line ${index}`));
        await store.addLog(id, many);
        await store.finish(passedRun());
        await store.addLog(id, [line('told slack')]);
        expect(await store.getLog(id)).toStrictEqual([...many, line('told slack')]);
        expect(await store.getLog(id, 2500)).toStrictEqual([line('told slack')]);
        expect(await store.getLog(id, 2501)).toStrictEqual([]);
        expect(await store.getLog('nope')).toStrictEqual([]);
      }));

    test('interrupts only runs with an expired lease or a dead owner, once, with their timeline', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'expired', leaseExpiresAt: later(5) }));
        await store.addStage('expired', stageOf('locate', 5));
        await store.addLog('expired', [line('went on')]);
        await store.claim(runningRun({ id: 'dead', leaseOwner: 'host/boot/7/7', leaseExpiresAt: later(60) }));
        await store.claim(runningRun({ id: 'alive', leaseExpiresAt: later(60) }));
        await store.claim(runningRun({ id: 'extended', leaseExpiresAt: later(5), leaseBeatMs: 5000 }));
        await store.extendLease('extended', later(60));
        await finished(store, passedRun({ id: 'done', leaseExpiresAt: later(5) }));

        expect((await store.findLeases()).map(({ runId, beatMs }) => [runId, beatMs])).toStrictEqual([
          ['alive', undefined],
          ['dead', undefined],
          ['expired', undefined],
          ['extended', 5000],
        ]);
        const marked = await store.interruptAbandoned(later(5), ({ owner, expiresAt }) => {
          if (owner === 'host/boot/7/7') return 'gone';
          return expiresAt <= later(5) ? 'expired' : undefined;
        });
        expect(marked.map((run) => run.id).toSorted()).toStrictEqual(['dead', 'expired']);
        const expired = await store.getRun('expired');
        expect(expired).toStrictEqual(marked.find((run) => run.id === 'expired'));
        expect(expired).toMatchObject({ status: 'interrupted', verdict: undefined, endedAt: later(5) });
        expect(expired.error).toMatchObject({ code: 'interrupted', stage: 'plan' });
        expect(expired.stages).toStrictEqual([stageOf('locate', 5)]);
        expect(await store.getLog('expired')).toStrictEqual([line('went on')]);
        expect((await store.getRun('dead')).error?.message).toBe(
          'process 7 on host that ran it is gone; no stage had ended',
        );
        expect((await store.getRun('alive')).status).toBe('running');
        expect((await store.getRun('extended')).status).toBe('running');
        expect((await store.getRun('done')).verdict).toBe('passed');
        expect(await store.interruptAbandoned(later(5), (lease) => findExpired(lease, later(5)))).toStrictEqual([]);
        await expectCode('store-failed', () => store.finish(passedRun({ id: 'expired' })));
      }));

    test('finds what runs with the recovery identity showed for each drill', () =>
      withStore(async (store) => {
        const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);
        const recovery = (keys: readonly string[]) => ({ name: 'recovery', keys, principal: undefined }) as const;
        const plain = { verdict: 'passed', identity: recovery([]) } as const;
        const keyWrong = { code: 'key-wrong', stage: 'locate', message: 'no', hint: undefined, details: [] } as const;
        const broken = { status: 'errored', verdict: undefined, error: keyWrong, identity: recovery([]) } as const;
        for (const [minutes, id, changes] of [
          [1, 'own', {}],
          [2, 'with-key', { identity: recovery(['age1orders']) }],
          [3, 'plain', plain],
          [4, 'wrong', broken],
          [5, 'canceled', { status: 'interrupted', verdict: undefined, identity: recovery([]) }],
          [6, 'shop', { ...broken, drill: 'shop' }],
          [7, 'old', { drill: 'old', identity: undefined }],
        ] as const) {
          const run = passedRun({ id, startedAt: later(minutes), ...changes });
          await store.claim(runningRun({ id, startedAt: later(minutes), drill: run.drill }));
          await store.finish(run);
        }
        await store.claim(runningRun({ id: 'running', startedAt: later(9), identity: recovery([]) }));
        const shown = (await store.findRecoveryProofs()).map(({ drill, newest, passed, passedWithKey }) => {
          return [drill, newest, passed?.runId, passedWithKey?.runId];
        });
        const newest = { status: 'errored', verdict: undefined, errorCode: 'key-wrong' };
        expect(shown).toStrictEqual([
          ['orders', { ...newest, runId: 'wrong', startedAt: later(4) }, 'plain', 'with-key'],
          ['shop', { ...newest, runId: 'shop', startedAt: later(6) }, undefined, undefined],
        ]);
      }));

    test('computes the baseline as the median of the last ten passed runs', () =>
      withStore(async (store) => {
        expect(await store.getBaseline('orders')).toBeUndefined();
        const base = passedRun();
        for (let index = 0; index < 12; index += 1) {
          const restoreMs = 1000 * (index + 1);
          const sizeBytes = 2 * restoreMs * (index + 1);
          const expansion = [9, 9, 2, 3.5][index] ?? 2;
          await finished(store, {
            ...base,
            id: `run-${String(index).padStart(2, '0')}`,
            startedAt: later(index),
            recoveryTimeMs: restoreMs + 500,
            stages: [stageOf('locate', 500), stageOf('restore', restoreMs, 'ok', [fetched(100 * index)])],
            ...(index < 6 && { replay: REPLAY }),
            backup: base.backup && { ...base.backup, sizeBytes },
            sandbox: base.sandbox && { ...base.sandbox, dataBytes: index === 11 ? undefined : sizeBytes * expansion },
          });
        }
        await finished(store, failedRun({ id: 'slow', recoveryTimeMs: 1e9, startedAt: later(60) }));
        await store.claim(runningRun({ id: 'now', startedAt: later(61) }));
        // Runs 2 to 11: restores of 3 s to 12 s at 6 kB/s to 24 kB/s.
        const baseline = await store.getBaseline('orders');
        expect(baseline?.timings.map(({ stages }) => stages.map(({ durationMs }) => durationMs)).slice(0, 2)).toEqual([
          [500, 12_000],
          [500, 11_000],
        ]);
        expect(baseline).toMatchObject({
          runs: 10,
          medianRecoveryTimeMs: 8000,
          medianRestoreBytesPerSecond: 15_000,
          medianBesideRestoreMs: 500,
          dataExpansion: 3.5,
          logBytes: 500,
        });
        expect(await store.getBaseline('shop')).toBeUndefined();
      }));

    test('is not affected by changes to a record after it was stored', () =>
      withStore(async (store) => {
        const warnings = ['one'];
        await store.claim(runningRun({ warnings }));
        warnings.push('two');
        expect((await store.getRun(runningRun().id)).warnings).toStrictEqual(['one']);
      }));
  });
}

const REPLAY = { to: 'the end', end: undefined, lastCommit: undefined, firstLost: undefined, isWholeLog: true };

function fetched(bytes: number): PhaseRecord {
  return { name: 'fetch', durationMs: 1, bytes };
}

async function finished(store: Store, run: RunRecord): Promise<void> {
  await store.claim({ ...run, status: 'running', verdict: undefined });
  await store.finish(run);
}

function line(message: string): LogLine {
  return { at: NOON, level: 'info', message };
}
