import { randomBytes } from 'node:crypto';
import { afterEach, expect } from 'vitest';
import type { Sandbox, SandboxRequest, SandboxRuntime } from '../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../src/support/owner.ts';
import { leftovers, makeDockerRuntime, postgres17 } from './docker-harness.ts';

export const never = new AbortController().signal;

export function makeRequest(changes: Partial<SandboxRequest> = {}): SandboxRequest {
  return {
    runId: `t${randomBytes(6).toString('hex')}`,
    drill: 'proof',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 600_000),
    memoryBytes: 512 * 2 ** 20,
    cpus: 1,
    pids: 200,
    serverUser: 'postgres',
    ...postgres17,
    ...changes,
  };
}

/** Starts sandboxes that are removed after each test; the test fails if one of them leaves anything behind. */
export function useBoxes(runtime: SandboxRuntime = makeDockerRuntime()) {
  const started: { box: Sandbox; runId: string }[] = [];

  afterEach(async () => {
    for (const { box, runId } of started.splice(0)) {
      await box.dispose();
      expect(await leftovers(runId)).toEqual([]);
    }
  });

  async function start(changes: Partial<SandboxRequest> = {}): Promise<Sandbox> {
    const request = makeRequest(changes);
    const box = await runtime.start(request, never);
    started.push({ box, runId: request.runId });
    return box;
  }

  return { runtime, start };
}

/** Runs a shell script in the sandbox as its server user. */
export function run(box: Sandbox, script: string, ...args: string[]) {
  return box.exec(['sh', '-c', script, 'sh', ...args], { signal: never });
}

/** @returns the reason why the sandbox is gone, once it is. */
export function goneReason(box: Sandbox): Promise<unknown> {
  if (box.gone.aborted) return Promise.resolve(box.gone.reason);
  return new Promise((resolve) => box.gone.addEventListener('abort', () => resolve(box.gone.reason), { once: true }));
}
