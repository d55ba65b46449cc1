import { describe, expect, it } from 'vitest';
import { type AdmissionInput, admit, type WaitingRun } from '../../src/daemon/admission.ts';
import type { RunningRun } from '../../src/daemon/place-run.ts';

const GB = 1e9;
const NOW = new Date('2026-11-21T12:00:00.000Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const run = (drill: string, changes: Partial<WaitingRun> = {}): WaitingRun => ({
  drill,
  tier: 2,
  dueAt: ago(1),
  waitingSince: ago(1),
  memoryBytes: 2 * GB,
  cpus: 1,
  diskBytes: undefined,
  runtime: 'docker',
  ...changes,
});
const running = (drill: string, changes: Partial<RunningRun> = {}): RunningRun => ({
  drill,
  memoryBytes: 2 * GB,
  cpus: 1,
  diskBytes: undefined,
  ...changes,
});

/** On a machine with 8 GB, 4 CPUs and free disk space; one line for each run, in the order in which they were decided. */
function decide(waiting: readonly WaitingRun[], changes: Partial<AdmissionInput<WaitingRun>> = {}): string[] {
  const capacity = { docker: [{ memoryBytes: 8 * GB, cpus: 4, freeDiskBytes: 500 * GB }] };
  const admissions = admit({ waiting, running: [], capacity, limits: { sandboxes: 3 }, now: NOW, ...changes });
  return admissions.map((each) => `${each.run.drill}: ${each.kind === 'start' ? 'start' : each.why}`);
}

describe('the order of queued runs', () => {
  it('is by tier, with none last, then by how overdue, then by name', () => {
    const waiting = [
      run('none', { tier: undefined, dueAt: ago(50) }),
      run('second-b'),
      run('second-a'),
      run('second-overdue', { dueAt: ago(10) }),
      run('first', { tier: 1 }),
    ];
    const order = ['first', 'second-overdue', 'second-a', 'second-b', 'none'];
    const limits = { sandboxes: 9 };
    expect(decide(waiting, { limits }).map((line) => line.split(':')[0])).toEqual(order);
    expect(decide(waiting.toReversed(), { limits })).toEqual(decide(waiting, { limits }));
  });

  it('counts each full hour of waiting as one tier', () => {
    const patient = (minutes: number) => run('patient', { tier: 3, waitingSince: ago(minutes), dueAt: ago(0) });
    const first = (minutes: number) => decide([run('new', { tier: 1 }), patient(minutes)])[0];
    expect(first(119)).toBe('new: start');
    expect(first(179)).toBe('new: start'); // the same tier by now, and due later
    expect(first(180)).toBe('patient: start');
  });
});

describe('a queued run says what it waits for', () => {
  it.each([
    [
      'memory',
      run('orders', { memoryBytes: 2.15 * GB }),
      [running('a', { memoryBytes: 6.93 * GB })],
      'for memory: needs 2.15 GB, 1.07 GB of 8.00 GB free',
    ],
    ['CPUs', run('orders', { cpus: 1.5 }), [running('a', { cpus: 3 })], 'for CPUs: needs 1.5, 1 of 4 free'],
    [
      'both',
      run('orders', { memoryBytes: 7 * GB, cpus: 4 }),
      [running('a')],
      'for memory: needs 7.00 GB, 6.00 GB of 8.00 GB free; for CPUs: needs 4, 3 of 4 free',
    ],
    ['a sandbox', run('orders'), [running('a'), running('b'), running('c')], 'for one of 3 sandboxes'],
    [
      'disk, with nothing running',
      run('orders', { diskBytes: 490 * GB }),
      [],
      'for disk: needs about 490 GB, 500 GB free, 25.0 GB reserved',
    ],
    [
      'disk that running drills have yet to use',
      run('orders', { diskBytes: 42 * GB }),
      [running('a', { diskBytes: 450 * GB, diskUsedBytes: 10 * GB })],
      'for disk: needs about 42.0 GB, 500 GB free, 440 GB of it for running drills, 25.0 GB reserved',
    ],
  ])('%s', (_what, waiting, others, why) => {
    expect(decide([waiting], { running: others })).toEqual([`orders: ${why}`]);
  });

  it('the only sandbox, when there is one', () => {
    expect(decide([run('a'), run('b')], { limits: { sandboxes: 1 } })).toEqual(['a: start', 'b: for the only sandbox']);
  });

  it('the limit of the settings, when that is lower than the capacity', () => {
    const limits = { sandboxes: 3, memoryBytes: 3 * GB, cpus: 1 };
    expect(decide([run('b')], { running: [running('a', { cpus: 0.5 })], limits })).toEqual([
      'b: for memory: needs 2.00 GB, 1.00 GB of 3.00 GB free; for CPUs: needs 1, 0.5 of 1 free',
    ]);
  });
});

