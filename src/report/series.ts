import { medianSorted } from 'simple-statistics';
import type { FactEnvironment, RunFact } from '../record/report-store.ts';
import { nameStage } from '../support/vocabulary.ts';
import { sortNumbers } from './statistics.ts';

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

/** Several timings as one: their medians, so that a wild run among them moves little. */
export interface Sample {
  /** The first run of them. */
  readonly fact: RunFact;
  median(value: (timing: Timing) => number): number;
}

/**
 * At most `limit` samples, each of as many runs: lines through points take time that grows with the square of their number, and many runs a day tell no
 * more about months than their medians.
 */
export function toSamples(timings: readonly Timing[], limit: number): readonly Sample[] {
  const size = Math.max(1, Math.ceil(timings.length / limit));
  const samples: Sample[] = [];
  for (let start = 0; start < timings.length; start += size) {
    const together = timings.slice(start, start + size);
    const [first] = together;
    if (first) samples.push({ fact: first.fact, median: (value) => medianSorted(sortNumbers(together.map(value))) });
  }
  return samples;
}

/** What changed from one environment to the next, in words; undefined: nothing. */
function describeEnvironmentChange(
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

/** Why the recovery times of two runs cannot be compared, in words; undefined: they can. */
export function describeChange(one: RunFact, other: RunFact): string | undefined {
  const changes = [describeEnvironmentChange(one.environment, other.environment), describeCounts(one, other)];
  const known = changes.filter((change) => change !== undefined);
  return known.length === 0 ? undefined : known.join(', ');
}

/** Runs of before stages tiled lack `plan` and what lay between the others: their times are too short by as much. */
function describeCounts({ context: one }: RunFact, { context: other }: RunFact): string | undefined {
  const added = other.counts.filter((stage) => !one.counts.includes(stage)).map(nameStage);
  const left = one.counts.filter((stage) => !other.counts.includes(stage)).map(nameStage);
  const parts = [
    ...(added.length > 0 ? [`with ${added.join(', ')}`] : []),
    ...(left.length > 0 ? [`without ${left.join(', ')}`] : []),
  ];
  return parts.length === 0 ? undefined : `recovery time counted ${parts.join(' and ')}`;
}
