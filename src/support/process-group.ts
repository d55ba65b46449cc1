import type { ChildProcess } from 'node:child_process';

/** Sends a signal to every process in the group led by a `detached` child. Does nothing if none is left, or none that we own. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
