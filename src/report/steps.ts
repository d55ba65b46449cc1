import { median } from 'simple-statistics';
import { toPrintable } from '../support/printable.ts';
import type { Step } from './report-trend.ts';
import { describeChange, type Sample, type Timing, toSamples } from './series.ts';
import { mannWhitney, pairSlopes, robustSigma } from './statistics.ts';

/** Comparable runs: their environment did not change, and there is no level shift between them. */
export interface Segment {
  /** The step at its start; undefined: the start of the history. */
  readonly step: Step | undefined;
  readonly timings: readonly Timing[];
}

const SAMPLES = 90;
/** Samples on each side of a shift. */
const WINDOW = 10;
const MIN_WINDOW = 6;
const MIN_SHIFT = 0.15;
const SIGMAS = 3;
const P_LIMIT = 0.001;

/**
 * Cuts a series where its environment changed, and where recovery shifts to another level and stays there. Shifts are detected in the logarithm of the
 * recovery time, between up to ten samples before and after each point, with the trend within both removed: the medians must differ by 15 % and by three
 * standard deviations, and a rank test must be significant (p < 0.001). Growth is not a shift, however fast.
 * @param timings oldest first. @returns the segments in order; the last one is the basis for a forecast.
 */
export function splitAtSteps(timings: readonly Timing[]): readonly Segment[] {
  return splitAtChanges(timings).flatMap(({ step, timings: same }) => splitAtShifts(step, same));
}

function splitAtChanges(timings: readonly Timing[]): readonly Pick<Segment, 'step' | 'timings'>[] {
  const segments: { step: Step | undefined; timings: Timing[] }[] = [];
  for (const timing of timings) {
    const current = segments.at(-1);
    const change = current?.timings[0] && describeChange(current.timings[0].fact, timing.fact);
    if (!current || change !== undefined) {
      const step = change === undefined ? undefined : stepAt(timing, 'environment', toPrintable(change));
      segments.push({ step, timings: [timing] });
    } else current.timings.push(timing);
  }
  return segments;
}

function splitAtShifts(step: Step | undefined, timings: readonly Timing[]): readonly Segment[] {
  const samples = toSamples(timings, SAMPLES);
  const shifts = findShifts(samples);
  if (shifts.length === 0) return [{ step, timings }];
  const starts = [0, ...shifts.map(({ index }) => index)];
  return starts.map((start, place) => {
    const [first] = samples.slice(start);
    const from = timings.findIndex(({ fact }) => fact === first?.fact);
    const next = samples[starts[place + 1] ?? samples.length];
    const to = next ? timings.findIndex(({ fact }) => fact === next.fact) : timings.length;
    const shift = shifts[place - 1];
    const began = shift && first ? stepAt(first, 'level', describeShift(shift.ratio)) : step;
    return { step: began, timings: timings.slice(from, to) };
  });
}

interface Shift {
  /** Index of the first sample after the shift. */
  readonly index: number;
  readonly ratio: number;
  readonly strength: number;
}

function findShifts(samples: readonly Sample[]): readonly Shift[] {
  const xs = samples.map((sample) => sample.median(({ fact }) => fact.startedMs));
  const ys = samples.map((sample) => Math.log(sample.median(({ recoveryMs }) => recoveryMs)));
  const found: Shift[] = [];
  for (let index = MIN_WINDOW; index <= samples.length - MIN_WINDOW; index += 1) {
    const shift = measureShift(xs, ys, index);
    if (!shift) continue;
    // The windows next to a shift detect it as well; the strongest one marks its place.
    const near = found.at(-1);
    if (!near || index - near.index >= MIN_WINDOW) found.push(shift);
    else if (shift.strength > near.strength) found[found.length - 1] = shift;
  }
  return found;
}

function measureShift(xs: readonly number[], ys: readonly number[], index: number): Shift | undefined {
  const from = Math.max(0, index - WINDOW);
  const to = Math.min(xs.length, index + WINDOW);
  const rough = median(ys.slice(index, to)) - median(ys.slice(from, index));
  if (Math.abs(rough) < Math.log1p(MIN_SHIFT) / 2) return undefined; // cheap test that rules out most points
  const slope = commonSlope([
    [xs.slice(from, index), ys.slice(from, index)],
    [xs.slice(index, to), ys.slice(index, to)],
  ]);
  const level = (at: number) => (ys[at] ?? 0) - slope * ((xs[at] ?? 0) - (xs[index] ?? 0));
  const before = range(from, index).map(level);
  const after = range(index, to).map(level);
  const jump = median(after) - median(before);
  const sigma = Math.max(robustSigma(before), robustSigma(after));
  if (Math.abs(jump) < Math.max(Math.log1p(MIN_SHIFT), SIGMAS * sigma)) return undefined;
  if (mannWhitney(before, after) >= P_LIMIT) return undefined;
  return { index, ratio: Math.exp(jump), strength: Math.abs(jump) / (sigma + 0.01) };
}

function commonSlope(windows: readonly (readonly [xs: readonly number[], ys: readonly number[]])[]): number {
  const slopes = windows.flatMap(([xs, ys]) => [...pairSlopes(xs, ys)]);
  return slopes.length === 0 ? 0 : median(slopes);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function stepAt({ fact }: Pick<Timing, 'fact'>, kind: Step['kind'], sentence: string): Step {
  return { at: new Date(fact.startedMs), runId: fact.runId, kind, sentence };
}

function describeShift(ratio: number): string {
  const percent = Math.round(Math.abs(ratio - 1) * 100);
  return `recovery ${percent} % ${ratio > 1 ? 'longer' : 'shorter'} from here on`;
}
