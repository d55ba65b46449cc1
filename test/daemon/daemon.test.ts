import { expect, it, vi } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { fail, hang, storedBackup, timeline, useFakeTime } from '../run/fake-drill.ts';
import { reportSpec } from '../support/report-spec.ts';
import { drillOf, makeFakeDaemon, scheduleOf } from './fake-daemon.ts';

useFakeTime(); // starts at noon

const MINUTE_MS = 60_000;

it('starts each run when due, and records its trigger', async () => {
  const { fake, start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('*/5 * * * *'))]);
  start();
  await vi.advanceTimersByTimeAsync(16 * MINUTE_MS);
  expect(await stop()).toBe('stopped');

  const runs = await fake.store.findRuns({ limit: 10 });
  expect(runs.map(({ trigger, verdict }) => [trigger.dueAt?.toISOString(), trigger.kind, verdict])).toEqual([
    ['2026-11-21T12:15:00.000Z', 'schedule', 'passed'],
    ['2026-11-21T12:10:00.000Z', 'schedule', 'passed'],
    ['2026-11-21T12:05:00.000Z', 'schedule', 'passed'],
  ]);
  for (const { startedAt, trigger } of runs)
    expect(startedAt.getTime() - (trigger.dueAt?.getTime() ?? 0)).toBeLessThan(1000);
  expect(runs[0]?.triggeredBy).toBe('schedule (due at 21 Nov 2026, 12:15)');
});

it('skips a run that is due while the previous one is in progress, and records why', async () => {
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const { fake, start, stop, log } = makeFakeDaemon([drillOf('orders', scheduleOf('*/5 * * * *'))], {
    hooks: { load },
  });
  start();
  await vi.advanceTimersByTimeAsync(11 * MINUTE_MS);
  held.resolve();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  await stop();

  const runs = await fake.store.findRuns({ limit: 10 });
  expect(runs.map(({ trigger }) => trigger.dueAt?.toISOString().slice(11, 16))).toEqual(['12:15', '12:05']);
  expect(await fake.store.findSkips({ limit: 10 })).toMatchObject([
    {
      drill: 'orders',
      kind: 'overlap',
      count: 1,
      first: new Date('2026-11-21T12:10:00Z'),
      reason: 'a run was already in progress',
    },
  ]);
  expect(log).toContain('warn: orders: run skipped (overlap): the previous one is still in progress');
});

it('catches up once, in a new process, runs that were due during an outage', async () => {
  const drill = drillOf('orders', scheduleOf('*/5 * * * *'));
  const first = makeFakeDaemon([drill]);
  first.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await first.stop();
  await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);

  const second = makeFakeDaemon([drill], { on: first.fake.store });
  second.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await second.stop();
  const [run, ...others] = await first.fake.store.findRuns({ limit: 10 });
  expect(others).toEqual([]);
  expect(run).toMatchObject({ verdict: 'passed', trigger: { dueAt: new Date('2026-11-21T13:00:00Z') } });
  expect(run?.triggeredBy).toBe('schedule (missed 2 min ago, and 11 more before it; this run catches up)');
  expect(await first.fake.store.findSkips({ limit: 10 })).toMatchObject([{ kind: 'superseded', count: 11 }]);
});

it('never runs a due run twice, however many schedulers share a store', async () => {
  const drills = ['billing', 'orders', 'stock'].map((name) => drillOf(name, scheduleOf('*/5 * * * *')));
  const first = makeFakeDaemon(drills, { sandboxes: 9 });
  const others = [1, 2, 3].map(() => makeFakeDaemon(drills, { on: first.fake.store, sandboxes: 9 }));
  for (const one of [first, ...others]) one.start();
  await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
  for (const one of [first, ...others]) await one.stop();

  const runs = await first.fake.store.findRuns({ limit: 100 });
  const keys = runs.map(({ drill, trigger }) => `${drill} ${trigger.dueAt?.toISOString()}`);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(36);
  expect(runs.every(({ verdict }) => verdict === 'passed')).toBe(true);
  expect(await first.fake.store.findSkips({ limit: 10 })).toEqual([]);
});

