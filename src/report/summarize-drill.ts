import type { RunFigures } from '../record/report-store.ts';
import { findObjectiveChanges, tallyRuns } from './attainment.ts';
import type { DigestContext, HistoryDigest } from './drill-digest.ts';
import { chooseEvidence } from './evidence.ts';
import { findIncidents } from './incidents.ts';
import type { DrillHistory, ReportDrill } from './input.ts';
import { endOf } from './known-then.ts';
import type { TeardownCounts } from './report.ts';
import { hasVerdict } from './series.ts';
import { describeTrend } from './trend.ts';

/** @param drill the current drill; undefined: it was removed, or the report is on a past period and uses what its runs recorded. */
export function summarizeDrill(
  history: DrillHistory,
  drill: ReportDrill | undefined,
  context: DigestContext,
): HistoryDigest {
  const { period, months, options } = context;
  const [fromMs, toMs] = [period.from.getTime(), period.to.getTime()];
  const first = history.facts.findIndex(({ startedMs }) => startedMs >= fromMs);
  const facts = first === -1 ? [] : history.facts.slice(first).filter(({ startedMs }) => startedMs < toMs);
  const before = first === -1 ? history.facts.at(-1) : history.facts[first - 1];
  const incidents = findIncidents(facts, history.edges);
  const last = facts.at(-1) ?? history.edges.lastRun;
  return {
    drill: history.drill,
    tier: drill ? drill.tier : last?.context.tier,
    owner: drill ? drill.owner : last?.context.owner,
    runs: facts.length,
    lastVerdict: facts.findLast(hasVerdict),
    edges: history.edges,
    previous: history.previous,
    tallies: tallyRuns(facts, months),
    objectiveChanges: findObjectiveChanges(before, facts),
    trend: describeTrend(history, facts, { period, asOf: endOf(context), options, rtoMs: drill?.objectives.rtoMs }),
    incidents,
    evidence: chooseEvidence(facts, incidents, months, options.evidenceLimit),
    teardown: countTeardowns(facts),
  };
}

function countTeardowns(facts: readonly RunFigures[]): TeardownCounts {
  const left = facts.filter(({ sandboxRemoved }) => sandboxRemoved === false);
  const kept = left.filter(({ sandboxKept }) => sandboxKept);
  const confirmed = facts.filter(({ sandboxRemoved }) => sandboxRemoved === true);
  return { confirmed: confirmed.length, kept: kept.length, notConfirmed: left.length - kept.length };
}
