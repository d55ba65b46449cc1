import { describe, expect, it } from 'vitest';
import { admit, type WaitingRun } from '../../src/daemon/admission.ts';
import type { RunningRun } from '../../src/daemon/place-run.ts';
import type { Capacity } from '../../src/sandbox/sandbox.ts';

const GB = 1e9;
const NOW = new Date('2026-11-21T12:00:00.000Z');

const run = (drill: string, memory: number): WaitingRun => ({
  ...{ drill, tier: undefined, runtime: 'docker', dueAt: NOW, waitingSince: NOW },
  ...{ memoryBytes: memory * GB, cpus: 1, diskBytes: undefined },
});
const engine = (containerEngine: string, memory: number, sandboxes: Capacity['sandboxes'] = []): Capacity => ({
  ...{ containerEngine, memoryBytes: memory * GB, cpus: 8, freeDiskBytes: undefined, sandboxes },
});
const sandbox = (runId: string, memory: number) => ({ runId, drill: 'd', memoryBytes: memory * GB, cpus: 1 });

/** One line for each run: its engine, or what it waits for. */
function place(
  waiting: readonly WaitingRun[],
  engines: readonly Capacity[],
  running: readonly RunningRun[] = [],
  limits: { readonly sandboxes?: number; readonly memoryBytes?: number } = {},
): string[] {
  const input = { waiting, running, capacity: { docker: engines }, limits: { sandboxes: 9, ...limits }, now: NOW };
  return admit(input).map((each) => `${each.run.drill}: ${each.kind === 'start' ? each.containerEngine : each.why}`);
}

describe('a run that can go to any of several container engines', () => {
  it('goes where the most memory is free after the runs placed before it', () => {
    const waiting = ['one', 'two', 'three', 'four'].map((drill) => run(drill, 4));
    expect(place(waiting, [engine('a', 8), engine('b', 10)])).toEqual(['four: b', 'one: a', 'three: b', 'two: a']);
  });

  it('waits for memory on the engine with the most room when it fits on none', () => {
    const full = [engine('a', 8, [sandbox('x', 6)]), engine('b', 8, [sandbox('y', 5)])];
    expect(place([run('one', 4)], full)).toEqual([
      'one: for memory: needs 4.00 GB, 3.00 GB of 8.00 GB free on b, which has the most room',
    ]);
  });

  it('waits for a machine that is large enough rather than use another', () => {
    expect(place([run('one', 12)], [engine('a', 16, [sandbox('x', 6)]), engine('b', 8)])).toEqual([
      expect.stringContaining('10.0 GB of 16.0 GB free on a'),
    ]);
  });

  it('is started alone on the largest when it is too large for all, since a limit is not a reservation', () => {
    expect(place([run('one', 32)], [engine('a', 8), engine('b', 16)])).toEqual(['one: b']);
  });

  it('takes into account what others have there, and own runs only once', () => {
    const own: RunningRun = { ...run('own', 4), runId: 'own', containerEngine: 'a' };
    const engines = [engine('a', 16, [sandbox('own', 4)]), engine('b', 16, [sandbox('of-another-machine', 6)])];
    expect(place([run('one', 11)], engines, [own])).toEqual(['one: a']);
  });

  it('takes into account a run that was just placed and has no sandbox yet', () => {
    const own: RunningRun = { ...run('own', 6), containerEngine: 'a' };
    expect(place([run('one', 4)], [engine('a', 8), engine('b', 8)], [own])).toEqual(['one: b']);
  });

  it('takes runs of other processes into account only as the engines report them', () => {
    const other: RunningRun = { ...run('other', 8), runId: 'other', isElsewhere: true };
    expect(place([run('one', 4)], [engine('a', 8), engine('b', 8, [sandbox('other', 8)])], [other])).toEqual([
      'one: a',
    ]);
  });

  it('respects the limits for all engines together', () => {
    const own: RunningRun = { ...run('own', 6), runId: 'own', containerEngine: 'a' };
    const engines = [engine('a', 16), engine('b', 16)];
    expect(place([run('one', 4)], engines, [own], { memoryBytes: 8 * GB })).toEqual([
      'one: for memory: needs 4.00 GB, 2.00 GB of 8.00 GB free',
    ]);
    expect(place([run('one', 4)], engines, [own], { sandboxes: 1 })).toEqual(['one: for the only sandbox']);
  });
});