it('queues a run until there is room, and says what it waits for', async () => {
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const drills = ['billing', 'orders'].map((name) => drillOf(name, scheduleOf('0 13 * * *')));
  const { fake, start, stop, log } = makeFakeDaemon(drills, { hooks: { load }, sandboxes: 1 });
  start();
  await vi.advanceTimersByTimeAsync(60.5 * MINUTE_MS);
  const states = await fake.store.getDrillStates();
  expect(states.map(({ drill, waitsFor }) => [drill, waitsFor])).toEqual([
    ['billing', undefined],
    ['orders', 'for the only sandbox'],
  ]);
  held.resolve();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await stop();
  expect((await fake.store.findRuns({ limit: 10 })).map(({ drill, verdict }) => [drill, verdict])).toEqual([
    ['orders', 'passed'],
    ['billing', 'passed'],
  ]);
  expect((await fake.store.getDrillStates()).every(({ waitsFor }) => waitsFor === undefined)).toBe(true);
  expect(log).toContain('info: orders waits for the only sandbox');
});

it('retries a run that errored once, and never one that failed', async () => {
  let starts = 0;
  const start = () => {
    starts += 1;
    if (starts === 1) throw new DrillError('engine-unreachable', 'the engine restarts');
  };
  const errored = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *'))], { hooks: { start } });
  errored.start();
  await vi.advanceTimersByTimeAsync(90 * MINUTE_MS);
  await errored.stop();
  const [second, first, ...more] = await errored.fake.store.findRuns({ limit: 10 });
  expect(more).toEqual([]);
  expect(first).toMatchObject({ status: 'errored', trigger: { attempt: 1 } });
  expect(second).toMatchObject({
    verdict: 'passed',
    trigger: { kind: 'schedule', attempt: 2, dueAt: first?.trigger.dueAt },
  });
  expect(second?.triggeredBy).toBe(`retry of ${first?.id}, which errored`);

  const failed = makeFakeDaemon([drillOf('orders', scheduleOf('0 14 * * *'))], { answer: 0 });
  failed.start();
  await vi.advanceTimersByTimeAsync(90 * MINUTE_MS);
  await failed.stop();
  expect(await failed.fake.store.findRuns({ limit: 10 })).toMatchObject([{ verdict: 'failed' }]);
});

it('does not retry a retry that errors', async () => {
  const chooseRuntime = fail('engine-unreachable', 'the engine is down');
  const { fake, start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *'))], {
    hooks: { chooseRuntime },
  });
  start();
  await vi.advanceTimersByTimeAsync(5 * 60 * MINUTE_MS);
  await stop();
  expect((await fake.store.findRuns({ limit: 10 })).map(({ status, trigger }) => [status, trigger.attempt])).toEqual([
    ['errored', 2],
    ['errored', 1],
  ]);
});

it('stops gracefully: a run that ends within the grace period finishes, and nothing new starts', async () => {
  const held = Promise.withResolvers<void>();
  const drills = [drillOf('orders', scheduleOf('*/5 * * * *'))];
  const { fake, start, stop, log } = makeFakeDaemon(drills, { hooks: { load: () => held.promise } });
  start();
  await vi.advanceTimersByTimeAsync(5.5 * MINUTE_MS);
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(5000);
  held.resolve();
  expect(await stopped).toBe('stopped');
  expect(await fake.store.findRuns({ limit: 10 })).toMatchObject([{ verdict: 'passed' }]);
  expect(log).toContain('info: stopping: orders continues for at most 10.0 s');
  expect((await fake.store.getDaemons())[0]?.stoppedAt).toBeInstanceOf(Date);
});

