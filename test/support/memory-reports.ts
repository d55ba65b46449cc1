import {
  type FactCursor,
  type FactRange,
  type HistoryEdges,
  NO_DATA_REASONS,
  type ReportStore,
  RUN_OUTCOMES,
  type RunFigures,
  type RunTotals,
} from '../../src/record/report-store.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import { REASONS, type StageName } from '../../src/support/vocabulary.ts';
import { compare } from './compare.ts';

/** The data of reports, in memory. @param ended runs in the order in which they ended. */
export function createMemoryReports(ended: () => readonly RunRecord[]): ReportStore {
  const inOrder = () =>
    ended()
      .map(factOf)
      .toSorted((a, b) => a.startedMs - b.startedMs);
  const of = (name: string) => inOrder().filter(({ drill }) => drill === name);
  const inRange = ({ drill, fromMs, toMs, share = 1 }: FactRange) =>
    of(drill)
      .filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share))
      .filter(({ startedMs }) => startedMs >= fromMs && startedMs < toMs);
  const byId = (runIds: readonly string[]) => runIds.flatMap((id) => ended().find((run) => run.id === id) ?? []);
  return {
    async getFactDrills() {
      return [...new Set(ended().map((run) => run.drill))].toSorted();
    },
    async findFacts(range) {
      return inRange(range);
    },
    async findRecoveryTimes(range) {
      return inRange(range).flatMap((fact) => (hasVerdict(fact) ? (fact.recoveryTimeMs ?? []) : []));
    },
    async getTotals(range) {
      return totalsOf(inRange({ ...range, share: 1 }));
    },
    async getEdges(range) {
      return edgesOf(of(range.drill), range);
    },
    async findNewestFacts({ drill, beforeMs = Number.POSITIVE_INFINITY, limit }) {
      const before = of(drill).filter(({ startedMs }) => startedMs < beforeMs);
      return before.toReversed().slice(0, limit);
    },
    async findRecentFacts(perDrill) {
      const drills = [...Map.groupBy(inOrder(), ({ drill }) => drill)].toSorted(([a], [b]) => compare(a, b));
      return drills.flatMap(([, facts]) => facts.slice(-perDrill));
    },
    async findFactsSince(cursor, limit) {
      const at = (count: number) => `${count} ended` as FactCursor;
      if (cursor === undefined) return { cursor: at(ended().length), facts: [] };
      const from = Number.parseInt(cursor, 10);
      const facts = ended()
        .slice(from, from + limit)
        .map(factOf);
      return { cursor: at(from + facts.length), facts };
    },
    async findEndings(runIds) {
      return byId(runIds).map(({ id, reasons, error }) => ({
        runId: id,
        sentences: reasons.map(({ sentence }) => sentence),
        error: error && { code: error.code, message: error.message },
      }));
    },
    async getRuns(runIds) {
      return byId(runIds);
    },
  };
}

/** What a store counts in the facts of one drill, oldest first. */
export function totalsOf(facts: readonly RunFigures[]): RunTotals {
  const judged = facts.filter(hasVerdict);
  const count = (counts: (fact: RunFigures) => boolean) => judged.filter(counts).length;
  const last = judged.at(-1)?.outcome;
  return {
    runs: facts.length,
    judged: judged.length,
    passed: count(({ outcome }) => outcome === 'passed'),
    withinRto: count(({ recoveryTimeMs, context }) => recoveryTimeMs !== undefined && recoveryTimeMs <= context.rtoMs),
    withRpo: count(({ context }) => context.rpoMs !== undefined),
    withinRpo: count(({ dataLossMs, context: { rpoMs } }) => dataLossMs !== undefined && dataLossMs <= (rpoMs ?? -1)),
    rightData: count(({ reasons }) => !reasons.some((reason) => NO_DATA_REASONS.includes(reason))),
    lastVerdict: last === 'passed' || last === 'failed' ? last : undefined,
  };
}

/** The outcome for which an ended run counts. */
export function factOf(run: RunRecord): RunFigures {
  const [host = ''] = run.leaseOwner.split('/');
  const took = (name: StageName) => {
    const stages = run.stages.filter((stage) => stage.name === name);
    return stages.length === 0 ? undefined : stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
  };
  const { tier, owner, objectives, sandbox } = run;
  return {
    runId: run.id,
    drill: run.drill,
    startedMs: run.startedAt.getTime(),
    endedMs: Math.max(run.startedAt.getTime(), (run.endedAt ?? run.startedAt).getTime()),
    outcome: RUN_OUTCOMES.find((outcome) => outcome === (run.verdict ?? run.status)) ?? 'errored',
    reasons: REASONS.filter((reason) => run.reasons.some((record) => record.reason === reason)),
    errorCode: run.error?.code,
    triggerKind: run.trigger.kind,
    attempt: run.trigger.attempt,
    context: { tier, owner, rtoMs: objectives.rtoMs, rpoMs: objectives.rpoMs, counts: objectives.counts },
    environment: sandbox && {
      runtime: sandbox.runtime,
      image: sandbox.image,
      imageId: sandbox.imageId,
      host: /^[0-9a-f]{12}$/.test(host) ? 'a container' : host,
      serverVersion: sandbox.serverVersion ?? '',
    },
    recoveryTimeMs: run.recoveryTimeMs,
    dataLossMs: run.dataLossMs,
    archiveLagMs: run.replay?.archive?.lagMs,
    sizeBytes: run.backup?.sizeBytes,
    takenMs: run.backup?.takenAt.getTime(),
    stagesMs: {
      locate: took('locate'),
      plan: took('plan'),
      'image-pull': took('image-pull'),
      provision: took('provision'),
      restore: took('restore'),
      verify: took('verify'),
      teardown: took('teardown'),
    },
    warnings: run.warnings.length,
    checksPassed: run.checks.filter(({ passed }) => passed).length,
    checksFailed: run.checks.filter(({ passed }) => !passed).length,
    sandboxRemoved: sandbox?.removed,
    sandboxKept: sandbox?.kept === true,
  };
}

function edgesOf(facts: readonly RunFigures[], { fromMs, toMs }: FactRange): HistoryEdges {
  const before = facts.filter(({ startedMs }) => startedMs < fromMs);
  const untilEnd = facts.filter(({ startedMs }) => startedMs < toMs);
  const afterEnd = facts.filter(({ startedMs }) => startedMs >= toMs);
  const passed = ({ outcome }: RunFigures) => outcome === 'passed';
  return {
    firstRun: facts[0],
    failingSince: before.slice(before.findLastIndex(passed) + 1).find(({ outcome }) => outcome === 'failed'),
    brokenSince: before.slice(before.findLastIndex(hasVerdict) + 1).find((fact) => !hasVerdict(fact)),
    lastRun: untilEnd.at(-1),
    lastVerdict: untilEnd.findLast(hasVerdict),
    lastPass: untilEnd.findLast(passed),
    nextVerdict: afterEnd.find(hasVerdict),
    nextPass: afterEnd.find(passed),
  };
}

function hasVerdict({ outcome }: RunFigures): boolean {
  return outcome === 'passed' || outcome === 'failed';
}
