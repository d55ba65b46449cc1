import type { HistoryEdges, RunFact } from '../record/report-store.ts';
import { findObjectiveChanges, type Tally, tallyRuns } from './attainment.ts';
import { chooseEvidence } from './evidence.ts';
import { type FoundIncident, findIncidents } from './incidents.ts';
import type { DrillHistory, ReportDrill, ReportOptions, ReportStanding } from './input.ts';
import type { ObjectiveChange, ReportMonth, ReportPeriod, TeardownCounts, Trend } from './report.ts';
import { hasVerdict } from './series.ts';
import { describeTrend } from './trend.ts';

export interface DigestContext {
  readonly asOf: Date;
  readonly period: ReportPeriod;
  readonly months: readonly ReportMonth[];
  readonly options: ReportOptions;
}

/** All that a report says of a drill's runs, so that the runs themselves need not be kept: a report over a million of them takes little memory. */
export interface HistoryDigest {
  readonly drill: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  readonly runs: number;
  /** The newest run in the period that has a verdict. */
  readonly lastVerdict: RunFact | undefined;
  readonly edges: HistoryEdges;
  readonly tallies: readonly Tally[];
  readonly objectiveChanges: readonly ObjectiveChange[];
  readonly trend: Trend | undefined;
  readonly incidents: readonly FoundIncident[];
  /** Runs to show as evidence: each one, where there are not too many, and a sample, what matters most first. */
  readonly evidence: { readonly all: readonly string[] | undefined; readonly sample: readonly string[] };
  readonly teardown: TeardownCounts;
}

export interface DrillDigest extends HistoryDigest {
  /** undefined: the drill is not in force any more. */
  readonly standing: ReportStanding | undefined;
}

/** @param drill in force; undefined: there is none any more. */
export function digestDrill(
  history: DrillHistory,
  drill: ReportDrill | undefined,
  context: DigestContext,
): HistoryDigest {
  const { asOf, period, months, options } = context;
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
    tallies: tallyRuns(facts, months),
    objectiveChanges: findObjectiveChanges(before, facts),
    trend: describeTrend(history, facts, { period, asOf, options, rtoMs: drill?.objectives.rtoMs }),
    incidents,
    evidence: chooseEvidence(facts, incidents, months, options.evidenceLimit),
    teardown: countTeardowns(facts),
  };
}

function countTeardowns(facts: readonly RunFact[]): TeardownCounts {
  const left = facts.filter(({ sandboxRemoved }) => sandboxRemoved === false);
  // As `wasKept` says it of a whole run.
  const kept = left.filter(({ outcome, stagesMs }) => outcome !== 'interrupted' && stagesMs.teardown === undefined);
  const confirmed = facts.filter(({ sandboxRemoved }) => sandboxRemoved === true);
  return { confirmed: confirmed.length, kept: kept.length, notConfirmed: left.length - kept.length };
}
