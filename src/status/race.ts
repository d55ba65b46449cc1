import { median } from 'simple-statistics';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import type { RaceResult } from './race-result.ts';
import { fitGrowth, type Growth, type SizedTiming } from './recovery-growth.ts';

/** A recovery that passed. */
export interface RaceTiming {
  readonly at: Date;
  readonly recoveryTimeMs: number;
  /** Size of the restored data on disk, in bytes; undefined: not measured. */
  readonly dataBytes: number | undefined;
}

/** One way to recover a database. */
export interface Racer {
  readonly drill: string;
  /** Recoveries that passed, newest first. */
  readonly timings: readonly RaceTiming[];
  /** Whether the newest run with a verdict failed; undefined: there is none. */
  readonly isFailing: boolean | undefined;
}

/** How many of the newest recoveries decide who is first: older ones had less data. */
const NEWEST = 5;
/** Medians that differ by less than this are considered equal: recoveries on one machine vary by more. */
const CLOSE = 0.05;
/** A line is not extrapolated beyond this multiple of the largest data size seen. */
const FURTHEST = 10;

/** @param own the drill whose restored size is used as the data size of both. */
export function compareRacers(own: Racer, other: Racer): RaceResult {
  const [ownMs, otherMs] = [newestMs(own), newestMs(other)];
  const base = {
    drill: own.drill,
    against: other.drill,
    recoveryTimeMs: ownMs,
    againstRecoveryTimeMs: otherMs,
    crossingBytes: undefined,
  };
  const failing = [own, other].filter(({ isFailing }) => isFailing);
  if (failing.length > 0) {
    const standing = [own, other].filter((racer) => !racer.isFailing && newestMs(racer) !== undefined);
    const names = failing.map(({ drill }) => drill).join(' and ');
    return {
      ...base,
      first: standing[0]?.drill,
      sentences: [`${names} ${failing.length === 1 ? 'does' : 'do'} not recover: the newest verdict is failed`],
    };
  }
  if (ownMs === undefined || otherMs === undefined) {
    const missing = [own, other].filter((racer) => newestMs(racer) === undefined).map(({ drill }) => drill);
    return { ...base, first: undefined, sentences: [`needs a passed run of ${missing.join(' and of ')}`] };
  }
  const [first, last] = ownMs <= otherMs ? [own, other] : [other, own];
  const [firstMs, lastMs] = [Math.min(ownMs, otherMs), Math.max(ownMs, otherMs)];
  const isClose = lastMs < firstMs * (1 + CLOSE);
  const of = `median of ${counted(first)} and ${counted(last)}`;
  const times = `${formatDuration(firstMs)} against ${formatDuration(lastMs)}`;
  const verdict = isClose
    ? `${first.drill} and ${last.drill} recover about as fast: ${times} (${of})`
    : `${first.drill} recovers first: ${times} by ${last.drill}, ${(lastMs / firstMs).toFixed(1)} times as fast (${of})`;
  const { crossingBytes, sentence } = describeGrowth(own, other);
  return { ...base, first: isClose ? undefined : first.drill, crossingBytes, sentences: [verdict, sentence] };
}

function newestMs({ timings }: Racer): number | undefined {
  const newest = timings.slice(0, NEWEST).map(({ recoveryTimeMs }) => recoveryTimeMs);
  return newest.length === 0 ? undefined : median(newest);
}

function counted({ timings }: Racer): string {
  const count = Math.min(timings.length, NEWEST);
  return count === 1 ? '1 run' : `${count} runs`;
}

function describeGrowth(own: Racer, other: Racer): { crossingBytes: number | undefined; sentence: string } {
  const unknown = (sentence: string) => ({ crossingBytes: undefined, sentence });
  const sized = withSize(own.timings);
  const ownGrowth = fitGrowth(sized);
  const otherGrowth = fitGrowth(sized.length === 0 ? withSize(other.timings) : onScaleOf(sized, other.timings));
  const both = [[own.drill, ownGrowth] as const, [other.drill, otherGrowth] as const];
  const few = both.flatMap(([drill, growth]) =>
    growth.kind === 'needs-runs' ? [`${growth.runs} more ${growth.runs === 1 ? 'run' : 'runs'} of ${drill}`] : [],
  );
  if (few.length > 0) return unknown(`how it changes with size needs ${few.join(' and ')}`);
  const alike = both.flatMap(([drill, growth]) => (growth.kind === 'needs-sizes' ? [{ drill, ...growth }] : []))[0];
  if (alike) {
    return unknown(
      `how it changes with size needs runs with at least ${alike.percent} % more or less data: ${alike.drill} had ${formatBytes(alike.bytes)}`,
    );
  }
  if (ownGrowth.kind !== 'line' || otherGrowth.kind !== 'line') return unknown('');
  return crossingOf([own.drill, ownGrowth], [other.drill, otherGrowth]);
}

type Line = Extract<Growth, { kind: 'line' }>;

function crossingOf(
  [ownName, own]: readonly [string, Line],
  [otherName, other]: readonly [string, Line],
): { crossingBytes: number | undefined; sentence: string } {
  const model = `linear in size: ${describeLine(own)} by ${ownName} and ${describeLine(other)} by ${otherName}, from ${own.runs} and ${other.runs} runs`;
  const largest = Math.max(own.largest, other.largest);
  const crossing = (other.fixedMs - own.fixedMs) / (own.msPerByte - other.msPerByte);
  const isFound = Number.isFinite(crossing) && crossing > 0 && crossing <= largest * FURTHEST;
  const steady = own.msPerByte <= other.msPerByte ? ownName : otherName;
  if (isFound) {
    return {
      crossingBytes: Math.round(crossing),
      sentence: `above about ${formatBytes(crossing)} of data ${steady} recovers first, below it ${steady === ownName ? otherName : ownName} (${model})`,
    };
  }
  const ahead =
    own.fixedMs + own.msPerByte * largest <= other.fixedMs + other.msPerByte * largest ? ownName : otherName;
  return {
    crossingBytes: undefined,
    sentence: `${ahead} stays ahead up to ${formatBytes(largest * FURTHEST)} of data (${model})`,
  };
}

/** `4.0 s + 8.1 s/GB` */
function describeLine({ fixedMs, msPerByte }: Line): string {
  return `${formatDuration(Math.round(fixedMs))} + ${formatDuration(Math.round(msPerByte * 1e9))}/GB`;
}

function withSize(timings: readonly RaceTiming[]): readonly SizedTiming[] {
  return timings.flatMap(({ dataBytes, ...timing }) => (dataBytes ? [{ ...timing, dataBytes }] : []));
}

/**
 * Both ways restore the same data but need different amounts of space for it, so each of the other's recoveries gets the size of the one of the first drill
 * that is nearest in time.
 */
function onScaleOf(scale: readonly SizedTiming[], timings: readonly RaceTiming[]): readonly SizedTiming[] {
  return timings.flatMap(({ at, recoveryTimeMs }) => {
    const distance = (one: SizedTiming) => Math.abs(one.at.getTime() - at.getTime());
    const [nearest] = scale.toSorted((a, b) => distance(a) - distance(b));
    return nearest ? [{ at, recoveryTimeMs, dataBytes: nearest.dataBytes }] : [];
  });
}
