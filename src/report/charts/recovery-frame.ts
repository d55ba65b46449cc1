import type { Forecast, ForecastPoint, Trend, TrendPoint } from '../report-trend.ts';
import { durationScale, type Scale } from './scale.ts';

/** The parts of a drill's trend that are drawn. */
export type RecoveryTrend = Pick<Trend, 'points' | 'bucketMs' | 'counts' | 'slowRuns' | 'steps' | 'forecast'>;

export interface RecoverySpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Converts an instant to local (wall-clock) time, as milliseconds of a UTC date. */
  readonly toWallMs: (ms: number) => number;
}

/** A target this many times higher than everything else would flatten the bars, so it is shown as text instead. */
const FLAT = 4;

/** A point with its position on the time axis. */
export type Point = TrendPoint & { readonly startedMs: number };

/** All positions in the picture are in wall-clock time. */
export interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  /** The first and the last instant drawn, as real instants rather than wall-clock time. */
  readonly instants: { readonly fromMs: number; readonly toMs: number };
  readonly points: readonly Point[];
  readonly forecast: readonly (ForecastPoint & { readonly atMs: number })[];
  readonly wall: (at: Date) => number;
  readonly scale: Scale;
  readonly isTargetShown: boolean;
}

/** @param forecastShare maximum share of the width for the forecast; undefined: half. */
export function makeFrame(
  trend: RecoveryTrend,
  { fromMs, toMs, toWallMs }: RecoverySpan,
  forecastShare?: number,
): Frame {
  const wall = (at: Date) => toWallMs(at.getTime());
  const points = trend.points.map((point) => ({ ...point, startedMs: wall(point.at) }));
  const line = cutForecast(trend.forecast, toMs, toMs - fromMs, forecastShare);
  const highest = Math.max(
    1,
    ...points.map(heightOf),
    ...trend.slowRuns.map(({ recoveryTimeMs }) => recoveryTimeMs),
    ...line.map(({ highMs }) => highMs),
  );
  const isTargetShown = (points.at(-1)?.rtoMs ?? 0) <= FLAT * highest;
  const targets = isTargetShown ? points.map(({ rtoMs }) => Math.min(rtoMs, FLAT * highest)) : [];
  const endMs = Math.max(toMs, line.at(-1)?.at.getTime() ?? toMs);
  return {
    fromMs: toWallMs(fromMs),
    toMs: toWallMs(endMs),
    instants: { fromMs, toMs: endMs },
    points,
    forecast: line.map((point) => ({ ...point, atMs: wall(point.at) })),
    wall,
    scale: durationScale(1.08 * Math.max(highest, ...targets)),
    isTargetShown,
  };
}

/**
 * Cuts the forecast where it crosses the target, and no more than one period length ahead, so that measurements take up at least half of the chart; or where it
 * would take up more than `share` of the width.
 */
function cutForecast(
  forecast: Forecast,
  toMs: number,
  lengthMs: number,
  share: number | undefined,
): readonly ForecastPoint[] {
  if (forecast.kind !== 'made') return [];
  const { crossing, line } = forecast;
  const crossingMs = crossing.kind === 'expected' ? crossing.at.getTime() + lengthMs / 10 : 0;
  const endMs =
    share === undefined
      ? Math.min(toMs + lengthMs, Math.max(crossingMs, toMs + lengthMs / 2))
      : toMs + (lengthMs * share) / (1 - share);
  return line.flatMap((point, index) => {
    const before = line[index - 1];
    if (point.at.getTime() <= endMs) return [point];
    return before && before.at.getTime() < endMs ? [pointBetween(before, point, endMs)] : [];
  });
}

function pointBetween(one: ForecastPoint, other: ForecastPoint, atMs: number): ForecastPoint {
  const share = (atMs - one.at.getTime()) / (other.at.getTime() - one.at.getTime());
  const mix = (a: number, b: number) => a + (b - a) * share;
  return {
    at: new Date(atMs),
    expectedMs: mix(one.expectedMs, other.expectedMs),
    lowMs: mix(one.lowMs, other.lowMs),
    highMs: mix(one.highMs, other.highMs),
  };
}

/** A run that did not reach the data has no height: how long it tried says nothing about recovery. */
export function heightOf({ recoveryTimeMs }: TrendPoint): number {
  return recoveryTimeMs ?? 0;
}
