import type { Capacity } from '../sandbox/sandbox.ts';
import { formatAge } from '../support/quantities.ts';
import type { RuntimeName } from '../support/vocabulary.ts';
import { findShortage, type Load, type Room } from './shortage.ts';

const HOUR_MS = 3_600_000;
/** So long smaller runs may go before one that does not fit; from then on what becomes free is kept for it. */
const KEPT_AFTER_MS = 15 * 60_000;
/** Tiers are 0 to 9: a drill without one comes after all that have one. */
const NO_TIER = 10;

/** A run that is due and has not been started. */
export interface WaitingRun extends Load {
  readonly tier: number | undefined;
  /** The instant that the schedule named; how overdue it is. */
  readonly dueAt: Date;
  /** Since when it could have been started, had there been room. */
  readonly waitingSince: Date;
  /** undefined: none can be chosen now, and the run will report that. */
  readonly runtime: RuntimeName | undefined;
}

/** A run that goes on, whoever started it. */
export interface RunningRun extends Load {
  /** Of `diskBytes`, what it takes already; undefined: not known, so all of it is still to come. */
  readonly diskUsedBytes?: number | undefined;
}

export interface AdmissionLimits {
  /** As many runs at most go on at once; at least 1. */
  readonly sandboxes: number;
  /** Less than the machine has, for all sandboxes together; undefined: all of it. */
  readonly memoryBytes?: number | undefined;
  readonly cpus?: number | undefined;
}

export interface AdmissionInput<Run extends WaitingRun> {
  readonly waiting: readonly Run[];
  readonly running: readonly RunningRun[];
  /** By runtime. One that is missing holds nothing back but by `limits`: a run whose engine does not answer shall say so itself. */
  readonly capacity: Readonly<Partial<Record<RuntimeName, Capacity>>>;
  readonly limits: AdmissionLimits;
  readonly now: Date;
}

export type Admission<Run extends WaitingRun = WaitingRun> =
  | { readonly kind: 'start'; readonly run: Run }
  /** What it waits for, in words: `for memory: 2.15 GB wanted, 1.07 GB of 8.59 GB free`, `behind orders, which has waited 25 min`. */
  | { readonly kind: 'hold'; readonly run: Run; readonly why: string };

/**
 * Decides which of the waiting runs start now; pure, and in the same order for the same input, whatever the order of `waiting`.
 *
 * - In turn: by tier, then by how long overdue, then by name. Each full hour of waiting counts as one tier, so that nothing waits for ever
 *   behind more important runs that keep coming.
 * - What runs together is promised no more memory, CPUs and disk than there is. A run that wants more than the whole machine starts when
 *   nothing else runs: a limit is no reservation. Disk is the exception: a full one breaks more than this run.
 * - A run that fits may start before one that does not, until that has waited 15 min; then it is next. Only one that not even an empty
 *   machine has the disk for holds up nobody.
 *
 * All runs count against the capacity of the one to be started, also those of another runtime: they usually share a machine.
 */
export function admit<Run extends WaitingRun>(input: AdmissionInput<Run>): readonly Admission<Run>[] {
  const { now, limits } = input;
  const taken: RunningRun[] = [...input.running];
  let next: Run | undefined;
  return inTurn(input.waiting, now).map((run) => {
    if (next)
      return { kind: 'hold', run, why: `behind ${next.drill}, which has waited ${formatAge(waitedMs(next, now))}` };
    const shortage = findShortage(run, taken, roomFor(run, input), limits.sandboxes);
    if (!shortage) {
      taken.push({ ...run, diskUsedBytes: 0 });
      return { kind: 'start', run };
    }
    if (waitedMs(run, now) >= KEPT_AFTER_MS && !shortage.isHopeless) next = run;
    return { kind: 'hold', run, why: shortage.why };
  });
}

function inTurn<Run extends WaitingRun>(waiting: readonly Run[], now: Date): readonly Run[] {
  const rank = (run: Run) => (run.tier ?? NO_TIER) - Math.floor(waitedMs(run, now) / HOUR_MS);
  return waiting.toSorted(
    (a, b) => rank(a) - rank(b) || a.dueAt.getTime() - b.dueAt.getTime() || compareNames(a.drill, b.drill),
  );
}

/** Not negative, should the clock have been put back. */
function waitedMs({ waitingSince }: WaitingRun, now: Date): number {
  return Math.max(0, now.getTime() - waitingSince.getTime());
}

function roomFor({ runtime }: WaitingRun, { capacity, limits }: AdmissionInput<WaitingRun>): Room {
  const machine = runtime && capacity[runtime];
  return {
    memoryBytes: Math.min(machine?.memoryBytes ?? Infinity, limits.memoryBytes ?? Infinity),
    cpus: Math.min(machine?.cpus ?? Infinity, limits.cpus ?? Infinity),
    freeDiskBytes: machine?.freeDiskBytes,
  };
}

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
