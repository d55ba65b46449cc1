import { describe, expect, it } from 'vitest';
import type { SandboxRuntime, Swept } from '../../src/sandbox/sandbox.ts';
import { isExpected, sweepAll } from '../../src/sandbox/sweep.ts';
import { DrillError } from '../../src/support/errors.ts';

const never = new AbortController().signal;
const swept: Swept = { kind: 'directory', id: '/tmp/x', runId: 'r', why: 'its lease expired', error: undefined };

function runtime(name: 'docker' | 'local', sweep: SandboxRuntime['sweep']): SandboxRuntime {
  const unused = () => Promise.reject(new Error('not asked for here'));
  return { name, sweep, check: unused, capacity: unused, findImage: unused, ensureImage: unused, start: unused };
}

describe('sweeping all runtimes', () => {
  it('returns what each removed, and which did not respond', async () => {
    const down = new DrillError('engine-unreachable', 'no engine');
    const runtimes = [runtime('docker', () => Promise.reject(down)), runtime('local', async () => [swept])];
    const outcome = await sweepAll(runtimes, new Date(), never);
    expect(outcome).toEqual({ swept: [swept], unanswered: [{ runtime: runtimes[0], error: down }] });
  });

  it('reports a runtime that takes too long instead of blocking recovery', async () => {
    const late = new DrillError('sandbox-leaked', 'leftovers of dead runs were not removed within 30.0 s');
    const wait = (_now: Date, signal: AbortSignal) => Promise.reject(signal.reason);
    const runtimes = [runtime('docker', wait), runtime('local', async () => [swept])];
    const outcome = await sweepAll(runtimes, new Date(), AbortSignal.abort(late));
    expect(outcome).toEqual({ swept: [swept], unanswered: [{ runtime: runtimes[0], error: late }] });
  });

  it('requires an answer from a container engine named in the settings, but not from one that may not exist', () => {
    const error = new DrillError('engine-unreachable', 'no engine');
    expect(isExpected({ runtime: { name: 'docker' }, error })).toBe(false);
    expect(isExpected({ runtime: { name: 'docker', containerEngine: 'tcp://10.0.0.5:2376' }, error })).toBe(true);
    expect(isExpected({ runtime: { name: 'docker' }, error: new DrillError('sandbox-leaked', 'late') })).toBe(true);
  });
});
