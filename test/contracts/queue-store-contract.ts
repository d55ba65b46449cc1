import { describe, expect, test } from 'vitest';
import type { RunnerRecord } from '../../src/record/queue-store.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON, passedRun, runningRun } from '../support/run-records.ts';
import { daemonOf, drillState, jobOf, skipOf } from '../support/schedule-records.ts';

/** What a store shared by several machines must do for the queue. */
export function describeQueueContract(name: string, open: () => Promise<Store>): void {
  async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
    await using store = await open();
    await work(store);
  }
  const runnerOf = (changes: Partial<RunnerRecord> = {}): RunnerRecord => ({ ...daemonOf(), pool: 'eu', ...changes });
  const due = { state: drillState({ version: 1 }), skips: [], maxRunning: 4 };

  describe(`${name} keeps the queue's contract`, () => {
    test('reads back a queued run, and stores the state of its drill with it', () =>
      withStore(async (store) => {
        const full = jobOf({
          trigger: { kind: 'new-backup', dueAt: undefined, attempt: 2, raceOf: 'shop' },
          retryOf: '20261121-120000-aaaaaa',
          diskBytes: 48_100_000_000,
          isOverBudget: true,
        });
        const state = drillState({ handledUntil: NOON });
        expect(await store.queueRun(full, state, [skipOf()])).toEqual({ kind: 'queued' });
        expect(await store.findJobs('eu')).toStrictEqual([{ ...full, id: expect.any(String) }]);
        expect(await store.getDrillStates()).toStrictEqual([{ ...state, version: 1 }]);
        expect(await store.findSkips({ limit: 9 })).toStrictEqual([skipOf()]);
      }));

    test('finds the runs of one pool, or of all, oldest first', () =>
      withStore(async (store) => {
        expect(await store.findJobs()).toEqual([]);
        for (const drill of ['b', 'a']) await store.queueRun(jobOf({ drill }), drillState({ drill }), []);
        await store.queueRun(jobOf({ drill: 'c', pool: 'us' }), drillState({ drill: 'c' }), []);
        expect((await store.findJobs('eu')).map(({ drill }) => drill)).toEqual(['b', 'a']);
        expect((await store.findJobs()).map(({ drill, pool }) => `${pool} ${drill}`).toSorted()).toEqual([
          'eu a',
          'eu b',
          'us c',
        ]);
        expect(await store.findJobs('nobody')).toEqual([]);
      }));

    test('queues nothing for a state that has changed, a run in progress, or a queued run', () =>
      withStore(async (store) => {
        const newer = drillState({ version: 3 });
        expect(await store.queueRun(jobOf(), newer, [skipOf()])).toEqual({ kind: 'taken' });
        await store.claim(runningRun({ id: 'r' }));
        expect(await store.queueRun(jobOf(), drillState(), [skipOf()])).toEqual({ kind: 'overlap', runId: 'r' });
        await store.finish(passedRun({ id: 'r' }));
        expect(await store.queueRun(jobOf(), drillState(), [])).toEqual({ kind: 'queued' });
        expect(await store.queueRun(jobOf(), drillState({ version: 1 }), [skipOf()])).toEqual({ kind: 'waiting' });
        expect(await store.findSkips({ limit: 9 })).toEqual([]);
        expect(await store.findJobs('eu')).toHaveLength(1);
      }));

    test('lets one of many concurrent claims of a queued run succeed, and removes the run from the queue', () =>
      withStore(async (store) => {
        await store.queueRun(jobOf(), drillState(), []);
        const [job] = await store.findJobs('eu');
        const claims = ['a', 'b', 'c', 'd'].map((id) => store.claimDue(runningRun({ id }), { ...due, job }));
        const kinds = (await Promise.all(claims)).map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(1);
        expect(await store.findRunning()).toHaveLength(1);
        expect(await store.findJobs('eu')).toEqual([]);
      }));

    test('removes a run that is skipped for the monthly budget from the queue', () =>
      withStore(async (store) => {
        await store.queueRun(jobOf(), drillState(), []);
        const [job] = await store.findJobs('eu');
        const limit = { amount: 0, currency: 'USD' };
        const budget = { limit, from: NOON, onExceeded: 'skip', dueAt: NOON } as const;
        const claim = { ...due, job, budget };
        expect(await store.claimDue(runningRun({ id: 'a' }), claim)).toMatchObject({ isSkipped: true });
        expect(await store.findJobs('eu')).toEqual([]);
        expect(await store.findSkips({ limit: 9 })).toMatchObject([{ kind: 'budget' }]);
      }));

    test('keeps a run in the queue when it cannot be claimed, and does not claim it once it has left', () =>
      withStore(async (store) => {
        await store.queueRun(jobOf(), drillState(), []);
        const [job] = await store.findJobs('eu');
        if (!job) throw new Error('nothing is queued');
        const full = { ...due, job, maxRunning: 0 };
        expect(await store.claimDue(runningRun({ id: 'a' }), full)).toEqual({ kind: 'full', running: 0 });
        expect(await store.findJobs('eu')).toHaveLength(1);
        expect(await store.removeJob(job)).toBe(true);
        expect(await store.removeJob(job)).toBe(false);
        expect(await store.claimDue(runningRun({ id: 'a' }), { ...due, job })).toEqual({ kind: 'taken' });
        expect(await store.findRunning()).toEqual([]);
      }));

    test('counts only the runs of one host against its limit when a host is named', () =>
      withStore(async (store) => {
        await store.claim(runningRun({ id: 'a', drill: 'shop', leaseOwner: 'db-host/boot/1/1' }));
        const claim = { state: drillState(), skips: [], maxRunning: 1 };
        expect(await store.claimDue(runningRun({ id: 'b' }), claim)).toMatchObject({ kind: 'full' });
        expect(await store.claimDue(runningRun({ id: 'b' }), { ...claim, host: 'db-host' })).toMatchObject({
          kind: 'full',
        });
        expect(await store.claimDue(runningRun({ id: 'b' }), { ...claim, host: 'other' })).toEqual({ kind: 'claimed' });
      }));

    test('claims no more runs than a pool allows, whichever runners have the others', () =>
      withStore(async (store) => {
        for (const host of ['a', 'b']) await store.beatRunner(runnerOf({ owner: `${host}/boot/1/1` }));
        await store.beatRunner(runnerOf({ owner: 'c/boot/1/1', pool: 'us' }));
        const of = (host: string) => runningRun({ id: host, drill: host, leaseOwner: `${host}/boot/1/1` });
        for (const host of ['a', 'c', 'by-hand']) await store.claim(of(host));
        const limitTo = (maxRuns: number) => ({
          state: drillState({ drill: 'b' }),
          skips: [],
          maxRunning: 9,
          limits: [{ kind: 'pool', name: 'eu', maxRuns } as const],
        });
        expect(await store.claimDue(of('b'), limitTo(1))).toMatchObject({ kind: 'limited', limit: { running: 1 } });
        expect(await store.claimDue(of('b'), limitTo(2))).toEqual({ kind: 'claimed' });
      }));

    test('lets through as many of many concurrent claims as a limit allows', () =>
      withStore(async (store) => {
        const limits = [{ kind: 'source', name: 's3://acme/', maxRuns: 3 } as const];
        const claims = ['a', 'b', 'c', 'd', 'e', 'f'].map((drill) =>
          store.claimDue(runningRun({ id: drill, drill, readsFrom: ['s3://acme/x/'] }), {
            state: drillState({ drill }),
            skips: [],
            maxRunning: 9,
            limits,
          }),
        );
        const kinds = (await Promise.all(claims)).map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === 'claimed')).toHaveLength(3);
        expect(kinds.filter((kind) => kind === 'limited')).toHaveLength(3);
      }));

    test('reads back runners, the most recent heartbeat first', () =>
      withStore(async (store) => {
        expect(await store.getRunners()).toEqual([]);
        const later = new Date(NOON.getTime() + 60_000);
        const engines = [
          { address: 'unix:///run/a', sandboxes: 1 },
          { address: 'ssh://b', silentSince: later },
        ];
        const old = runnerOf({ owner: 'a/boot/1/1', engines });
        await store.beatRunner(old);
        await store.beatRunner(runnerOf({ owner: 'b/boot/1/1', pool: 'us' }));
        const stopped = runnerOf({ owner: 'b/boot/1/1', pool: 'us', beatAt: later, stoppedAt: later });
        await store.beatRunner(stopped);
        const read = await store.getRunners();
        expect(
          read.map(({ ageMs, ...runner }) => (ageMs === undefined || ageMs < 60_000 ? runner : ageMs)),
        ).toStrictEqual([stopped, old]);
      }));
  });
}