describe('a run starts', () => {
  it('as long as there is room, counting those just started', () => {
    const waiting = ['a', 'b', 'c', 'd', 'e'].map((drill) => run(drill, { memoryBytes: 3 * GB }));
    expect(decide(waiting, { limits: { sandboxes: 9 } })).toEqual([
      'a: start',
      'b: start',
      ...['c', 'd', 'e'].map((drill) => `${drill}: for memory: needs 3.00 GB, 2.00 GB of 8.00 GB free`),
    ]);
  });

  it('when its CPU fractions add up to exactly the capacity', () => {
    const others = [0.1, 0.2, 0.3, 3.3].map((cpus, index) => running(String(index), { cpus, memoryBytes: 1 }));
    expect(decide([run('b', { cpus: 0.1 })], { running: others, limits: { sandboxes: 9 } })).toEqual(['b: start']);
  });

  it('alone even if it may use more than the machine has', () => {
    const giant = run('giant', { memoryBytes: 64 * GB, cpus: 32 });
    expect(decide([giant])).toEqual(['giant: start']);
    expect(decide([giant], { running: [running('a')] })).not.toEqual(['giant: start']);
    expect(decide([giant, run('small')])[1]).toBe(
      'small: for memory: needs 2.00 GB, 0 B of 8.00 GB free; for CPUs: needs 1, 0 of 4 free',
    );
  });

  it('when its disk use or the free disk space is unknown', () => {
    const full = { docker: [{ memoryBytes: 8 * GB, cpus: 4, freeDiskBytes: 0 }] };
    const unseen = { docker: [{ memoryBytes: 8 * GB, cpus: 4, freeDiskBytes: undefined }] };
    expect(decide([run('a')], { capacity: full })).toEqual(['a: start']);
    expect(decide([run('a', { diskBytes: 1000 * GB })], { capacity: unseen })).toEqual(['a: start']);
    expect(decide([run('in-memory', { diskBytes: 0 })], { capacity: full })).toEqual(['in-memory: start']);
  });

  it('when its engine does not respond, so that the run itself reports that, within the limits of the settings', () => {
    const limits = { sandboxes: 2, memoryBytes: 3 * GB };
    expect(decide([run('a'), run('b')], { capacity: {}, limits })).toEqual([
      'a: start',
      'b: for memory: needs 2.00 GB, 1.00 GB of 3.00 GB free',
    ]);
  });
});

describe('a run that does not fit', () => {
  const big = (minutes: number) => run('big', { memoryBytes: 7 * GB, waitingSince: ago(minutes), dueAt: ago(minutes) });

  it('is overtaken by smaller ones for a quarter of an hour, then by none', () => {
    const others = { running: [running('a')] };
    expect(decide([big(14), run('small')], others)[1]).toBe('small: start');
    expect(decide([big(15), run('small')], others)[1]).toBe('small: behind big, which has waited 15 min');
    expect(decide([big(25), run('more-important', { tier: 1 })], others)).toEqual([
      'more-important: start', // its turn came first
      'big: for memory: needs 7.00 GB, 4.00 GB of 8.00 GB free',
    ]);
  });

  it('does not block others when the disk is too small even for it alone', () => {
    const hopeless = run('hopeless', { diskBytes: 600 * GB, waitingSince: ago(600), dueAt: ago(600) });
    expect(decide([hopeless, run('small')])).toEqual([
      'hopeless: for disk: needs about 600 GB, 500 GB free, 25.0 GB reserved',
      'small: start',
    ]);
    const ending = running('ending', { diskBytes: 300 * GB, diskUsedBytes: 300 * GB });
    expect(decide([hopeless, run('small')], { running: [ending] })[1]).toBe(
      'small: behind hopeless, which has waited 10 h',
    );
  });
});

describe('a limit across all machines', () => {
  const limit = { kind: 'source', name: 's3://acme/', maxRuns: 2 } as const;
  const reading = (drill: string, changes: Partial<WaitingRun> = {}) =>
    run(drill, { readsFrom: ['s3://acme/x/'], fleetLimits: [limit], ...changes });
  const fleet = [{ readsFrom: ['s3://acme/y/'] }, { readsFrom: ['/srv/z'] }];

  it('holds back a run, counting those in progress anywhere and those just started', () => {
    expect(decide([reading('a'), reading('b'), run('c')], { fleet })).toEqual([
      'a: start',
      'b: for source s3://acme/: 2 of 2 runs read from it',
      'c: start',
    ]);
  });

  it('holds back no run to which it does not apply, however long another waits for it', () => {
    const patient = reading('patient', { waitingSince: ago(59), dueAt: ago(59) });
    expect(decide([patient, run('b')], { fleet: [...fleet, ...fleet] })).toEqual([
      'patient: for source s3://acme/: 2 of 2 runs read from it',
      'b: start',
    ]);
  });

  it('of a pool counts the runs of its runners', () => {
    const fleetLimits = [{ kind: 'pool', name: 'eu', maxRuns: 1 } as const];
    expect(decide([run('a', { pool: 'eu', fleetLimits })], { fleet: [{ pool: 'us' }] })).toEqual(['a: start']);
    expect(decide([run('a', { pool: 'eu', fleetLimits })], { fleet: [{ pool: 'eu' }] })).toEqual([
      'a: for pool eu: 1 of 1 runs in progress',
    ]);
  });
});
