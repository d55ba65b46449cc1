import type { Money } from '../support/reading.ts';

/**
 * How many runs may be in progress at once on all machines that share a store: those that read from a `source` whose name begins with `name`, or those of
 * the runners of a `pool`.
 */
export interface RunLimit {
  readonly kind: 'source' | 'pool';
  readonly name: string;
  /** At least 1. */
  readonly maxRuns: number;
}

/** What holds for all machines that share a store. */
export interface FleetLimits {
  readonly runs: readonly RunLimit[];
  readonly rates: readonly RateLimit[];
  /** What the runs that start in a calendar month (UTC) may cost together; undefined: any amount. */
  readonly costPerMonth?: Money | undefined;
}

/** How fast all runs together may read of the sources that begin with `of`. */
export interface RateLimit {
  readonly of: string;
  readonly bytesPerSecond: number;
}

/** A run in progress, as limits count it. */
export interface CountedRun {
  /** Its sources, as runs name them. */
  readonly readsFrom?: readonly string[] | undefined;
  /** The pool of the runner that has it; undefined: none has. */
  readonly pool?: string | undefined;
}

export interface ReachedLimit extends RunLimit {
  /** How many runs are in progress under it; more than `maxRuns` where some were started by hand. */
  readonly running: number;
}

/** @returns those of the limits that apply to a run. */
export function limitsOn(run: CountedRun, limits: readonly RunLimit[]): readonly RunLimit[] {
  return limits.filter((limit) => falls(run, limit));
}

/** @returns the first of the limits that leaves no room for another run beside these. */
export function findReachedLimit(
  limits: readonly RunLimit[],
  running: readonly CountedRun[],
): ReachedLimit | undefined {
  const counted = limits.map((limit) => ({ ...limit, running: running.filter((run) => falls(run, limit)).length }));
  return counted.find((limit) => limit.running >= limit.maxRuns);
}

/** `for source s3://acme/: 2 of 2 runs read from it`, `for pool eu: 4 of 4 runs in progress`. */
export function describeReached({ kind, name, maxRuns, running }: ReachedLimit): string {
  return `for ${kind} ${name}: ${running} of ${maxRuns} runs ${kind === 'source' ? 'read from it' : 'in progress'}`;
}

/** @param place the beginning of a source. */
export function readsBelow({ readsFrom = [] }: CountedRun, place: string): boolean {
  return readsFrom.some((source) => source.startsWith(place));
}

/** @returns how many of the runs read from a source that begins with `place`. */
export function countReaders(running: readonly CountedRun[], place: string): number {
  return running.filter((run) => readsBelow(run, place)).length;
}

function falls(run: CountedRun, { kind, name }: RunLimit): boolean {
  return kind === 'pool' ? run.pool === name : readsBelow(run, name);
}
