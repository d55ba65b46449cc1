import type { Sandbox, SandboxRuntime } from '../../src/sandbox/sandbox.ts';

/** Called at each step; a test can make it fail or wait. */
type At = (step: 'findImage' | 'ensureImage' | 'start' | 'dispose' | 'measure') => Promise<void>;

/** @param gone makes all its sandboxes disappear; like real ones, each has a signal of its own, which ends with the sandbox. */
export function fakeRuntime(at: At, gone: AbortSignal, hasImage: boolean): SandboxRuntime {
  const sandboxes = new Set<AbortController>();
  gone.addEventListener('abort', () => {
    for (const sandbox of sandboxes) sandbox.abort(gone.reason);
  });
  return {
    name: 'docker',
    check: async () => 'docker: made of memory',
    capacity: async () => ({ memoryBytes: 8 * 2 ** 30, cpus: 4, freeDiskBytes: undefined }),
    findImage: async ({ image }) => {
      await at('findImage');
      return hasImage ? { name: image, id: 'sha256:1' } : undefined;
    },
    ensureImage: async ({ image }) => {
      await at('ensureImage');
      return { name: image, id: 'sha256:1' };
    },
    start: async () => {
      await at('start');
      const sandbox = new AbortController();
      if (gone.aborted) sandbox.abort(gone.reason);
      sandboxes.add(sandbox);
      return fakeSandbox(at, sandbox.signal, () => sandboxes.delete(sandbox));
    },
    sweep: async () => [],
  };
}

function fakeSandbox(at: At, gone: AbortSignal, onDisposed: () => void): Sandbox {
  const dispose = async () => {
    await at('dispose');
    onDisposed();
  };
  return {
    runtime: 'docker',
    id: 'box-1',
    isolation: { network: 'none', sentence: 'no interface but loopback' },
    provenance: { name: 'postgres:17', id: 'sha256:1' },
    paths: { data: '/data', run: '/run', scratch: '/scratch' },
    binDirs: [],
    gone,
    shellCommand: ['docker', 'exec', '-it', 'box-1', 'sh'],
    exec: async (argv) => {
      if (argv.join(' ') !== 'du -sk /data') throw new Error('the fake engine runs nothing');
      await at('measure');
      return { exitCode: 0, stdout: '41200\t/data\n', stderr: '' };
    },
    writeFiles: () => Promise.reject(new Error('the fake engine writes nothing')),
    connect: (path) => ({ kind: 'path', path }),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
