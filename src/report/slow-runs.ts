import { median } from 'simple-statistics';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import { nameStage, type StageName } from '../support/vocabulary.ts';
import type { SlowRun } from './report-trend.ts';
import type { Timing } from './series.ts';
import { robustSigma } from './statistics.ts';
import type { Segment } from './steps.ts';

/** How many previous runs define what is usual. */
const WINDOW = 15;
const MIN_WINDOW = 5;
const MIN_EXCESS = 1.3;
const SIGMAS = 4;
const SHOWN = 20;

/**
 * Finds runs that took a third longer than those just before them, and longer than scatter explains (four standard deviations), with the stage responsible.
 * Runs are compared only within a segment: after a step the baseline starts over.
 * @param fromMs earlier runs serve only as the baseline.
 */
export function findSlowRuns(
  segments: readonly Segment[],
  fromMs: number,
): { readonly slowest: readonly SlowRun[]; readonly count: number } {
  const found = segments.flatMap(({ timings }) => findInSegment(timings, fromMs));
  const slowest = found.toSorted((a, b) => b.recoveryTimeMs / b.usualMs - a.recoveryTimeMs / a.usualMs).slice(0, SHOWN);
  return { slowest: slowest.toSorted((a, b) => a.at.getTime() - b.at.getTime()), count: found.length };
}

function findInSegment(timings: readonly Timing[], fromMs: number): readonly SlowRun[] {
  const found: SlowRun[] = [];
  for (const [index, timing] of timings.entries()) {
    if (timing.fact.startedMs < fromMs || index < MIN_WINDOW) continue;
    // A cheap comparison with the nearest runs rules out most, so the baseline is computed only for the rest.
    if (timing.recoveryMs <= leastOf(timings, index - 3, index) * MIN_EXCESS) continue;
    const before = timings.slice(Math.max(0, index - WINDOW), index);
    const times = before.map(({ recoveryMs }) => recoveryMs);
    const usualMs = median(times);
    if (timing.recoveryMs <= Math.max(usualMs * MIN_EXCESS, usualMs + SIGMAS * robustSigma(times))) continue;
    found.push(explain(timing, before, usualMs));
  }
  return found;
}

function leastOf(timings: readonly Timing[], from: number, to: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = from; index < to; index += 1) least = Math.min(least, timings[index]?.recoveryMs ?? least);
  return least;
}

/** The share of the delay below which a stage does not explain it. */
const MIN_EXPLAINED_SHARE = 0.25;

function explain(timing: Timing, before: readonly Timing[], usualMs: number): SlowRun {
  const { fact, recoveryMs } = timing;
  const excessMs = (stage: StageName) => {
    return (fact.stagesMs[stage] ?? 0) - median(before.map((other) => other.fact.stagesMs[stage] ?? 0));
  };
  const [stage = 'restore'] = fact.context.counts.toSorted((a, b) => excessMs(b) - excessMs(a));
  const isTold = excessMs(stage) >= MIN_EXPLAINED_SHARE * (recoveryMs - usualMs);
  const blame = isTold ? `: ${nameStage(stage)} took ${formatDuration(excessMs(stage))} longer` : '';
  const why = isTold && stage === 'restore' ? explainRestore(timing, before) : '';
  const sentence = `${formatDuration(recoveryMs)}, usually ${formatDuration(usualMs)}${blame}${why}`;
  return { runId: fact.runId, at: new Date(fact.startedMs), recoveryTimeMs: recoveryMs, usualMs, stage, sentence };
}

/** Either the backup was larger or the throughput was lower. */
function explainRestore(timing: Timing, before: readonly Timing[]): string {
  const usualBytes = median(before.map(({ sizeBytes }) => sizeBytes));
  const usualRate = median(before.map(({ bytesPerSecond }) => bytesPerSecond));
  const grown = timing.sizeBytes / usualBytes;
  const slowed = usualRate / timing.bytesPerSecond;
  if (grown > slowed)
    return `, with ${formatBytes(timing.sizeBytes)} instead of ${formatBytes(Math.round(usualBytes))}`;
  const rate = (bytes: number) => `${formatBytes(Math.round(bytes))}/s`;
  return `, at ${rate(timing.bytesPerSecond)} instead of ${rate(usualRate)}`;
}
