import { NO_EDGES, NO_TOTALS } from '../record/report-store.ts';
import { sumUp } from './attainment.ts';
import { describePeriod, monthsOf } from './calendar.ts';
import { decideNoise, FALSE_DISCOVERY_RATE } from './change.ts';
import { describeCoverage } from './coverage.ts';
import type { DigestContext, DrillDigest } from './drill-digest.ts';
import { describeDrills, describeSpeedChange } from './drill-rows.ts';
import { describeAudit } from './evidence.ts';
import { composeHeadline } from './headline.ts';
import { describeIncident } from './incidents.ts';
import { DEFAULT_OPTIONS, type ReportInput, type ReportRequest, type ReportStanding } from './input.ts';
import { describeAcknowledgements, describeSilences } from './known-acknowledgements.ts';
import { endOf, isCounted, isOver } from './known-then.ts';
import { countPrevious } from './previous-counts.ts';
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
    return { ...summarizeDrill(history, drillThen(standing, context), context), standing };
  });
  return assembleReport(input, context, withoutHistory(digests, input.standings, context), input);
}

export function contextOf({ asOf, period, options }: ReportRequest): DigestContext {
  return {
    asOf,
    period: describePeriod(period, asOf),
    months: monthsOf(period),
    options: { ...DEFAULT_OPTIONS, ...options },
  };
}

/** The current drill; undefined for a past period: tier, owner and RTO are then those that its runs recorded. */
export function drillThen(
  standing: ReportStanding | undefined,
  context: DigestContext,
): ReportStanding['drill'] | undefined {
  return isOver(context) ? undefined : standing?.drill;
}

/** Drills that never ran appear in the report as well. */
export function withoutHistory(
  digests: readonly DrillDigest[],
  standings: readonly ReportStanding[],
  context: DigestContext,
): readonly DrillDigest[] {
  const known = new Set(digests.map(({ drill }) => drill));
  const missing = standings
    .filter(({ drill }) => !known.has(drill.name))
    .map((standing) => emptyDigest(standing, context));
  return [...digests, ...missing].toSorted((a, b) => (a.drill < b.drill ? -1 : 1));
}

type KnownOfRuns = Pick<ReportInput, 'endings' | 'evidence' | 'acknowledgements' | 'silences'>;

/** @param digests of all drills, by name; those that the filter excludes are left out here. */
export function assembleReport(
  { asOf, filter = {} }: Pick<ReportRequest, 'asOf' | 'filter'>,
  context: DigestContext,
  allDigests: readonly DrillDigest[],
  { endings, evidence, acknowledgements = [], silences = [] }: KnownOfRuns,
): Report {
  const { period, months, options } = context;
  const digests = allDigests.filter((digest) => passes(digest, filter));
  const trends = decideChanges(
    digests.flatMap(({ trend }) => trend ?? []),
    period.previous.label,
  );
  const end = endOf(context);
  const endingOf = new Map(endings.map((ending) => [ending.runId, ending]));
  const incidents = digests.flatMap((digest) => digest.incidents.map((one) => describeIncident(one, endingOf, end)));
  const changes = digests.flatMap(({ objectiveChanges }) => objectiveChanges).toSorted((a, b) => +a.at - +b.at);
  const failing = incidents.filter(({ kind, resolved }) => kind === 'failed' && !resolved);
  const trendOf = new Map(trends.map((trend) => [trend.drill, trend]));
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
      failing: new Map(failing.map((incident) => [incident.drill, incident])),
      trends: trendOf,
    }),
    drills: describeDrills(digests, trendOf, context),
    previous: countPrevious(digests, context),
    speed: describeSpeedChange(trends),
    attainment: sumUp(
      digests.flatMap(({ tallies }) => tallies),
      months,
      options.targetShare,
      changes,
    ),
    trends: trends.toSorted((a, b) => (a.tier ?? LAST) - (b.tier ?? LAST) || (a.drill < b.drill ? -1 : 1)),
    coverage: describeCoverage(digests, context),
    incidents: incidents.toSorted(openFirst),
    acknowledgements: describeAcknowledgements(acknowledgements, digests, context),
    silences: describeSilences(silences, digests, context),
    audit: describeAudit(digests, evidence, context),
  };
}

const LAST = Number.MAX_SAFE_INTEGER;

export function passes({ tier, owner }: Pick<DrillDigest, 'tier' | 'owner'>, filter: ReportFilter): boolean {
  if (filter.tier !== undefined && tier !== filter.tier) return false;
  return filter.owner === undefined || owner === filter.owner;
}

/** With many drills, some changes are significant by chance, so the p-values are corrected together. */
function decideChanges(trends: readonly Trend[], previousLabel: string): readonly Trend[] {
  const pValues = trends.flatMap(({ change }) => (change.kind === 'compared' ? change.pValue : []));
  const limit = falseDiscoveryLimit(pValues, FALSE_DISCOVERY_RATE);
  return trends.map((trend) => ({ ...trend, change: decideNoise(trend.change, limit, previousLabel) }));
}

function openFirst(a: Incident, b: Incident): number {
  return Number(a.resolved !== undefined) - Number(b.resolved !== undefined) || +b.first.at - +a.first.at;
}

/** For a drill that had not run by the end of a past period, its tier and owner at the time are not on record. */
function emptyDigest(standing: ReportStanding, context: DigestContext): DrillDigest {
  const { name } = standing.drill;
  const { tier, owner } = drillThen(standing, context) ?? { tier: undefined, owner: undefined };
  return {
    drill: name,
    standing,
    tier,
    owner,
    runs: 0,
    lastVerdict: undefined,
    edges: NO_EDGES,
    previous: NO_TOTALS,
    tallies: [],
    objectiveChanges: [],
    trend: undefined,
    incidents: [],
    evidence: { all: [], sample: [] },
    teardown: { confirmed: 0, kept: 0, notConfirmed: 0 },
  };
}
