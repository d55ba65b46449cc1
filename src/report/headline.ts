import { formatAge, formatDuration } from '../support/quantities.ts';
import { formatDay, formatNearDay } from './calendar.ts';
import { composeVerdict } from './compose-verdict.ts';
import type { DrillDigest } from './drill-digest.ts';
import { describeNoMatch, isFiltered } from './filter.ts';
import { endOf, isCounted, isOver } from './known-then.ts';
import type { Headline, Incident, ReportFilter, ReportPeriod, Statement, StatementKind } from './report.ts';
import type { Trend } from './report-trend.ts';

export interface HeadlineContext {
  readonly asOf: Date;
  readonly period: ReportPeriod;
  readonly filter: ReportFilter;
  /** Open incidents of current drills. */
  readonly failing: ReadonlyMap<string, Incident>;
  /** With their noise decisions applied. */
  readonly trends: ReadonlyMap<string, Trend>;
}

/** Composes the headline: a verdict, and statements about the drills that have problems, worst first. */
export function composeHeadline(digests: readonly DrillDigest[], context: HeadlineContext): Headline {
  const currentDrills = digests.filter((digest) => isCounted(digest, context));
  const provenCount = currentDrills.filter(({ lastVerdict }) => lastVerdict?.outcome === 'passed').length;
  const statements = currentDrills.flatMap((digest) => describeDrill(digest, context) ?? []).toSorted(bySeverity);
  return {
    text:
      currentDrills.length === 0
        ? describeNothing(context)
        : composeVerdict(provenCount, currentDrills.length, statements, context),
    provenCount,
    tone:
      currentDrills.length === 0 && isFiltered(context.filter)
        ? 'warn'
        : toneOf(provenCount, currentDrills.length, statements),
    statements,
  };
}

function describeNothing(context: HeadlineContext): string {
  if (isFiltered(context.filter)) return `${describeNoMatch(context.filter)}.`;
  if (isOver(context)) return 'No drills are on record from that time: nothing was proven recoverable.';
  return 'There are no drills yet: nothing is proven recoverable.';
}

function describeDrill(digest: DrillDigest, context: HeadlineContext): Statement | undefined {
  const { drill, tier } = digest;
  const { asOf, period, failing, trends } = context;
  const end = endOf(context);
  const say = (kinds: readonly StatementKind[], text: string): Statement => ({
    drill,
    tier,
    kinds,
    text: `${drill} ${text}`,
  });
  const incident = failing.get(drill);
  const { lastRun, lastVerdict } = digest.edges;
  if (incident) {
    const since = formatNearDay(incident.first.at, asOf, period.zone);
    return say(['failing'], `has failed since ${since}: ${incident.last.sentence}`);
  }
  if (!lastRun) return say(['never-drilled'], isOver(context) ? 'had never been drilled' : 'has never been drilled');
  if (digest.runs === 0)
    return say(
      ['not-drilled'],
      `${isOver(context) ? 'had' : 'has'} not been drilled for ${inDays(+end - lastRun.startedMs)}`,
    );
  if (!digest.lastVerdict) {
    const since = lastVerdict ? `for ${inDays(+end - lastVerdict.startedMs)}` : 'ever';
    return say(['no-proof'], `has not been proven ${since}: its drills break`);
  }
  const trend = trends.get(drill);
  return trend && describeSpeed(trend, context, say);
}

function describeSpeed(
  trend: Trend,
  { period }: HeadlineContext,
  say: (kinds: readonly StatementKind[], text: string) => Statement,
): Statement | undefined {
  const kinds: StatementKind[] = [];
  const clauses: string[] = [];
  const { change, forecast } = trend;
  if (change.kind === 'compared' && change.isMoreThanNoise && change.ratio > 1) {
    kinds.push('slower');
    clauses.push(`is ${Math.round((change.ratio - 1) * 100)} % slower than ${period.previous.label}`);
  }
  if (forecast.kind === 'made' && forecast.crossing.kind === 'expected') {
    kinds.unshift('will-miss');
    const day = formatDay(forecast.crossing.at, period.zone);
    clauses.push(`will miss its ${describeTarget(forecast.rtoMs)} RTO around ${day}`);
  }
  if (forecast.kind === 'made' && forecast.crossing.kind === 'now') {
    kinds.unshift('above-target');
    clauses.push(`usually misses its ${describeTarget(forecast.rtoMs)} RTO`);
  }
  return kinds.length === 0 ? undefined : say(kinds, clauses.join(' and '));
}

const SEVERITY: readonly StatementKind[] = [
  'failing',
  'never-drilled',
  'no-proof',
  'above-target',
  'will-miss',
  'slower',
  'not-drilled',
];

function bySeverity(a: Statement, b: Statement): number {
  const rank = ({ kinds: [kind = 'slower'] }: Statement) => SEVERITY.indexOf(kind);
  return rank(a) - rank(b) || (a.tier ?? LAST) - (b.tier ?? LAST) || (a.drill < b.drill ? -1 : 1);
}

const LAST = Number.MAX_SAFE_INTEGER;

function toneOf(proven: number, count: number, statements: readonly Statement[]): Headline['tone'] {
  if (proven < count || count === 0) return 'bad';
  return statements.length > 0 ? 'warn' : 'good';
}

/** `30-minute`, `4-hour`, `1 h 30 min`. */
function describeTarget(rtoMs: number): string {
  const minutes = rtoMs / 60_000;
  if (Number.isInteger(minutes / 60)) return `${minutes / 60}-hour`;
  return Number.isInteger(minutes) && minutes < 120 ? `${minutes}-minute` : formatDuration(rtoMs);
}

/** `41 days`; below two days in the usual format for ages. */
function inDays(ms: number): string {
  return ms < 2 * 86_400_000 ? formatAge(ms) : `${Math.floor(ms / 86_400_000)} days`;
}
