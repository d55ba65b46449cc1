import { median } from 'simple-statistics';
import type { RunFigures } from '../record/report-store.ts';
import { STAGES, type StageName } from '../support/vocabulary.ts';
import { compareWithBefore, describeSpread } from './change.ts';
import { forecast } from './forecast.ts';
import type { DrillHistory, ReportOptions } from './input.ts';
import type { ReportPeriod } from './report.ts';
import type { ArchiveLags, Lag, Trend, TrendPoint } from './report-trend.ts';
import { hasVerdict, timingsOf } from './series.ts';
import { findSlowRuns } from './slow-runs.ts';
import { sortNumbers } from './statistics.ts';
import { splitAtSteps } from './steps.ts';

export interface TrendContext {
  readonly period: ReportPeriod;
  readonly asOf: Date;
  readonly options: ReportOptions;
  /** The current RTO; undefined when the drill was removed. */
  readonly rtoMs: number | undefined;
}

/** Describes a drill's recovery trend. @param facts of the period, oldest first. @returns undefined without any. */
export function describeTrend(
  history: DrillHistory,
  facts: readonly RunFigures[],
  context: TrendContext,
): Trend | undefined {
  const last = facts.at(-1);
  if (!last) return undefined;
  const { period, asOf } = context;
  const fromMs = period.from.getTime();
  const timings = timingsOf(history.facts);
  const segments = splitAtSteps(timings);
  const steps = segments.flatMap(({ step }) => step ?? []);
  const recoveryMs = sortNumbers(facts.flatMap((fact) => (hasVerdict(fact) ? (fact.recoveryTimeMs ?? []) : [])));
  const slow = findSlowRuns(segments, fromMs);
  const own = timings.filter(({ fact }) => fact.startedMs >= fromMs);
  const rtoMs = context.rtoMs ?? last.context.rtoMs;
  const [firstSized, lastSized] = [own[0], own.at(-1)];
  return {
    drill: history.drill,
    owner: last.context.owner,
    tier: last.context.tier,
    rtoMs,
    counts: STAGES.filter((stage) => last.context.counts.includes(stage)),
    ...makePoints(facts, context),
    runs: facts.length,
    recovery: describeSpread(recoveryMs),
    sizeBytes: firstSized && lastSized && { first: firstSized.sizeBytes, last: lastSized.sizeBytes },
    archive: describeLags(facts),
    bytesPerSecond: own.length === 0 ? undefined : median(own.map(({ bytesPerSecond }) => bytesPerSecond)),
    slowRuns: slow.slowest,
    slowRunCount: slow.count,
    steps: steps.filter(({ at }) => at >= period.from),
    change: compareWithBefore(
      recoveryMs,
      sortNumbers(history.previousRecoveryMs),
      steps.findLast(({ at }) => at >= period.previous.from),
      period.previous.label,
    ),
    forecast: forecast(segments.at(-1), { rtoMs, asOf, zone: period.zone }),
  };
}

function makePoints(
  facts: readonly RunFigures[],
  { period, asOf, options }: TrendContext,
): Pick<Trend, 'points' | 'bucketMs'> {
  if (facts.length <= options.pointsPerDrill)
    return { points: facts.map((fact) => toPoint([fact])), bucketMs: undefined };
  const fromMs = period.from.getTime();
  const lengthMs = Math.min(period.to.getTime(), asOf.getTime()) - fromMs;
  // Twice the usual gap: narrower buckets would leave some empty even in a continuous series.
  const bucketMs = Math.max(1, Math.ceil(lengthMs / options.pointsPerDrill), Math.ceil(2 * usualGapMs(facts)));
  const buckets = Map.groupBy(facts, ({ startedMs }) => Math.floor((startedMs - fromMs) / bucketMs));
  return { points: Array.from(buckets.values(), toPoint), bucketMs };
}

function usualGapMs(facts: readonly RunFigures[]): number {
  return median(facts.slice(1).map(({ startedMs }, index) => startedMs - (facts[index]?.startedMs ?? startedMs)));
}

function toPoint(facts: readonly RunFigures[]): TrendPoint {
  const timed = facts
    .filter((fact) => hasVerdict(fact) && fact.recoveryTimeMs !== undefined)
    .toSorted((a, b) => (a.recoveryTimeMs ?? 0) - (b.recoveryTimeMs ?? 0));
  const middle = timed[Math.floor((timed.length - 1) / 2)] ?? facts[0];
  if (!middle) throw new RangeError('a point stands for one run at least');
  const count = (...outcomes: readonly RunFigures['outcome'][]) =>
    facts.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const failed = count('failed');
  const withoutVerdict = count('errored', 'interrupted');
  const stages: Partial<Record<StageName, number>> = {};
  for (const stage of middle.context.counts) {
    const ms = middle.stagesMs[stage];
    if (ms !== undefined) stages[stage] = ms;
  }
  const broken = facts.find((fact) => !hasVerdict(fact))?.outcome;
  return {
    at: new Date(middle.startedMs),
    runId: middle.runId,
    recoveryTimeMs: timed.length === 0 ? undefined : middle.recoveryTimeMs,
    rtoMs: middle.context.rtoMs,
    stagesMs: stages,
    sizeBytes: middle.sizeBytes,
    outcome: failed > 0 ? 'failed' : (broken ?? 'passed'),
    runs: facts.length,
    failed,
    withoutVerdict,
    slowestMs: timed.at(-1)?.recoveryTimeMs,
    ...lagsOf(facts, middle.context.rpoMs),
  };
}

/** The maximum, because a log that was archived too late even once is what readers look for in this trend. */
function lagsOf(
  facts: readonly RunFigures[],
  rpoMs: number | undefined,
): Pick<TrendPoint, 'archiveLagMs' | 'dataLossMs' | 'rpoMs'> {
  const archived = facts.filter(({ archiveLagMs }) => archiveLagMs !== undefined);
  if (archived.length === 0) return {};
  const losses = archived.flatMap(({ dataLossMs }) => dataLossMs ?? []);
  return {
    archiveLagMs: Math.max(...archived.flatMap(({ archiveLagMs }) => archiveLagMs ?? [])),
    ...(losses.length > 0 && { dataLossMs: Math.max(...losses) }),
    ...(rpoMs !== undefined && { rpoMs }),
  };
}

function describeLags(facts: readonly RunFigures[]): ArchiveLags | undefined {
  const archived = facts.filter(({ archiveLagMs }) => archiveLagMs !== undefined);
  const file = describeLag(archived.flatMap(({ archiveLagMs }) => archiveLagMs ?? []));
  return file && { file, commit: describeLag(archived.flatMap(({ dataLossMs }) => dataLossMs ?? [])) };
}

function describeLag(lagsMs: readonly number[]): Lag | undefined {
  const lastMs = lagsMs.at(-1);
  return lastMs === undefined ? undefined : { lastMs, medianMs: median([...lagsMs]), largestMs: Math.max(...lagsMs) };
}
