import { isOwnerDead } from '../../support/owner.ts';
import { sweepReason } from '../labels.ts';
import type { Swept } from '../sandbox.ts';
import { type DirectoryOwner, listSandboxRoots, removeDirectories } from './directories.ts';
import { endProcessesIn } from './end-sandbox.ts';
import { readProcess, signalProcesses, waitForExit } from './processes.ts';

const HOLDER_TIMEOUT_MS = 5_000;

/** Removes this user's sandboxes below `parents` whose lease has expired or whose owner is dead, one at a time. */
export async function sweepSandboxes(
  parents: readonly string[],
  now: Date,
  signal: AbortSignal,
): Promise<readonly Swept[]> {
  const swept: Swept[] = [];
  for (const parent of new Set(parents)) {
    for (const { path, owner } of await listSandboxRoots(parent)) {
      signal.throwIfAborted();
      const why = sweepReason(owner.identity, now, isOwnerDead);
      if (!why) continue;
      const error = await sweepOne(path, owner).then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
      );
      swept.push({ kind: 'directory', id: path, runId: owner.identity.runId, why, error });
    }
  }
  return swept;
}

async function sweepOne(path: string, { holder }: DirectoryOwner): Promise<void> {
  const entry = holder && readProcess(holder.pid);
  // The pid may have been reused, so the start time must match as well.
  if (entry && entry.startTicks === holder.startTicks) {
    signalProcesses([entry], 'SIGKILL');
    const left = await waitForExit([entry], HOLDER_TIMEOUT_MS);
    if (left.length > 0) throw new Error(`its process ${entry.pid} does not end`);
  }
  await endProcessesIn([path]);
  await removeDirectories([path]);
}
