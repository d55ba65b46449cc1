import { stateOf } from '../../src/record/history-view.ts';
import { SOLE_LEAD } from '../../src/record/lead.ts';
import { markInterrupted } from '../../src/record/queries/abandoned.ts';
import { computeBaseline } from '../../src/record/queries/baseline.ts';
import { SENT_KEPT_MS, SKIPS_KEPT_MS } from '../../src/record/queries/prune.ts';
import { findReachedLimit } from '../../src/record/run-limits.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import {
  type CountedRuns,
  type IdentityRun,
  type LogLine,
  RunEndedError,
  type RunLease,
  type Store,
} from '../../src/record/store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { compare } from './compare.ts';
import { createMemoryAccess } from './memory-access.ts';
import { createMemoryAcknowledgements } from './memory-acknowledgements.ts';
import { createMemoryBaselines } from './memory-baselines.ts';
import { createMemoryDiscovery } from './memory-discovery.ts';
import { createMemoryLive } from './memory-live.ts';
import { createMemoryNotifications } from './memory-notifications.ts';
import { findPastChecks } from './memory-past-checks.ts';
import { createMemoryReports } from './memory-reports.ts';
import { createMemoryRequests } from './memory-requests.ts';
import { createMemorySchedule } from './memory-schedule-store.ts';
import { createMemorySilences } from './memory-silences.ts';
import { createMemorySpending } from './memory-spending.ts';

function asProof({ id, status, verdict, startedAt, error }: RunRecord): IdentityRun {
  return { runId: id, status, verdict, startedAt, errorCode: error?.code };
}

