import type { Sandbox } from '../../src/sandbox/sandbox.ts';

const EMPTY = 'for dir; do find "$dir" -mindepth 1 -maxdepth 1 -exec rm -rf -- {} + || exit 1; done';

/**
 * Ends what a restore left running in a container and removes its files, so that the next restore finds it like new.
 * This takes two commands in the sandbox; a new sandbox takes about nine.
 */
export async function clearSandbox(sandbox: Sandbox): Promise<Sandbox> {
  await sandbox.guardRun?.('open'); // also ends every process of the server's user
  const { data, run, scratch, memory = data } = sandbox.paths;
  const argv = ['sh', '-c', EMPTY, 'clear', data, run, scratch, memory, '/tmp'];
  const { exitCode, stderr } = await sandbox.exec(argv, { signal: new AbortController().signal });
  if (exitCode !== 0) throw new Error(`the sandbox could not be cleared: ${stderr}`);
  return sandbox;
}

/** Containers that the tests of a file use in turn. */
interface SharedSandboxes<Of> extends AsyncDisposable {
  /** An empty one. Whatever the previous test still runs in it is ended. */
  take(of: Of): Promise<Sandbox>;
}

/** @param start called once for each kind. Where the isolation of sandboxes is tested, each test starts its own. */
export function shareSandboxes<Of>(start: (of: Of) => Promise<Sandbox>): SharedSandboxes<Of> {
  const held = new AsyncDisposableStack();
  const started = new Map<Of, Sandbox>();
  return {
    take: async (of) => {
      const known = started.get(of);
      if (known) return clearSandbox(known);
      const sandbox = held.use(await start(of));
      started.set(of, sandbox);
      return sandbox;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
