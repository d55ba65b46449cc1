import { describe, expect, it } from 'vitest';
import { chooseRuntime } from '../../src/sandbox/choose-runtime.ts';
import type { SandboxLoad, SandboxRuntime } from '../../src/sandbox/sandbox.ts';
import { DrillError } from '../../src/support/errors.ts';

const GB = 1e9;
const never = new AbortController().signal;
const need = { memoryBytes: 2 * GB, cpus: 1 };
const load = (memoryBytes: number): SandboxLoad => ({ runId: 'r', drill: 'd', memoryBytes, cpus: 1 });

/** @param answer the memory of its machine and the memory in use; or the error that it answers with. */
function runtime(
  containerEngine: string | undefined,
  answer: { memory: number; taken?: number } | DrillError,
  name = 'docker',
): SandboxRuntime {
  const unused = () => Promise.reject(new Error('not asked for here'));
  const refuse = async () => {
    if (answer instanceof DrillError) throw answer;
    return answer;
  };
  return {
    ...{ name, ...(containerEngine !== undefined && { containerEngine }) },
    ...{ findImage: unused, ensureImage: unused, start: unused, sweep: unused },
    check: async () => `${(await refuse()).memory} GB`,
    capacity: async () => {
      const { memory, taken } = await refuse();
      const sandboxes = taken === undefined ? [] : [load(taken * GB)];
      return { memoryBytes: memory * GB, cpus: 4, freeDiskBytes: undefined, sandboxes };
    },
  };
}

const down = (where: string) => new DrillError('engine-unreachable', `no Docker engine answers at ${where}`);

describe('the place where a sandbox is started', () => {
  it('is the container engine with the most free memory, whatever the total of its machine', async () => {
    const [a, b] = [runtime('a', { memory: 16, taken: 12 }), runtime('b', { memory: 8 })];
    expect(await chooseRuntime([a, b], undefined, need, never)).toBe(b);
  });

  it('is a usable kind of runtime, without starting a sandbox just to try it', async () => {
    const check = () => Promise.reject(new Error('tried'));
    const local = { ...runtime(undefined, { memory: 8 }, 'local'), check, requireUsable: async () => undefined };
    expect(await chooseRuntime([local], undefined, need, never)).toBe(local);
    const lack = new DrillError('tool-missing', 'no server');
    const without = { ...local, requireUsable: () => Promise.reject(lack) };
    await expect(chooseRuntime([without], undefined, need, never)).rejects.toBe(lack);
  });

  it('is the first of several equal ones', async () => {
    const [a, b] = [runtime('a', { memory: 8 }), runtime('b', { memory: 8 })];
    expect(await chooseRuntime([a, b], 'docker', need, never)).toBe(a);
    expect(await chooseRuntime([a, b], 'docker', undefined, never)).toBe(a);
  });

  it('is a machine that is large enough, even if a smaller one has more free memory', async () => {
    const [large, small] = [runtime('a', { memory: 16, taken: 12 }), runtime('b', { memory: 8 })];
    expect(await chooseRuntime([large, small], undefined, { memoryBytes: 10 * GB, cpus: 1 }, never)).toBe(large);
  });

  it('is the one that the run was assigned to', async () => {
    const [a, b] = [runtime('a', { memory: 16 }), runtime('b', { memory: 8 })];
    expect(await chooseRuntime([a, b], undefined, { ...need, containerEngine: 'b' }, never)).toBe(b);
  });

  it('is another container engine if the assigned one does not answer', async () => {
    const [a, b] = [runtime('a', { memory: 8 }), runtime('b', down('b'))];
    expect(await chooseRuntime([a, b], undefined, { ...need, containerEngine: 'b' }, never)).toBe(a);
  });

  it('is the next kind of runtime if no container engine answers, unless the drill names one', async () => {
    const [a, b] = [runtime('a', down('a')), runtime('b', down('b'))];
    const local = runtime(undefined, { memory: 8 }, 'local');
    expect(await chooseRuntime([a, b, local], undefined, need, never)).toBe(local);
    await expect(chooseRuntime([a, b, local], 'docker', need, never)).rejects.toMatchObject({
      code: 'engine-unreachable',
      details: [expect.stringContaining('at a'), expect.stringContaining('at b')],
    });
  });

  it('is none if the only one refuses, and the error says why', async () => {
    const refusal = new DrillError('sandbox-refused', 'windows containers');
    await expect(chooseRuntime([runtime(undefined, refusal)], undefined, need, never)).rejects.toBe(refusal);
  });
});
