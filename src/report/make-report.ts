import { NO_EDGES, type RunEnding } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import { sumUp } from './attainment.ts';
import { describePeriod, monthsOf } from './calendar.ts';
import { decideNoise, FALSE_DISCOVERY_RATE } from './change.ts';
import { describeCoverage } from './coverage.ts';
import type { DigestContext, DrillDigest } from './drill-digest.ts';
import { describeAudit } from './evidence.ts';
import { composeHeadline } from './headline.ts';
import { describeIncident } from './incidents.ts';
import { DEFAULT_OPTIONS, type ReportInput, type ReportRequest, type ReportStanding } from './input.ts';
import { endOf, isCounted } from './known-then.ts';
import type { Incident, Report, ReportFilter } from './report.ts';
import type { Trend } from './report-trend.ts';
import { falseDiscoveryLimit } from './statistics.ts';
import { summarizeDrill } from './summarize-drill.ts';

/** Makes the report on a period from the facts of its runs. Pure: the same input gives the same report. */
export function makeReport(input: ReportInput): Report {
  const context = contextOf(input);
  const standings = new Map(input.standings.map((standing) => [standing.drill.name, standing]));
  const digests = input.histories.map((history) => {
    const standing = standings.get(history.drill);
    return { ...summarizeDrill(history, standing?.drill, context), standing };
  });
  return assembleReport(input, context, withoutHistory(digests, input.standings), input.endings, input.evidence);
}

export function contextOf({ asOf, period, options }: ReportRequest): DigestContext {
  return {
    asOf,
    period: describePeriod(period, asOf),
    months: monthsOf(period),
    options: { ...DEFAULT_OPTIONS, ...options },
  };
}

/** Drills that never ran appear in the report as well. */
export function withoutHistory(
  digests: readonly DrillDigest[],
  standings: readonly ReportStanding[],
): readonly DrillDigest[] {
  const known = new Set(digests.map(({ drill }) => drill));
  const missing = standings.filter(({ drill }) => !known.has(drill.name)).map(emptyDigest);
  return [...digests, ...missing].toSorted((a, b) => (a.drill < b.drill ? -1 : 1));
}

/** @param digests of every drill, by name; those that the filter excludes are left out here. */
export function assembleReport(
  { asOf, filter = {} }: Pick<ReportRequest, 'asOf' | 'filter'>,
  context: DigestContext,
  allDigests: readonly DrillDigest[],
  endings: readonly RunEnding[],
  evidence: readonly RunRecord[],
): Report {
  const { period, months, options } = context;
  const digests = allDigests.filter((digest) => passes(digest, filter));
  const trends = decideChanges(
    digests.flatMap(({ trend }) => trend ?? []),
    period.previous.label,
  );
  const endingOf = new Map(endings.map((ending) => [ending.runId, ending]));
  const incidents = digests.flatMap((digest) => digest.incidents.map((one) => describeIncident(one, endingOf, asOf)));
  const changes = digests.flatMap(({ objectiveChanges }) => objectiveChanges).toSorted((a, b) => +a.at - +b.at);
  const end = endOf(context);
  const failing = incidents.filter(({ kind, resolved }) => kind === 'failed' && (!resolved || resolved.at >= end));
  return {
    madeAt: asOf,
    period,
    filter,
    drillCount: digests.filter((digest) => isCounted(digest, context)).length,
    runCount: digests.reduce((sum, { runs }) => sum + runs, 0),
    headline: composeHeadline(digests, {
      asOf,
      period,
      filter,
      options,
      failing: new Map(failing.map((incident) => [incident.drill, incident])),
      trends: new Map(trends.map((trend) => [trend.drill, trend])),
    }),
    attainment: sumUp(
      digests.flatMap(({ tallies }) => tallies),
      months,
      options.targetShare,
      changes,
    ),
    trends: trends.toSorted((a, b) => (a.tier ?? LAST) - (b.tier ?? LAST) || (a.drill < b.drill ? -1 : 1)),
    coverage: describeCoverage(digests, context),
    incidents: incidents.toSorted(openFirst),
    audit: describeAudit(digests, evidence, options),
  };
}

const LAST = Number.MAX_SAFE_INTEGER;

export function passes({ tier, owner }: Pick<DrillDigest, 'tier' | 'owner'>, filter: ReportFilter): boolean {
  if (filter.tier !== undefined && tier !== filter.tier) return false;
  return filter.owner === undefined || owner === filter.owner;
}

/** Among many drills some changes are significant by chance, so the p-values are corrected together. */
function decideChanges(trends: readonly Trend[], previousLabel: string): readonly Trend[] {
  const pValues = trends.flatMap(({ change }) => (change.kind === 'compared' ? change.pValue : []));
  const limit = falseDiscoveryLimit(pValues, FALSE_DISCOVERY_RATE);
  return trends.map((trend) => ({ ...trend, change: decideNoise(trend.change, limit, previousLabel) }));
}

function openFirst(a: Incident, b: Incident): number {
  return Number(a.resolved !== undefined) - Number(b.resolved !== undefined) || +b.first.at - +a.first.at;
}

function emptyDigest(standing: ReportStanding): DrillDigest {
  const { name, tier, owner } = standing.drill;
  return {
    drill: name,
    standing,
    tier,
    owner,
    runs: 0,
    lastVerdict: undefined,
    edges: NO_EDGES,
    tallies: [],
    objectiveChanges: [],
    trend: undefined,
    incidents: [],
    evidence: { all: [], sample: [] },
    teardown: { confirmed: 0, kept: 0, notConfirmed: 0 },
  };
}
