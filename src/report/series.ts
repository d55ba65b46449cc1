import { median } from 'simple-statistics';
import type { FactEnvironment, RunFact } from '../record/report-store.ts';

/** A run whose recovery was timed, as far as trends and forecasts need it. */
export interface Timing {
  readonly fact: RunFact;
  /** When the backup was taken: that is what its size belongs to, also where an older one is drilled. */
  readonly atMs: number;
  readonly recoveryMs: number;
  readonly sizeBytes: number;
  readonly bytesPerSecond: number;
  /** Recovery without `restore`. */
  readonly besideMs: number;
}

/** Runs with a verdict whose recovery was timed and whose throughput is known, in their order. Where `restore` does not count, all of it is beside. */
export function timingsOf(facts: readonly RunFact[]): readonly Timing[] {
  return facts.flatMap((fact) => {
    const { recoveryTimeMs: recoveryMs, sizeBytes, stagesMs, context } = fact;
    if (!hasVerdict(fact) || recoveryMs === undefined || !sizeBytes || !stagesMs.restore) return [];
    const restoreMs = context.counts.includes('restore') ? stagesMs.restore : 0;
    const bytesPerSecond = (sizeBytes / stagesMs.restore) * 1000;
    const besideMs = Math.max(0, recoveryMs - restoreMs);
    return { fact, atMs: fact.takenMs ?? fact.startedMs, recoveryMs, sizeBytes, bytesPerSecond, besideMs };
  });
}

export function hasVerdict({ outcome }: Pick<RunFact, 'outcome'>): boolean {
  return outcome === 'passed' || outcome === 'failed';
}

/** Several timings as one: medians, so that a wild run among them moves little. */
export interface Sample {
  readonly atMs: number;
  readonly startedMs: number;
  readonly recoveryMs: number;
  readonly sizeBytes: number;
  readonly bytesPerSecond: number;
  readonly besideMs: number;
  /** The first run of them. */
  readonly fact: RunFact;
}

/**
 * At most `limit` samples, each of as many runs: lines through points take time that grows with the square of their number, and many runs a day tell no
 * more about months than their medians.
 */
export function toSamples(timings: readonly Timing[], limit: number): readonly Sample[] {
  const size = Math.max(1, Math.ceil(timings.length / limit));
  const samples: Sample[] = [];
  for (let start = 0; start < timings.length; start += size) {
    const [first, ...others] = timings.slice(start, start + size);
    if (first) samples.push(toSample(first, others));
  }
  return samples;
}

function toSample(first: Timing, others: readonly Timing[]): Sample {
  if (others.length === 0) return { ...first, startedMs: first.fact.startedMs };
  const all = [first, ...others];
  const middle = (value: (timing: Timing) => number) => median(all.map(value));
  return {
    fact: first.fact,
    atMs: middle(({ atMs }) => atMs),
    startedMs: middle(({ fact }) => fact.startedMs),
    recoveryMs: middle(({ recoveryMs }) => recoveryMs),
    sizeBytes: middle(({ sizeBytes }) => sizeBytes),
    bytesPerSecond: middle(({ bytesPerSecond }) => bytesPerSecond),
    besideMs: middle(({ besideMs }) => besideMs),
  };
}

/** What changed from one environment to the next, in words; undefined: nothing. */
export function describeEnvironmentChange(
  one: FactEnvironment | undefined,
  other: FactEnvironment | undefined,
): string | undefined {
  if (one === other || !one || !other) return undefined;
  const changed = (what: string, from: string, to: string) => (from === to ? [] : `${what} ${from} → ${to}`);
  const images = changed('image', one.image, other.image);
  const changes = [
    images,
    one.image === other.image && one.imageId !== other.imageId ? `image ${other.image} made anew` : [],
    changed('server', one.serverVersion, other.serverVersion),
    changed('host', one.host, other.host),
    changed('runtime', one.runtime, other.runtime),
  ].flat();
  return changes.length === 0 ? undefined : changes.join(', ');
}