it.each([
  { when: 'after the grace period', hurry: false },
  { when: 'at once, when it is hurried', hurry: true },
])(
  'cancels a run that has not ended $when, tears it down, and the next process retries it',
  async ({ hurry: isHurried }) => {
    let loads = 0;
    const load = () => (++loads === 1 ? hang() : undefined);
    const drill = drillOf('orders', scheduleOf('0 13 * * *'));
    const first = makeFakeDaemon([drill], { hooks: { load } });
    first.start();
    await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
    const stopped = first.stop({ hurry: isHurried });
    await vi.advanceTimersByTimeAsync(isHurried ? 2500 : 12_500); // two seconds of which are for the stage to end gracefully
    expect(await stopped).toBe('stopped');
    expect(first.fake.calls).toContain('dispose');
    const [run] = await first.fake.store.findRuns({ limit: 10 });
    expect(run).toMatchObject({
      status: 'interrupted',
      error: { message: expect.stringContaining('canceled by the scheduler’s shutdown') },
    });
    expect(timeline(run as RunRecord)).toBe(
      'locate ok, plan ok, image-pull skipped, provision ok, restore interrupted, teardown ok',
    );
    expect(first.log).toContain('warn: canceled: orders; removing its sandbox');

    const second = makeFakeDaemon([drill], { on: first.fake.store });
    second.start();
    await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
    await second.stop();
    const [attempt] = await first.fake.store.findRuns({ limit: 10 });
    expect(attempt).toMatchObject({ verdict: 'passed', trigger: { attempt: 2 } });
  },
);

it('loads changed drills and schedules while running, and records queued runs of removed drills as gone', async () => {
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const billing = drillOf('billing', scheduleOf('0 13 * * *'));
  const { fake, start, stop, setDrills } = makeFakeDaemon([billing, drillOf('orders', scheduleOf('0 13 * * *'))], {
    hooks: { load },
    sandboxes: 1,
  });
  start();
  await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
  setDrills([billing, drillOf('stock', scheduleOf('30 13 * * *'))]);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  held.resolve();
  await vi.advanceTimersByTimeAsync(40 * MINUTE_MS);
  await stop();
  expect((await fake.store.findRuns({ limit: 10 })).map(({ drill }) => drill)).toEqual(['stock', 'billing']);
  expect(await fake.store.findSkips({ limit: 10 })).toMatchObject([{ drill: 'orders', kind: 'gone', count: 1 }]);
});

it('survives a brief store failure, and reopens the store when it does not recover', async () => {
  let isGone = false;
  const store = (inner: Store): Store => ({
    ...inner,
    check: async () => {
      if (isGone) throw new DrillError('store-failed', 'the store was deleted');
    },
  });
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('*/5 * * * *'))], { store });
  const { daemon } = made;
  const ended = daemon.run(new AbortController().signal, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(4 * MINUTE_MS + 50_000);
  isGone = true;
  await vi.advanceTimersByTimeAsync(2000);
  isGone = false;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await made.fake.store.findRuns({ limit: 10 })).toMatchObject([{ verdict: 'passed' }]);
  expect(made.log).toContain('info: the scheduler works again');

  isGone = true;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(await ended).toBe('store-lost');
});

it('reports the state of drills after each run and in between', async () => {
  const { start, stop, told } = makeFakeDaemon([
    drillOf('orders', scheduleOf('0 13 * * *')),
    drillOf('shop', undefined),
  ]);
  start();
  await vi.advanceTimersByTimeAsync(61 * MINUTE_MS);
  await stop();
  expect(told[0]).toBe('orders never, shop never');
  expect(told.at(-1)).toBe('orders passed, shop never');
});