/** A history that ends with the test; passes the same contract suite as the real one. */
export function createMemoryStore({ isShared = true }: { readonly isShared?: boolean } = {}): Store {
  const runs = new Map<string, RunRecord>();
  const logs = new Map<string, LogLine[]>();
  const requests = createMemoryRequests();
  const spending = createMemorySpending(() => [...runs.values()]);
  /** In the order in which they ended. */
  const ended: string[] = [];

  function claim(run: RunRecord): void {
    if (run.status !== 'running') throw new DrillError('store-failed', `run ${run.id} is claimed as ${run.status}`);
    if (runs.has(run.id)) throw new DrillError('store-failed', `run ${run.id} is already recorded`);
    spending.begin(run);
    runs.set(run.id, structuredClone(run));
    logs.set(run.id, []);
  }
  function require(runId: string): RunRecord {
    const run = runs.get(runId);
    if (!run) throw new DrillError('store-failed', `there is no run ${runId}`);
    return run;
  }
  function requireRunning(runId: string): RunRecord {
    const run = require(runId);
    if (run.status !== 'running') throw new RunEndedError(runId, run.status);
    return run;
  }
  function newestFirst(): RunRecord[] {
    return [...runs.values()].toSorted((a, b) => compare(b.startedAt, a.startedAt) || compare(b.id, a.id));
  }
  function matching({ drill, states, owner, tier, trigger, since, before }: CountedRuns): RunRecord[] {
    return newestFirst()
      .filter((run) => drill === undefined || run.drill === drill)
      .filter((run) => !states || states.includes(stateOf(run)))
      .filter((run) => owner === undefined || run.owner === owner)
      .filter((run) => tier === undefined || run.tier === tier)
      .filter((run) => trigger === undefined || run.trigger.kind === trigger)
      .filter((run) => !since || run.startedAt >= since)
      .filter((run) => !before || run.startedAt < before);
  }

  const schedule = createMemorySchedule({
    running: () =>
      newestFirst()
        .reverse()
        .filter((run) => run.status === 'running'),
    ended: () => [...runs.values()].filter((run) => run.status !== 'running'),
    claim,
    spending,
  });
  const notifications = createMemoryNotifications();
  const live = createMemoryLive((runId) => runs.get(runId));

  return {
    ...createMemoryAcknowledgements(),
    ...createMemorySilences(),
    ...createMemoryDiscovery(),
    ...requests,
    ...live,
    async check() {
      // It lasts as long as the process, and no other process has it.
    },
    async claim(run, limits = []) {
      const counted = await schedule.runningInPools();
      const limit = findReachedLimit(limits, counted());
      if (!limit) claim(run);
      return limit;
    },
    async addStage(runId, stage) {
      const run = requireRunning(runId);
      runs.set(runId, { ...run, stages: [...run.stages, structuredClone(stage)] });
    },
    async addLog(runId, lines) {
      require(runId);
      logs.get(runId)?.push(...structuredClone(lines));
    },
    async extendLease(runId, leaseExpiresAt) {
      runs.set(runId, { ...requireRunning(runId), leaseExpiresAt });
    },
    async finish(run) {
      if (run.status === 'running') throw new DrillError('store-failed', `run ${run.id} cannot end as running`);
      requireRunning(run.id);
      spending.end(run);
      runs.set(run.id, structuredClone(run));
      ended.push(run.id);
      live.drop([run.id]);
    },
    async interruptAbandoned(now, deathOf) {
      const marked = [...runs.values()].flatMap((run) => {
        const death = run.status === 'running' ? deathOf(leaseOf(run)) : undefined;
        return death ? [markInterrupted(run, now, death)] : [];
      });
      for (const run of marked) runs.set(run.id, run);
      ended.push(...marked.map(({ id }) => id));
      live.drop(marked.map(({ id }) => id));
      return marked;
    },
    async findLeases() {
      const running = [...runs.values()].filter(({ status }) => status === 'running');
      return running.map(leaseOf).toSorted((a, b) => compare(a.runId, b.runId));
    },
    async findRuns({ limit, after, ...filter }) {
      return matching(filter)
        .filter((run) => !after || (compare(run.startedAt, after.startedAt) || compare(run.id, after.id)) < 0)
        .slice(0, limit);
    },
    async countMatchingRuns(filter, atMost) {
      return Math.min(atMost, matching(filter).length);
    },
    async findLatestCompleted(drill) {
      return newestFirst().find((run) => run.drill === drill && run.status === 'completed');
    },
    async findLatestRuns() {
      const latest = new Map<string, RunRecord>();
      for (const run of newestFirst()) if (!latest.has(run.drill)) latest.set(run.drill, run);
      return [...latest.values()].toSorted((a, b) => compare(a.drill, b.drill));
    },
    async findRecoveryProofs() {
      const withIt = newestFirst().filter(({ identity }) => identity?.name === 'recovery');
      const drills = [...new Set(withIt.map(({ drill }) => drill))].toSorted(compare);
      return drills.flatMap((drill) => {
        const own = withIt.filter((run) => run.drill === drill);
        const passed = own.filter(({ verdict }) => verdict === 'passed');
        const newest = own.find(({ status }) => status === 'completed' || status === 'errored');
        if (!newest) return [];
        const withKey = passed.find(({ identity }) => identity?.keys.length);
        return {
          drill,
          newest: asProof(newest),
          passed: passed[0] && asProof(passed[0]),
          passedWithKey: withKey && asProof(withKey),
        };
      });
    },
    async findProofs() {
      const drills = [...new Set(newestFirst().map(({ drill }) => drill))].toSorted(compare);
      return drills.flatMap((drill) => {
        const run = newestFirst().find((one) => one.drill === drill && one.proof);
        if (!run?.proof) return [];
        const { id: runId, startedAt, definitionHash, proof } = run;
        return [{ drill, runId, startedAt, definitionHash, proof }];
      });
    },
    async getRun(idOrPrefix) {
      const found = [...runs.values()].filter((run) => idOrPrefix !== '' && run.id.startsWith(idOrPrefix));
      const run = runs.get(idOrPrefix) ?? (found.length === 1 ? found[0] : undefined);
      if (run) return run;
      const ids = found.map(({ id }) => id).toSorted();
      throw new DrillError(
        'run-not-found',
        ids.length > 0 ? `several runs: ${ids.join(', ')}` : `no run '${idOrPrefix}'`,
      );
    },
    async getLog(runId, from = 0) {
      return (logs.get(runId) ?? []).slice(from);
    },
    async getBaseline(drill) {
      const passed = newestFirst().filter((run) => run.drill === drill && run.verdict === 'passed');
      return computeBaseline(
        passed.slice(0, 10).map((run) => ({
          recoveryTimeMs: run.recoveryTimeMs ?? 0,
          stages: run.stages,
          sizeBytes: run.backup?.sizeBytes,
          dataBytes: run.sandbox?.dataBytes,
          hasReplay: run.replay !== undefined,
          counts: run.objectives.counts,
        })),
      );
    },
    findPastChecks: async (filter) => findPastChecks([...runs.values()], filter),
    async prune(now) {
      const before = (keptMs: number) => new Date(now.getTime() - keptMs);
      return (
        schedule.pruneSkips(before(SKIPS_KEPT_MS)) +
        notifications.pruneSent(before(SENT_KEPT_MS)) +
        requests.pruneRequests(now) +
        live.pruneLive(now)
      );
    },
    ...schedule,
    isShared,
    ...(!isShared && { openLead: () => SOLE_LEAD }),
    ...notifications,
    ...createMemoryAccess(),
    ...createMemoryBaselines(runs),
    ...createMemoryReports(() => ended.map(require)),
    async [Symbol.asyncDispose]() {
      runs.clear();
    },
  };
}

function leaseOf({ id, leaseOwner, leaseExpiresAt, leaseBeatMs }: RunRecord): RunLease {
  return { runId: id, owner: leaseOwner, expiresAt: leaseExpiresAt, beatMs: leaseBeatMs };
}
