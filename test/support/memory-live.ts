import type { LiveSnapshot, LiveStore, RunCommand } from '../../src/record/live-store.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { compare } from './compare.ts';

/** The part of the store in memory with which processes follow each other's runs. @param find returns a run of any status. */
export function createMemoryLive(find: (runId: string) => RunRecord | undefined): LiveStore & {
  /** Must be called when runs end. */
  readonly drop: (runIds: readonly string[]) => void;
  readonly pruneLive: (now: Date) => number;
} {
  const live = new Map<string, LiveSnapshot>();
  const commands = new Map<string, RunCommand>();
  function drop(runIds: readonly string[]): void {
    for (const id of runIds) live.delete(id);
    for (const [key, { runId }] of commands) if (runIds.includes(runId)) commands.delete(key);
  }
  return {
    drop,
    async saveLive(snapshots) {
      for (const one of snapshots) {
        if (!one.keptUntil && find(one.runId)?.status !== 'running') continue;
        live.set(one.runId, { ...one, view: JSON.parse(JSON.stringify(one.view)) as unknown });
      }
    },
    endLive: async (runIds) => drop(runIds),
    findLive: async (now) =>
      [...live.values()]
        .filter(({ keptUntil }) => !keptUntil || keptUntil > now)
        .map((one) => ({ ...one, owner: find(one.runId)?.leaseOwner ?? '' }))
        .toSorted((a, b) => compare(a.runId, b.runId)),
    async commandRun(command) {
      const { runId, kind, at } = command;
      const one = live.get(runId);
      if (!one) return find(runId)?.status === 'running' ? 'unfollowed' : 'ended';
      if (one.keptUntil && (kind === 'keep' || one.keptUntil <= at)) return 'ended';
      commands.set(`${runId} ${kind}`, command);
      return 'accepted';
    },
    findCommands: async (runIds) =>
      [...commands.values()]
        .filter(({ runId }) => runIds.includes(runId))
        .toSorted((a, b) => compare(a.runId, b.runId) || compare(a.kind, b.kind)),
    pruneLive(now) {
      const over = [...live.values()].filter(({ keptUntil }) => keptUntil && keptUntil < now);
      drop(over.map(({ runId }) => runId));
      return over.length;
    },
  };
}