it('drills each new backup once, when it is complete, and none that was drilled manually', async () => {
  const backups = [storedBackup(new Date('2026-11-21T11:00:00Z'))];
  const drill = drillOf('orders', scheduleOf(undefined, { onNewBackup: { pollMs: 5 * MINUTE_MS } }));
  const { fake, start, stop } = makeFakeDaemon([drill], { listed: () => backups });
  start();
  await vi.advanceTimersByTimeAsync(30 * MINUTE_MS);
  backups.push(storedBackup(new Date('2026-11-21T12:30:00Z')));
  await vi.advanceTimersByTimeAsync(30 * MINUTE_MS);
  await stop();
  const runs = await fake.store.findRuns({ limit: 10 });
  expect(runs.map(({ backup, trigger, triggeredBy }) => [backup?.key, trigger.kind, triggeredBy])).toEqual([
    ['orders-2026-11-21T123000Z.sql', 'new-backup', 'new backup orders-2026-11-21T123000Z.sql'],
    ['orders-2026-11-21T110000Z.sql', 'new-backup', 'new backup orders-2026-11-21T110000Z.sql'],
  ]);
  // seen at 12:35 at the latest, and again a minute later
  expect(runs[0]?.startedAt.getTime()).toBeLessThan(Date.parse('2026-11-21T12:37:00Z'));

  const again = makeFakeDaemon([{ ...drill, name: 'orders' }], { on: fake.store, listed: () => backups });
  again.start();
  await vi.advanceTimersByTimeAsync(30 * MINUTE_MS);
  await again.stop();
  expect(await fake.store.findRuns({ limit: 10 })).toHaveLength(2);
});

it('polls the backups of drills with an RPO between drills, and reports when they stop arriving', async () => {
  const backups = [storedBackup(new Date('2026-11-21T11:00:00Z'))];
  const drill = drillOf('orders', scheduleOf('0 13 * * *'));
  const made = makeFakeDaemon([{ ...drill, objectives: { ...drill.objectives, rpoMs: 4 * 60 * MINUTE_MS } }], {
    listed: () => backups,
  });
  made.start();
  await vi.advanceTimersByTimeAsync(2 * 60 * MINUTE_MS);
  expect(made.told.at(-1)).toBe('orders passed');
  await vi.advanceTimersByTimeAsync(3 * 60 * MINUTE_MS);
  expect(made.told.at(-1)).toBe('orders no-new-backup');
  backups.push(storedBackup(new Date('2026-11-21T16:59:00Z')));
  await vi.advanceTimersByTimeAsync(2 * 60 * MINUTE_MS);
  expect(made.told.at(-1)).toBe('orders passed');
  await made.stop();
});

it('logs once that it cannot list the backups of a source, and keeps polling', async () => {
  let isDown = true;
  const openSource = () => {
    if (isDown) throw new DrillError('source-unreachable', 'no answer from the store');
  };
  const drill = drillOf('orders', scheduleOf(undefined, { onNewBackup: { pollMs: MINUTE_MS } }));
  const { fake, start, stop, log } = makeFakeDaemon([drill], { hooks: { openSource } });
  start();
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  const told = log.filter((line) => line.includes('cannot list backups'));
  expect(told).toEqual(['warn: orders: cannot list backups: no answer from the store']);
  isDown = false;
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  await stop();
  expect(await fake.store.findRuns({ limit: 10 })).toMatchObject([{ verdict: 'passed' }]);
  expect((await fake.store.getDrillStates())[0]?.pollError).toBeUndefined();
});

it('retries a failed claim a few times a minute, without losing a run', async () => {
  let isFull = true;
  let claims = 0;
  const store = (inner: Store): Store => ({
    ...inner,
    claimDue: async (run, due) => {
      claims += 1;
      if (isFull) throw new DrillError('disk-full', 'no space is left for the store');
      return inner.claimDue(run, due);
    },
  });
  const { fake, start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *'))], { store });
  start();
  await vi.advanceTimersByTimeAsync(70 * MINUTE_MS);
  expect(claims).toBeGreaterThan(10);
  expect(claims).toBeLessThan(70);
  isFull = false;
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  await stop();
  const [run, ...more] = await fake.store.findRuns({ limit: 10 });
  expect(more).toEqual([]);
  expect(run).toMatchObject({ verdict: 'passed', trigger: { dueAt: new Date('2026-11-21T13:00:00Z') } });
});

it('starts a manual run, cancels it on request, and does not retry it', async () => {
  let loads = 0;
  const load = () => (++loads === 1 ? hang() : undefined);
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('0 13 * * *'))], { hooks: { load } });
  made.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect(made.daemon.control.runNow('order', 'alice')).toBe('unknown');
  expect(made.daemon.control.runNow('orders', 'alice, web')).toBe('queued');
  await vi.advanceTimersByTimeAsync(1000);
  expect(made.daemon.control.runNow('orders', 'bob')).toBe('busy');
  const [live] = made.daemon.control.running;
  expect(live).toMatchObject({
    drill: 'orders',
    stage: { name: 'restore' },
    triggeredBy: 'by hand (alice, web)',
  });
  expect(await made.daemon.control.stop('another', 'bob')).toBe('ended');
  expect(await made.daemon.control.stop(live?.runId ?? '', 'bob')).toBe('accepted');
  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(await made.fake.store.findRuns({ limit: 10 })).toMatchObject([
    {
      status: 'interrupted',
      trigger: { kind: 'hand' },
      error: { code: 'stopped', message: 'canceled by bob' },
    },
  ]);
  expect(made.fake.calls).toContain('dispose');
  expect(made.told.at(-1)).toBe('orders interrupted');
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  await made.stop();
  expect((await made.fake.store.findRuns({ limit: 10 })).map(({ trigger }) => trigger.kind)).toEqual([
    'schedule',
    'hand',
  ]);
});

