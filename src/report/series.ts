import { medianSorted } from 'simple-statistics';
import type { FactEnvironment, RunFigures } from '../record/report-store.ts';
import { nameStage } from '../support/vocabulary.ts';
import { sortNumbers } from './statistics.ts';

/** A run whose recovery was timed, with what trends and forecasts need. */
export interface Timing {
  readonly fact: RunFigures;
  /** When the backup was taken: its size belongs to that time, even if the drill uses an older backup. */
  readonly atMs: number;
  readonly recoveryMs: number;
  readonly sizeBytes: number;
  readonly bytesPerSecond: number;
  /** Recovery time without `restore`. */
  readonly outsideRestoreMs: number;
}

/** Runs with a verdict, a measured recovery and a known throughput, in order. If `restore` does not count, all of the time is in `outsideRestoreMs`. */
export function timingsOf(facts: readonly RunFigures[]): readonly Timing[] {
  return facts.flatMap((fact) => {
    const { recoveryTimeMs: recoveryMs, sizeBytes, stagesMs, context } = fact;
    if (!hasVerdict(fact) || recoveryMs === undefined || !sizeBytes || !stagesMs.restore) return [];
    const restoreMs = context.counts.includes('restore') ? stagesMs.restore : 0;
    const bytesPerSecond = (sizeBytes / stagesMs.restore) * 1000;
    const outsideRestoreMs = Math.max(0, recoveryMs - restoreMs);
    return { fact, atMs: fact.takenMs ?? fact.startedMs, recoveryMs, sizeBytes, bytesPerSecond, outsideRestoreMs };
  });
}

export function hasVerdict({ outcome }: Pick<RunFigures, 'outcome'>): boolean {
  return outcome === 'passed' || outcome === 'failed';
}

/** Several timings combined: their medians, so that an outlier has little effect. */
export interface Sample {
  /** The first of its runs. */
  readonly fact: RunFigures;
  median(value: (timing: Timing) => number): number;
}

/**
 * At most `limit` samples of equally many runs each: the time to fit a line grows with the square of the number of points, and over months, a larger number of
 * runs per day hardly changes their medians.
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

/** What changed between two environments, as text; undefined: nothing. */
function describeEnvironmentChange(
  one: FactEnvironment | undefined,
  other: FactEnvironment | undefined,
): string | undefined {
  if (one === other || !one || !other) return undefined;
  const changed = (what: string, from: string, to: string) => (from === to ? [] : `${what} ${from} → ${to}`);
  const images = changed('image', one.image, other.image);
  const changes = [
    images,
    one.image === other.image && one.imageId !== other.imageId ? `image ${other.image} rebuilt` : [],
    changed('server', one.serverVersion, other.serverVersion),
    changed('host', one.host, other.host),
    changed('runtime', one.runtime, other.runtime),
  ].flat();
  return changes.length === 0 ? undefined : changes.join(', ');
}

/** Why the recovery times of two runs cannot be compared, as text; undefined: they can. */
export function describeChange(one: RunFigures, other: RunFigures): string | undefined {
  const changes = [describeEnvironmentChange(one.environment, other.environment), describeCounts(one, other)];
  const known = changes.filter((change) => change !== undefined);
  return known.length === 0 ? undefined : known.join(', ');
}

/** Runs from before stages were contiguous lack `plan` and the gaps between stages, so their recovery times are too short by that amount. */
function describeCounts({ context: one }: RunFigures, { context: other }: RunFigures): string | undefined {
  const added = other.counts.filter((stage) => !one.counts.includes(stage)).map(nameStage);
  const left = one.counts.filter((stage) => !other.counts.includes(stage)).map(nameStage);
  const parts = [
    ...(added.length > 0 ? [`with ${added.join(', ')}`] : []),
    ...(left.length > 0 ? [`without ${left.join(', ')}`] : []),
  ];
  return parts.length === 0 ? undefined : `recovery time counted ${parts.join(' and ')}`;
}
