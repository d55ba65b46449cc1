import { type CountedRun, describeReached, findReachedLimit, type RunLimit } from '../record/run-limits.ts';
import type { Capacity } from '../sandbox/sandbox.ts';
import { formatAge } from '../support/quantities.ts';
import { findShortage, type Load, type Room } from './shortage.ts';

const HOUR_MS = 3_600_000;
/** How long smaller runs may overtake one that does not fit; after that, freed capacity is reserved for it. */
const KEPT_AFTER_MS = 15 * 60_000;
/** Tiers are 0 to 9, so a drill without one comes after all that have one. */
const NO_TIER = 10;

/** A run that is due and has not started. */
export interface WaitingRun extends Load, CountedRun {
  readonly tier: number | undefined;
  /** The instant in the schedule, from which the delay is measured. */
  readonly dueAt: Date;
  /** Since when it could have started, had there been room. */
  readonly waitingSince: Date;
  /** undefined: none can be chosen now; the run will report that. */
  readonly runtime: string | undefined;
  /** Those of all machines that apply to it. */
  readonly fleetLimits?: readonly RunLimit[];
}

/** A run in progress, in this or another process. */
export interface RunningRun extends Load {
  /** The part of `diskBytes` that is already in use; undefined: unknown, so all of it counts as still to come. */
  readonly diskUsedBytes?: number | undefined;
}

export interface AdmissionLimits {
  /** The most runs in progress at once; at least 1. */
  readonly sandboxes: number;
  /** A limit below the machine's capacity, for all sandboxes together; undefined: the full capacity. */
  readonly memoryBytes?: number | undefined;
  readonly cpus?: number | undefined;
}

export interface AdmissionInput<Run extends WaitingRun> {
  readonly waiting: readonly Run[];
  readonly running: readonly RunningRun[];
  /** By runtime. A missing one limits nothing beyond `limits`: a run whose engine does not answer reports that itself. */
  readonly capacity: Readonly<Partial<Record<string, Capacity>>>;
  readonly limits: AdmissionLimits;
  /** The runs in progress on all machines, for `fleetLimits`. Default: none. */
  readonly fleet?: readonly CountedRun[];
  readonly now: Date;
}

export type Admission<Run extends WaitingRun = WaitingRun> =
  | { readonly kind: 'start'; readonly run: Run }
  /** What it waits for: `for memory: 2.15 GB wanted, 1.07 GB of 8.59 GB free`, `behind orders, which has waited 25 min`. */
  | { readonly kind: 'hold'; readonly run: Run; readonly why: string };

/**
 * Decides which of the queued runs start now. Pure; the result is the same for the same input, whatever the order of `waiting`.
 *
 * - Order: by tier, then by how long overdue, then by name. Each full hour of waiting counts as one tier, so that nothing waits forever
 *   behind more important runs that keep coming.
 * - Runs in progress together never get more memory, CPUs and disk than there is. A run that needs more than the whole machine starts when
 *   nothing else runs, because a limit is not a reservation. Disk is the exception: a full disk breaks more than this run.
 * - A run that fits may start before one that does not, until that one has waited 15 min and is next. Only a run whose data would not fit
 *   on the disk of an empty machine blocks nothing, and one that waits for a limit of all machines: others do not take its place.
 *
 * All runs, including those of another runtime, count against the capacity of the one to start, because they usually share a machine.
 */
export function admit<Run extends WaitingRun>(input: AdmissionInput<Run>): readonly Admission<Run>[] {
  const { now, limits } = input;
  const taken: RunningRun[] = [...input.running];
  const counted: CountedRun[] = [...(input.fleet ?? [])];
  let next: Run | undefined;
  return inTurn(input.waiting, now).map((run) => {
    if (next)
      return { kind: 'hold', run, why: `behind ${next.drill}, which has waited ${formatAge(waitedMs(next, now))}` };
    const reached = findReachedLimit(run.fleetLimits ?? [], counted);
    if (reached) return { kind: 'hold', run, why: describeReached(reached) };
    const shortage = findShortage(run, taken, roomFor(run, input), limits.sandboxes);
    if (!shortage) {
      taken.push({ ...run, diskUsedBytes: 0 });
      counted.push(run);
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

/** Never negative, even if the clock was set back. */
function waitedMs({ waitingSince }: WaitingRun, now: Date): number {
  return Math.max(0, now.getTime() - waitingSince.getTime());
}

function roomFor({ runtime }: WaitingRun, { capacity, limits }: AdmissionInput<WaitingRun>): Room {
  const machine = runtime === undefined ? undefined : capacity[runtime];
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
