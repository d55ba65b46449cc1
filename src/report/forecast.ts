import { median, quantile } from 'simple-statistics';
import { formatAge, formatDuration } from '../support/quantities.ts';
import { formatDay } from './calendar.ts';
import type { Crossing, Forecast, ForecastBasis, ForecastPoint } from './report-trend.ts';
import { type Sample, type Timing, toSamples } from './series.ts';
import { fitLine, type Line, robustSigma } from './statistics.ts';
import type { Segment } from './steps.ts';

const DAY_MS = 86_400_000;
const MIN_RUNS = 8;
const MIN_SPAN_MS = 14 * DAY_MS;
/** As a share of the recovery time; with more scatter than this, a line says nothing. */
const MAX_SCATTER = 0.25;
const CONFIDENCE = 0.9;
/** The confidence required to say that recovery slows down by more than growth explains. */
const DRIFT_CONFIDENCE = 0.99;
const MAX_HORIZON_MS = 365 * DAY_MS;
/** The forecast extends this many times the observed span; anything further would be a guess. */
const HORIZON_SPANS = 3;
const LINE_POINTS = 13;
/** The time to fit a line grows with the square of the number of points. */
const SAMPLES = 60;

export interface ForecastContext {
  readonly rtoMs: number;
  readonly asOf: Date;
  readonly zone: string;
}

/**
 * Forecasts when recovery will take longer than its target: `beside + size(t) ÷ throughput + drift(t)`, with the medians of the time besides `restore` and of
 * the throughput, a robust line through the backup sizes (Theil–Sen) and, if recovery slows down significantly beyond that, another line through the residuals.
 * The interval adds the slopes' 90 % intervals to the 5 % and 95 % quantiles of the residuals, so it tends to be too wide.
 *
 * No forecast with fewer than 8 runs or 14 days since the last step, when runs scatter by more than a quarter, or when the newest run is older than the time
 * span of the runs.
 * @param segment comparable runs; undefined: none.
 */
export function forecast(segment: Segment | undefined, context: ForecastContext): Forecast {
  const refusal = whyRefused(segment, context);
  if (refusal || !segment) return refusal ?? refuse('too-few', undefined, 'no forecast: no run was timed');
  const samples = toSamples(segment.timings, SAMPLES);
  const model = fitModel(samples);
  if (!model) return refuse('too-few', segment.step, 'no forecast: all backups were taken at the same time');
  const scatter = robustSigma(model.residuals) / model.usualMs;
  if (scatter > MAX_SCATTER) {
    const share = Math.round(scatter * 100);
    return refuse('too-scattered', segment.step, `no forecast: recovery times vary by ${share} % around their trend`);
  }
  const { basis, startMs, horizonMs } = describeBasis(segment, model);
  const crossing = findCrossing(model, context, startMs, horizonMs);
  return {
    kind: 'made',
    rtoMs: context.rtoMs,
    basis,
    line: Array.from({ length: LINE_POINTS }, (_, index) => {
      return model.at(startMs + ((horizonMs - startMs) * index) / (LINE_POINTS - 1));
    }),
    crossing,
    step: segment.step,
    sentence: describeCrossing(crossing, context),
  };
}

function whyRefused(segment: Segment | undefined, { asOf, zone }: ForecastContext): Forecast | undefined {
  const timings = segment?.timings ?? [];
  const [first, last] = [timings[0], timings.at(-1)];
  const since = segment?.step ? ` since ${formatDay(segment.step.at, zone)} (${segment.step.sentence})` : '';
  if (!first || !last || timings.length < MIN_RUNS) {
    const count = `${timings.length} timed run${timings.length === 1 ? '' : 's'}`;
    return refuse('too-few', segment?.step, `no forecast: ${count}${since}, ${MIN_RUNS} are needed`);
  }
  if (!last.fact.context.counts.includes('restore')) {
    return refuse('not-counted', segment?.step, 'no forecast: the restore stage does not count as recovery time');
  }
  const spanMs = last.fact.startedMs - first.fact.startedMs;
  if (spanMs < MIN_SPAN_MS) {
    const needed = formatAge(MIN_SPAN_MS);
    return refuse(
      'too-short',
      segment?.step,
      `no forecast: the runs${since} span ${formatAge(spanMs)}, ${needed} are needed`,
    );
  }
  const ageMs = asOf.getTime() - last.fact.startedMs;
  if (ageMs > spanMs)
    return refuse('too-old', segment?.step, `no forecast: the latest timed run is ${formatAge(ageMs)} old`);
  return undefined;
}

function refuse(why: (Forecast & { kind: 'refused' })['why'], step: Segment['step'], sentence: string): Forecast {
  return { kind: 'refused', why, step, sentence };
}

interface Model {
  readonly size: Line;
  readonly bytesPerSecond: number;
  readonly outsideRestoreMs: number;
  /** Undefined: no drift beyond noise. */
  readonly drift: Line | undefined;
  readonly residuals: readonly number[];
  /** The usual recovery time. */
  readonly usualMs: number;
  at(ms: number): ForecastPoint;
}

