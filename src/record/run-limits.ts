import type { Money } from '../support/reading.ts';

/**
 * Limit on concurrent runs across all machines that share a store: for runs that read from a `source` whose name starts with `name`, or for the runners of a
 * `pool`.
 */
export interface RunLimit {
  readonly kind: 'source' | 'pool';
  readonly name: string;
  /** At least 1. */
  readonly maxRuns: number;
}

/** Limits that apply to all machines that share a store. */
export interface FleetLimits {
  readonly runs: readonly RunLimit[];
  readonly rates: readonly RateLimit[];
  /** Budget for all runs that start in a calendar month (UTC); undefined: unlimited. */
  readonly costPerMonth?: Money | undefined;
}

/** Combined read rate of all runs for the sources whose names start with `of`. */
export interface RateLimit {
  readonly of: string;
  readonly bytesPerSecond: number;
}

/** A run in progress, with the fields that limits use. */
export interface CountedRun {
  /** Its sources, as named in runs. */
  readonly readsFrom?: readonly string[] | undefined;
  /** The pool of the runner that has it; undefined: none. */
  readonly pool?: string | undefined;
}

export interface ReachedLimit extends RunLimit {
  /** Runs in progress that count towards it; more than `maxRuns` if some were started manually. */
  readonly running: number;
}

/** @returns the limits that apply to a run. */
export function limitsOn(run: CountedRun, limits: readonly RunLimit[]): readonly RunLimit[] {
  return limits.filter((limit) => falls(run, limit));
}

/** @returns the first limit that has no room for another run in addition to these. */
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

/** @param place prefix of a source's name. */
export function readsBelow({ readsFrom = [] }: CountedRun, place: string): boolean {
  return readsFrom.some((source) => source.startsWith(place));
}

/** @returns how many of the runs read from a source whose name starts with `place`. */
export function countReaders(running: readonly CountedRun[], place: string): number {
  return running.filter((run) => readsBelow(run, place)).length;
}

function falls(run: CountedRun, { kind, name }: RunLimit): boolean {
  return kind === 'pool' ? run.pool === name : readsBelow(run, name);
}