it('keeps the sandbox of a run in progress on request, blocks no other run, and removes it at the end', async () => {
  const held = Promise.withResolvers<void>();
  let loads = 0;
  const load = () => (++loads === 1 ? held.promise : undefined);
  const made = makeFakeDaemon([drillOf('orders', scheduleOf('*/5 * * * *'))], { hooks: { load } });
  made.start();
  await vi.advanceTimersByTimeAsync(5.1 * MINUTE_MS);
  const [live] = made.daemon.control.running;
  expect(await made.daemon.control.keep(live?.runId ?? '', 30 * MINUTE_MS, 'bob')).toBe('accepted');
  held.resolve();
  await vi.advanceTimersByTimeAsync(5 * MINUTE_MS);
  expect(made.daemon.control.running).toMatchObject([
    { runId: live?.runId, kept: { shellCommand: 'docker exec -it box-1 sh' } },
  ]);
  expect(made.fake.calls.filter((step) => step === 'dispose')).toHaveLength(1); // of the run that followed
  expect(await made.fake.store.findRuns({ limit: 10 })).toMatchObject([{ verdict: 'passed' }, { verdict: 'passed' }]);
  expect(await made.fake.store.findSkips({ limit: 10 })).toEqual([]);
  await made.stop();
  expect(made.fake.calls.filter((step) => step === 'dispose')).toHaveLength(2);
});

it('queues a report once when due, whichever scheduler is first', async () => {
  const report = reportSpec({ cron: '0 13 * * *' });
  const first = makeFakeDaemon([drillOf('shop', undefined)], { reports: [report] });
  const second = makeFakeDaemon([drillOf('shop', undefined)], { reports: [report], on: first.fake.store });
  for (const one of [first, second]) one.start();
  await vi.advanceTimersByTimeAsync(62 * MINUTE_MS);
  for (const one of [first, second]) await one.stop();
  const keys = (await first.fake.store.findDeliveries({ limit: 10 })).map(({ key }) => key);
  expect(keys).toEqual(['report:monthly:2026-11-21T13:00:00.000Z', 'report:monthly:2026-11-20T13:00:00.000Z']);
});

it('notifies pages when drill states change, so that they show the new verdict', async () => {
  const shown: string[] = [];
  const { start, stop } = makeFakeDaemon([drillOf('orders', scheduleOf('5 * * * *'))], {
    onChange: ({ kind }, { facts }) => {
      const [orders] = facts.standings;
      if (kind === 'ended' || kind === 'drills') shown.push(`${kind}: ${orders?.standing.state}`);
    },
  });
  start();
  await vi.advanceTimersByTimeAsync(5.2 * MINUTE_MS);
  await stop();
  const ended = shown.findIndex((line) => line.startsWith('ended'));
  expect(shown.slice(0, ended)).toContain('drills: never');
  expect(shown.slice(ended)).toContain('drills: passed');
});
