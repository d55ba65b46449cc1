import type { RunTiming } from '../../record/store.ts';
import { formatCount } from '../../support/quantities.ts';
import type { PredictedFinish, Prediction } from '../contract.ts';
import { PARTS, type PartName, type PartTimes, partsOfRun } from './parts.ts';
import { elapsedMs, spentOn, type Timeline } from './timeline.ts';

export interface PredictionInput {
  readonly line: Timeline;
  /** Passed runs of this drill, newest first. */
  readonly history: readonly RunTiming[];
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

const NO_ESTIMATE = 'no estimate yet: first run, measuring its rate';
/** Older runs may have been of a very different database. */
const RUNS_USED = 5;

/**
 * Predicts when recovery will be complete: recovery time so far, what is left of the current part, and the parts after it. With earlier runs, each part is
 * expected to take its median in them, scaled by the backup's size and by how much faster or slower this run has been than that. Without, the rate of this
 * run's work gives what is left of the current part, and {@link USUAL_SHARES} what follows. Pure.
 */
export function predict({ line, history, nowMs }: PredictionInput): Prediction {
  const elapsed = elapsedMs(line, nowMs);
  const common = { elapsedMs: Math.round(elapsed), rtoMs: line.rtoMs };
  const past = history.slice(0, RUNS_USED).map((run) => partsOfRun(run, line.sizeBytes));
  if (line.isStalled && line.current?.name !== 'seal')
    return { ...common, finish: undefined, why: 'no progress for 5 s' };
  const expected = past.length > 0 ? medians(past) : undefined;
  const outlook = expected ? fromHistory(line, expected, past, nowMs) : fromThisRun(line, nowMs);
  const why = expected ? describeHistory(past.length, outlook?.pace) : 'no earlier run; from this run’s rate';
  if (!outlook) return { ...common, finish: undefined, why: NO_ESTIMATE };
  return { ...common, finish: rangeOf(elapsed, outlook), why };
}

interface Outlook {
  readonly remainingMs: number;
  /** Relative error to either side, as a share of the remaining time: 0.2. */
  readonly spread: number;
  /** How much slower than expected the work has been so far: 1.2; undefined: not known. */
  readonly pace: number | undefined;
}

/** Parts that do work, which can be faster or slower; the others wait for something. */
const WORK: ReadonlySet<PartName> = new Set<PartName>([
  'fetch',
  'unpack',
  'verify-files',
  'load',
  'index',
  'replay',
  'seal',
  'verify',
]);
/** This share of the expected work counts as done at the usual speed, so that the first second does not dominate. */
const PRIOR = 0.2;

function fromHistory(line: Timeline, expected: PartTimes, past: readonly PartTimes[], nowMs: number): Outlook {
  const { current } = line;
  const covers = current?.covers ?? [];
  const sum = (parts: readonly PartName[]) => parts.reduce((total, part) => total + (expected[part] ?? 0), 0);
  const spent = spentOn(line, covers, nowMs);
  const sinceMs = sinceRatio(line, nowMs);
  const group = sum(covers);
  const left = partsLeft(line).filter((part) => !covers.includes(part));
  const over = PARTS.filter((part) => WORK.has(part) && !covers.includes(part) && line.spent[part] !== undefined);
  const isWork = covers.some((part) => WORK.has(part));
  const done = sum(over) + (isWork && current?.ratio !== undefined ? group * current.ratio : 0);
  const took = spentOn(line, over, nowMs) + (isWork && current?.ratio !== undefined ? spent - sinceMs : 0);
  const prior = PRIOR * sum(PARTS.filter((part) => WORK.has(part)));
  const pace = clamp((took + prior) / (done + prior), 0.1, 10);
  const paced = (part: PartName) => (expected[part] ?? 0) * (WORK.has(part) ? pace : 1);
  const after = left.reduce((total, part) => total + paced(part), 0);
  const here =
    current?.ratio === undefined
      ? overrun(group * (isWork ? pace : 1), spent)
      : Math.max(overrun(group * pace * (1 - current.ratio), sinceMs), current.ratio > 0.9 ? MIN_TAIL * spent : 0);
  const spread = clamp(spreadOf(past) + Math.abs(Math.log(pace)) * 0.25, 0.06, 0.8);
  return { remainingMs: here + after, spread, pace: done > 0 ? pace : undefined };
}

/** How long the completed share of the current part has not changed, in milliseconds. */
function sinceRatio({ current }: Timeline, nowMs: number): number {
  return current?.ratio === undefined ? 0 : Math.max(0, nowMs - current.ratioAtMs);
}

/** A part that is nearly done still takes at least this share of its time. */
const MIN_TAIL = 0.03;

/** What is left of a part that has taken this long: once it takes longer than expected, it may well continue. */
function overrun(expectedMs: number, spentMs: number): number {
  return Math.max(expectedMs - spentMs, 0.2 * spentMs);
}

/**
 * Used without an earlier run: what follows, as shares of the time that the data itself took, plus the time it takes with almost no data (milliseconds).
 * Measured with the bench's databases.
 */
const USUAL_SHARES: Readonly<
  Record<
    'logical' | 'physical',
    { readonly main: readonly PartName[]; readonly shares: PartTimes; readonly leastMs: PartTimes }
  >
> = {
  logical: {
    main: ['load', 'index'],
    shares: { index: 1, seal: 0.1, verify: 0.03 },
    leastMs: { seal: 1300, verify: 200 },
  },
  physical: { main: ['unpack'], shares: { 'verify-files': 0.1, replay: 0.6, seal: 0.3, verify: 0.05 }, leastMs: {} },
};
/** Below this share of the work and this time, the rate is unreliable: what was read ahead arrives all at once. */
const TRUSTED_RATIO = 0.1;
const TRUSTED_MS = 1200;

/** First the data (rows or files) at this run's rate, then what usually follows. Undefined until that rate is known. */
function fromThisRun(line: Timeline, nowMs: number): Outlook | undefined {
  const { current, isPhysical, spent } = line;
  if (isPhysical === undefined) return undefined;
  const { main, shares, leastMs } = USUAL_SHARES[isPhysical ? 'physical' : 'logical'];
  const [first = 'load'] = main;
  const covers = current?.covers ?? [];
  const ratio = current?.ratio;
  const here = spentOn(line, covers, nowMs);
  const sinceMs = sinceRatio(line, nowMs);
  const byRate =
    ratio !== undefined && ratio >= TRUSTED_RATIO && here >= TRUSTED_MS
      ? overrun(((here - sinceMs) / ratio) * (1 - ratio), sinceMs)
      : undefined;
  const isInData = covers.includes(first);
  if (isInData ? byRate === undefined : spent[first] === undefined) return undefined;
  const left = partsLeft(line).filter((part) => !covers.includes(part));
  const firstMs = isInData ? here + (byRate ?? 0) : spentOn(line, [first], nowMs);
  const own = (part: PartName) => main.includes(part) && part !== first;
  const isToCome = (part: PartName) => left.includes(part) || (covers.includes(part) && !isInData);
  const ownMs = main
    .filter(own)
    .reduce(
      (sum, part) => sum + Math.max(spentOn(line, [part], nowMs), isToCome(part) ? (shares[part] ?? 0) * firstMs : 0),
      0,
    );
  const dataMs = firstMs + (isInData && covers.length > 1 ? 0 : ownMs);
  const usual = (part: PartName) => (shares[part] ?? 0) * (own(part) ? firstMs : dataMs) + (leastMs[part] ?? 0);
  const after = left.reduce((sum, part) => sum + Math.max(0, usual(part) - (own(part) ? (spent[part] ?? 0) : 0)), 0);
  const rest =
    isInData && byRate !== undefined
      ? byRate
      : restOfUsual(
          line,
          covers.reduce((sum, part) => sum + usual(part), 0),
          nowMs,
        );
  return {
    remainingMs: Math.max(rest, MIN_TAIL * here) + after,
    spread: 0.25 + 0.3 * (isInData ? 1 - (ratio ?? 0) : 0.3),
    pace: undefined,
  };
}

/** What is left of a part that usually takes this long, at the pace of the run so far. */
function restOfUsual(line: Timeline, usualMs: number, nowMs: number): number {
  const ratio = line.current?.ratio;
  const spent = spentOn(line, line.current?.covers ?? [], nowMs);
  if (ratio === undefined) return overrun(usualMs, spent);
  const sinceMs = sinceRatio(line, nowMs);
  const pace = (spent - sinceMs + PRIOR * usualMs) / Math.max(1, (ratio + PRIOR) * usualMs);
  return overrun(usualMs * pace * (1 - ratio), sinceMs);
}

/** The parts after the current one that count. */
function partsLeft({ current, stage, counts, spent }: Timeline): readonly PartName[] {
  const at = current ? PARTS.indexOf(current.name) : -1;
  const inRestore: readonly PartName[] = ['fetch', 'unpack', 'verify-files', 'load', 'index', 'replay', 'seal'];
  return PARTS.filter((part, index) => {
    const own = inRestore.includes(part) ? 'restore' : part;
    if (!counts.some((one) => one === own)) return false;
    if (current) return index > at;
    return spent[part] === undefined && stage?.name !== 'teardown';
  });
}

function medians(past: readonly PartTimes[]): PartTimes {
  return Object.fromEntries(
    PARTS.flatMap((part) => {
      const times = past.flatMap((run) => run[part] ?? []);
      return times.length === 0 ? [] : [[part, median(times)]];
    }),
  );
}

/** Relative spread of the total between runs. A single run says nothing about it. */
function spreadOf(past: readonly PartTimes[]): number {
  const totals = past.map((run) => Object.values(run).reduce((sum, ms) => sum + ms, 0));
  if (totals.length < 2) return 0.25;
  const middle = median(totals);
  const off = totals.map((total) => Math.abs(total - middle) / Math.max(1, middle));
  return clamp(Math.max(...off) + 0.3 / totals.length ** 1.5, 0.08, 0.5);
}

function rangeOf(elapsed: number, { remainingMs, spread }: Outlook): PredictedFinish {
  return {
    likelyMs: Math.round(elapsed + remainingMs),
    lowMs: Math.round(elapsed + remainingMs * (1 - Math.min(0.9, spread * 0.8))),
    highMs: Math.round(elapsed + remainingMs * (1 + spread * 1.25)),
  };
}

function describeHistory(runs: number, pace: number | undefined): string {
  const from = `from ${runs === 1 ? 'one earlier run' : `${formatCount(runs)} earlier runs`}`;
  const percent = pace === undefined ? 0 : Math.round((pace - 1) * 100);
  if (Math.abs(percent) < 10) return from;
  return `${from}; this one is ${formatCount(Math.abs(percent))} % ${percent > 0 ? 'slower' : 'faster'}`;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
