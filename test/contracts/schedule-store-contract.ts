import { describe, expect, test } from 'vitest';
import type { DaemonRecord } from '../../src/record/schedule-store.ts';
import type { Store } from '../../src/record/store.ts';
import { findExpired } from '../../src/run/clean-up.ts';
import { expectCode } from '../support/expect-code.ts';
import { failedRun, NOON, passedRun, runningRun, stageOf } from '../support/run-records.ts';
import { daemonOf, drillState, dueClaim, fullDrillState, scheduleRecord, skipOf } from '../support/schedule-records.ts';

/** What every store must do for the scheduler. */
export function describeScheduleContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

  describe(`${name} keeps the scheduler's contract`, () => {
    test('reads back the state of a drill by name, with the next version, even before its first run', () =>
      withStore(async (store) => {
        expect(await store.getDrillStates()).toStrictEqual([]);
        expect(await store.saveDrillState(fullDrillState({ drill: 'shop' }), [])).toBe(true);
        expect(await store.saveDrillState(drillState(), [])).toBe(true);
        expect(await store.getDrillStates()).toStrictEqual([
          drillState({ version: 1 }),
          fullDrillState({ drill: 'shop', version: 1 }),
        ]);
        expect(await store.findLatestRuns()).toStrictEqual([]);
      }));

    test('adds a schedule and how long the previous one was in use, and changes neither later', () =>
      withStore(async (store) => {
        const [first, second] = [scheduleRecord(), scheduleRecord({ since: later(9), cron: '0 5 * * *' })];
        await store.saveDrillState(drillState({ schedules: [first] }), []);
        const ended = { ...first, knownUntil: later(5) };
        await store.saveDrillState(drillState({ version: 1, schedules: [ended, second] }), []);
        await store.saveDrillState(drillState({ version: 2, schedules: [{ ...ended, knownUntil: later(7) }] }), []);
        expect((await store.getDrillStates())[0]?.schedules).toStrictEqual([ended, second]);
      }));

    test('changes only the version that was read, and clears omitted fields except schedules', () =>
      withStore(async (store) => {
        await store.saveDrillState(fullDrillState(), []);
        expect(await store.saveDrillState(drillState({ version: 0 }), [skipOf()])).toBe(false);
        expect(await store.saveDrillState(drillState({ version: 2 }), [skipOf()])).toBe(false);
        expect(await store.getDrillStates()).toStrictEqual([fullDrillState({ version: 1 })]);
        expect(await store.findSkips({ limit: 9 })).toStrictEqual([]);
        expect(await store.saveDrillState(drillState({ version: 1 }), [])).toBe(true);
        const { schedules } = fullDrillState();
        expect(await store.getDrillStates()).toStrictEqual([drillState({ version: 2, schedules })]);
        expect(await store.saveDrillState(drillState({ drill: 'shop', version: 7 }), [])).toBe(false);
      }));

    test('finds skipped runs newest first, by drill, up to the limit', () =>
      withStore(async (store) => {
        const first = skipOf({ recordedAt: later(1) });
        const second = skipOf({ kind: 'freeze', recordedAt: later(1) });
        const shop = skipOf({ drill: 'shop', kind: 'missed', count: 3, recordedAt: later(2) });
        const old = skipOf({ kind: 'overlap', recordedAt: later(0) });
        await store.saveDrillState(drillState(), [first, second]);
        await store.saveDrillState(drillState({ drill: 'shop' }), [shop]);
        await store.saveDrillState(drillState({ version: 1 }), [old]);
        expect(await store.findSkips({ limit: 9 })).toStrictEqual([shop, second, first, old]);
        expect(await store.findSkips({ limit: 2 })).toStrictEqual([shop, second]);
        expect(await store.findSkips({ drill: 'orders', limit: 9 })).toStrictEqual([second, first, old]);
        expect(await store.findSkips({ drill: 'nope', limit: 9 })).toStrictEqual([]);
      }));

    test('keeps skipped runs for two years', () =>
      withStore(async (store) => {
        const old = skipOf();
        const recent = skipOf({ kind: 'freeze', recordedAt: later(1) });
        await store.saveDrillState(drillState(), [recent, old]);
        expect(await store.prune(later(730 * 24 * 60))).toBe(0);
        expect(await store.prune(later(730 * 24 * 60 + 1))).toBe(1);
        expect(await store.findSkips({ limit: 9 })).toStrictEqual([recent]);
      }));

    test('claims a due run together with its state and skipped runs', () =>
      withStore(async (store) => {
        const run = runningRun({
          trigger: { kind: 'schedule', dueAt: NOON, attempt: 2, raceOf: 'billing' },
          stages: [stageOf('locate', 1)],
        });
        const claim = dueClaim({ state: fullDrillState({ waitsFor: undefined }), skips: [skipOf()] });
        expect(await store.claimDue(run, claim)).toStrictEqual({ kind: 'claimed' });
        expect(await store.getRun(run.id)).toStrictEqual(run);
        expect(await store.getDrillStates()).toStrictEqual([fullDrillState({ waitsFor: undefined, version: 1 })]);
        expect(await store.findSkips({ limit: 9 })).toStrictEqual([skipOf()]);
      }));

    test('does not claim a run that another process has already decided on, whatever else blocks it', () =>
      withStore(async (store) => {
        await store.claimDue(runningRun({ id: 'a' }), dueClaim());
        const claim = dueClaim({ skips: [skipOf()], maxRunning: 1 });
        expect(await store.claimDue(runningRun({ id: 'due' }), claim)).toStrictEqual({ kind: 'taken' });
        await expectNothingStored(store, 'due');
      }));

    test('does not claim a run while one of the same drill is in progress, including manual ones', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'other', drill: 'shop', startedAt: later(-2) }));
        await store.claim(runningRun({ id: 'by-hand', startedAt: later(-1), leaseExpiresAt: later(-1) }));
        const claim = dueClaim({ skips: [skipOf()], maxRunning: 1 });
        expect(await store.claimDue(runningRun({ id: 'due' }), claim)).toStrictEqual({
          kind: 'overlap',
          runId: 'by-hand',
        });
        await expectNothingStored(store, 'due');
        await store.interruptAbandoned(NOON, (lease) => findExpired(lease, NOON));
        expect(await store.claimDue(runningRun({ id: 'due' }), dueClaim())).toStrictEqual({ kind: 'claimed' });
      }));

    test('does not claim a run at the concurrency limit, whoever started the others', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'a', drill: 'shop' }));
        await store.claim(runningRun({ id: 'c', drill: 'films' }));
        const claim = dueClaim({ skips: [skipOf()], maxRunning: 2 });
        expect(await store.claimDue(runningRun({ id: 'due' }), claim)).toStrictEqual({ kind: 'full', running: 2 });
        await expectNothingStored(store, 'due');
        await store.finish(passedRun({ id: 'a', drill: 'shop' }));
        expect(await store.claimDue(runningRun({ id: 'due' }), claim)).toStrictEqual({ kind: 'claimed' });
      }));

    test('does not claim a run while the limit of its source is reached, whoever started the others', () =>
      withStore(async (store) => {
        const limit = { kind: 'source', name: 's3://acme/', maxRuns: 2 } as const;
        const reading = (id: string, ...readsFrom: string[]) => runningRun({ id, drill: id, readsFrom });
        await store.claim(reading('a', 's3://acme/a/'));
        await store.claim(reading('b', '/srv/b', 's3://acme/log/'));
        await store.claim(reading('c', 's3://other/'));
        const claim = dueClaim({ skips: [skipOf()], limits: [{ ...limit, maxRuns: 3 }, limit] });
        const outcome = { kind: 'limited', limit: { ...limit, running: 2 } };
        expect(await store.claimDue(runningRun({ id: 'due' }), claim)).toStrictEqual(outcome);
        await expectNothingStored(store, 'due');
        await store.finish(passedRun({ id: 'b', drill: 'b' }));
        expect(await store.claimDue(runningRun({ id: 'due' }), claim)).toStrictEqual({ kind: 'claimed' });
      }));

    test('claims a manual run only while its limits allow it', () =>
      withStore(async (store) => {
        const limit = { kind: 'source', name: 's3://acme/', maxRuns: 1 } as const;
        const reading = (id: string) => runningRun({ id, drill: id, readsFrom: ['s3://acme/a/'] });
        expect(await store.claim(reading('a'), [limit])).toBeUndefined();
        expect(await store.claim(reading('b'), [{ ...limit, maxRuns: 2 }, limit])).toStrictEqual({
          ...limit,
          running: 1,
        });
        expect((await store.findRunning()).map(({ id }) => id)).toEqual(['a']);
        expect(await store.claim(reading('b'))).toBeUndefined();
      }));

    test('leaves the state unchanged when a claim cannot be stored', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'a', drill: 'shop' }));
        await expectCode('store-failed', () => store.claimDue(runningRun({ id: 'a' }), dueClaim()));
        await expectCode('store-failed', () => store.claimDue(passedRun({ id: 'b' }), dueClaim()));
        await expectCode('store-failed', () => store.claimDue(runningRun({ id: 'b', drill: 'films' }), dueClaim()));
        expect(await store.getDrillStates()).toStrictEqual([]);
      }));

    test('lets one of many concurrent claims of a run succeed', () =>
      withStore(async (store) => {
        const ids = Array.from({ length: 10 }, (_, index) => `run-${index}`);
        const outcomes = await Promise.all(ids.map((id) => store.claimDue(runningRun({ id }), dueClaim())));
        expect(outcomes.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
        expect(outcomes.filter(({ kind }) => kind === 'taken')).toHaveLength(9);
        expect(await store.findRunning()).toHaveLength(1);
      }));

    test('finds runs in progress, oldest first', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'a', drill: 'shop', startedAt: later(2) }));
        await store.claim(runningRun({ id: 'b', drill: 'films', startedAt: later(1) }));
        await store.claim(runningRun({ id: 'c', startedAt: later(0) }));
        await store.finish(passedRun({ id: 'c' }));
        await store.addStage('a', stageOf('locate', 5));
        expect(await store.findRunning()).toStrictEqual([
          runningRun({ id: 'b', drill: 'films', startedAt: later(1) }),
          runningRun({ id: 'a', drill: 'shop', startedAt: later(2), stages: [stageOf('locate', 5)] }),
        ]);
      }));

    test('finds what runs in progress read from, oldest first', () =>
      withStore(async (store) => {
        await store.claim(
          runningRun({ id: 'a', drill: 'shop', startedAt: later(2), readsFrom: ['s3://a/', 's3://b/'] }),
        );
        await store.claim(runningRun({ id: 'b', drill: 'films', startedAt: later(1), readsFrom: ['s3://b/'] }));
        await store.claim(runningRun({ id: 'c', startedAt: later(0), readsFrom: ['s3://c/'] }));
        await store.finish(passedRun({ id: 'c' }));
        expect(await store.findReading()).toEqual([{ readsFrom: ['s3://b/'] }, { readsFrom: ['s3://a/', 's3://b/'] }]);
      }));

    test('counts runs by ending, each reason once', () =>
      withStore(async (store) => {
        expect(await store.countRuns()).toStrictEqual([]);
        const slow = failedRun().reasons;
        const both = [...slow, ...slow, { reason: 'wrong-data' as const, sentence: 's', hint: undefined }];
        const error = { code: 'disk-full' as const, stage: undefined, message: 'm', hint: undefined, details: [] };
        for (const run of [
          passedRun({ id: '1' }),
          passedRun({ id: '2' }),
          failedRun({ id: '3' }),
          failedRun({ id: '4', reasons: both }),
          failedRun({ id: '5', drill: 'shop', reasons: [] }),
          passedRun({ id: '6', status: 'errored', verdict: undefined, error }),
          passedRun({ id: '7', status: 'interrupted', verdict: undefined }),
        ]) {
          await store.claim(runningRun({ id: run.id, drill: run.drill }));
          await store.finish(run);
        }
        await store.claim(runningRun({ id: '8' }));
        await store.claim(runningRun({ id: '9', leaseExpiresAt: later(60) }));
        await store.interruptAbandoned(later(30), (lease) => findExpired(lease, later(30)));
        const count = (drill: string, outcome: string, reason: string, runs: number) => {
          return { drill, outcome, reason, count: runs };
        };
        expect(await store.countRuns()).toStrictEqual([
          count('orders', 'errored', 'disk-full', 1),
          count('orders', 'failed', 'too-slow', 2),
          count('orders', 'failed', 'wrong-data', 1),
          count('orders', 'interrupted', '', 1),
          count('orders', 'interrupted', 'interrupted', 1),
          count('orders', 'passed', '', 2),
          count('shop', 'failed', '', 1),
        ]);
      }));

    test('does not count a run again when a second end is refused', () =>
      withStore(async (store) => {
        await store.claim(runningRun());
        await store.finish(passedRun());
        await expectCode('store-failed', () => store.finish(failedRun()));
        expect(await store.countRuns()).toStrictEqual([{ drill: 'orders', outcome: 'passed', reason: '', count: 1 }]);
      }));

    test('finds the ten daemons with the latest heartbeats', () =>
      withStore(async (store) => {
        expect(await store.getDaemons()).toStrictEqual([]);
        const daemons = Array.from({ length: 12 }, (_, index) =>
          daemonOf({ owner: `d${index}`, beatAt: later(index), ...(index > 5 && { isStandby: true }) }),
        );
        for (const daemon of daemons) await store.beat(daemon);
        expect((await store.getDaemons()).map(withoutAge)).toStrictEqual(daemons.slice(2).reverse());
        const stopped = daemonOf({ owner: 'd3', beatAt: later(60), stoppedAt: later(60) });
        await store.beat(stopped);
        expect((await store.getDaemons()).map(withoutAge)[0]).toStrictEqual(stopped);
        expect(await store.getDaemons()).toHaveLength(10);
      }));
  });

  async function expectNothingStored(store: Store, id: string): Promise<void> {
    await expectCode('run-not-found', () => store.getRun(id));
    expect(await store.findSkips({ limit: 1 })).toStrictEqual([]);
    expect((await store.getDrillStates()).every(({ version }) => version < 2)).toBe(true);
  }
}

/** The age of a heartbeat is known when the store has its own clock. */
function withoutAge({ ageMs: _, ...daemon }: DaemonRecord): DaemonRecord {
  return daemon;
}
