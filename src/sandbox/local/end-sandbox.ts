import { readFile } from 'node:fs/promises';
import { DrillError } from '../../support/errors.ts';
import { startTimer } from '../../support/long-timer.ts';
import { limitTime } from '../../support/time-limit.ts';
import { untilAborted } from '../../support/until-aborted.ts';
import { removeDirectories } from './directories.ts';
import type { Holder } from './holder.ts';
import { type ProcessEntry, processesIn, runTool, signalProcesses, waitForExit } from './processes.ts';

/** Ending processes has its own deadline, independent of the run's. Removing files takes as long as there are files. */
const END_TIMEOUT_MS = 20_000;
const RELEASE_TIMEOUT_MS = 5_000;
/** How long a database server has for an immediate shutdown, which frees its shared memory, before it is killed. */
const QUIT_TIMEOUT_MS = 2_000;

/** Ends every process of the sandbox and removes its directories. Throws `sandbox-leaked`, naming what is left. */
export async function endSandbox(roots: readonly string[], holder: Holder): Promise<void> {
  try {
    await endProcesses(roots, holder);
    await removeDirectories(roots);
  } catch (error) {
    throw error instanceof DrillError ? error : leaked(roots, error);
  }
}

/** For sandboxes without namespaces, and for leftovers of other processes: ends the processes that live in the directories, and frees their shared memory. */
export async function endProcessesIn(roots: readonly string[]): Promise<void> {
  const ended: ProcessEntry[] = [];
  for (const root of roots) {
    // Processes that are just starting are found in a later round.
    for (let found = await processesIn(root); found.length > 0; found = await processesIn(root)) {
      ended.push(...found);
      signalProcesses(found, 'SIGQUIT');
      const stubborn = await waitForExit(found, QUIT_TIMEOUT_MS);
      signalProcesses(stubborn, 'SIGKILL');
      const left = await waitForExit(stubborn, RELEASE_TIMEOUT_MS);
      if (left.length > 0)
        throw leaked(roots, new Error(`processes ${left.map(({ pid }) => pid).join(', ')} do not end`));
    }
  }
  await removeSharedMemoryOf(ended);
}

async function endProcesses(roots: readonly string[], holder: Holder): Promise<void> {
  using limit = limitTime(
    END_TIMEOUT_MS,
    () => new Error(`its processes did not end within ${END_TIMEOUT_MS / 1000} s`),
  );
  await untilAborted(endHolder(roots, holder), limit.signal);
}

async function endHolder(roots: readonly string[], holder: Holder): Promise<void> {
  if (holder.seal === 'open') await endProcessesIn(roots);
  holder.release();
  const stopTimer = startTimer(RELEASE_TIMEOUT_MS, () => holder.kill());
  await holder.ended.finally(stopTimer);
}

/** Without an IPC namespace, System V segments outlive a killed server; the kernel lists the creator of each (proc_sysvipc(5)). */
async function removeSharedMemoryOf(ended: readonly ProcessEntry[]): Promise<void> {
  if (process.platform !== 'linux' || ended.length === 0) return;
  const makers = new Set(ended.map(({ pid }) => String(pid)));
  const [, ...rows] = (await readFile('/proc/sysvipc/shm', 'utf8')).trim().split('\n');
  for (const row of rows) {
    // key shmid perms size cpid lpid nattch …
    const [, id = '', , , maker = '', , attached] = row.trim().split(/\s+/);
    if (makers.has(maker) && attached === '0') await runTool('ipcrm', ['--shmem-id', id]);
  }
}

function leaked(roots: readonly string[], cause: unknown): DrillError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DrillError('sandbox-leaked', `could not remove the sandbox ${roots.join(' and ')}: ${why}`, {
    hint: 'Stop what is still running in it, then run `firedrill sweep`.',
    cause,
  });
}