function fitModel(samples: readonly Sample[]): Model | undefined {
  const medians = (value: (timing: Timing) => number) => samples.map((sample) => sample.median(value));
  const xs = medians(({ atMs }) => atMs);
  const sizes = medians(({ sizeBytes }) => sizeBytes);
  const recoveries = medians(({ recoveryMs }) => recoveryMs);
  const size = fitLine(xs, sizes, CONFIDENCE);
  if (!size) return undefined;
  const bytesPerSecond = median(medians((timing) => timing.bytesPerSecond));
  const outsideRestoreMs = median(medians((timing) => timing.outsideRestoreMs));
  const restoreMs = (bytes: number) => (bytes / bytesPerSecond) * 1000;
  const unexplained = recoveries.map(
    (recoveryMs, index) => recoveryMs - outsideRestoreMs - restoreMs(sizes[index] ?? 0),
  );
  const drift = fitDrift(xs, unexplained);
  const level = median(unexplained);
  const expected = (ms: number) =>
    outsideRestoreMs + restoreMs(valueAt(size, ms)) + (drift ? valueAt(drift, ms) : level);
  const residuals = recoveries.map((recoveryMs, index) => recoveryMs - expected(xs[index] ?? 0));
  const [lowest, highest] = [quantile(residuals, (1 - CONFIDENCE) / 2), quantile(residuals, (1 + CONFIDENCE) / 2)];
  const off = (ms: number, edge: 'low' | 'high') => {
    const slopes = restoreMs(size[edge] - size.slope) + (drift ? drift[edge] - drift.slope : 0);
    return slopes * (ms - size.x);
  };
  return {
    size,
    bytesPerSecond,
    outsideRestoreMs,
    drift,
    residuals,
    usualMs: median(recoveries),
    at: (ms) => ({
      at: new Date(ms),
      expectedMs: Math.max(0, expected(ms)),
      lowMs: Math.max(0, expected(ms) + off(ms, 'low') + Math.min(0, lowest)),
      highMs: Math.max(0, expected(ms) + off(ms, 'high') + Math.max(0, highest)),
    }),
  };
}

function fitDrift(xs: readonly number[], unexplained: readonly number[]): Line | undefined {
  const confidentFit = fitLine(xs, unexplained, DRIFT_CONFIDENCE);
  if (!confidentFit || (confidentFit.low <= 0 && confidentFit.high >= 0)) return undefined;
  return fitLine(xs, unexplained, CONFIDENCE);
}

function valueAt({ slope, x, y }: Line, ms: number): number {
  return y + slope * (ms - x);
}

function describeBasis({ timings }: Segment, model: Model) {
  const first = timings[0]?.fact.startedMs ?? 0;
  const startMs = timings.at(-1)?.fact.startedMs ?? 0;
  const basis: ForecastBasis = {
    runs: timings.length,
    from: new Date(first),
    to: new Date(startMs),
    sizeBytesPerDay: model.size.slope * DAY_MS,
    sizeBytesPerDayInterval: [model.size.low * DAY_MS, model.size.high * DAY_MS],
    bytesPerSecond: model.bytesPerSecond,
    besideRestoreMs: model.outsideRestoreMs,
    driftMsPerDay: (model.drift?.slope ?? 0) * DAY_MS,
  };
  const spanMs = startMs - first;
  return { basis, startMs, horizonMs: startMs + Math.min(MAX_HORIZON_MS, HORIZON_SPANS * spanMs) };
}

function findCrossing(model: Model, { rtoMs }: ForecastContext, startMs: number, horizonMs: number): Crossing {
  if (model.at(startMs).expectedMs > rtoMs) return { kind: 'now' };
  const first = (edge: 'expectedMs' | 'lowMs' | 'highMs') =>
    firstAbove((ms) => model.at(ms)[edge], rtoMs, startMs, horizonMs);
  const [earliest, at, latest] = [first('highMs'), first('expectedMs'), first('lowMs')];
  if (at !== undefined) return { kind: 'expected', at, earliest: earliest ?? at, latest };
  return earliest === undefined ? { kind: 'none', until: new Date(horizonMs) } : { kind: 'possible', earliest };
}

/** The growth is linear and crosses the limit once, so bisection finds the day. @returns undefined if it does not cross before the horizon. */
function firstAbove(
  value: (ms: number) => number,
  limit: number,
  startMs: number,
  horizonMs: number,
): Date | undefined {
  if (value(startMs) > limit) return new Date(startMs);
  if (value(horizonMs) <= limit) return undefined;
  let [low, high] = [startMs, horizonMs];
  while (high - low > DAY_MS / 24) {
    const middle = (low + high) / 2;
    if (value(middle) > limit) high = middle;
    else low = middle;
  }
  return new Date(Math.round(high));
}

function describeCrossing(crossing: Crossing, { rtoMs, zone }: ForecastContext): string {
  const target = formatDuration(rtoMs);
  const day = (at: Date) => formatDay(at, zone);
  if (crossing.kind === 'now') return `already usually exceeds its target of ${target}`;
  if (crossing.kind === 'none')
    return `on track to meet its target of ${target} through ${formatDay(crossing.until, zone)}`;
  if (crossing.kind === 'possible')
    return `slow runs may miss the target of ${target} from ${day(crossing.earliest)} on`;
  const { at, earliest, latest } = crossing;
  const sentence = `will take longer than its target of ${target} around ${day(at)}`;
  if (latest && day(earliest) === day(latest)) return sentence;
  return `${sentence} (between ${day(earliest)} and ${latest ? day(latest) : 'not known'})`;
}
