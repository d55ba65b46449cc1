import { type CountedRun, describeReached, findReachedLimit, type RunLimit } from '../record/run-limits.ts';
import type { Capacity } from '../sandbox/sandbox.ts';
import { formatAge } from '../support/quantities.ts';
import { type AdmissionLimits, placeRun, type RunningRun } from './place-run.ts';
import type { Load } from './shortage.ts';

const HOUR_MS = 3_600_000;
/** How long smaller runs may overtake one that does not fit; after that, freed capacity is reserved for it. */
const KEPT_AFTER_MS = 15 * 60_000;
/** Tiers are 0 to 9, so a drill without a tier comes last. */
const NO_TIER = 10;

/** A run that is due and has not started. */
export interface WaitingRun extends Load, CountedRun {
  readonly tier: number | undefined;
  /** The instant in the schedule, from which the delay is measured. */
  readonly dueAt: Date;
  /** Since when it has been ready to start, apart from capacity. */
  readonly waitingSince: Date;
  /** undefined: none can be chosen now; the run will report it. */
  readonly runtime: string | undefined;
  /** The limits across all machines that apply to it. */
  readonly fleetLimits?: readonly RunLimit[];
}

export interface AdmissionInput<Run extends WaitingRun> {
  readonly waiting: readonly Run[];
  readonly running: readonly RunningRun[];
  /**
   * Capacity of the container engines that answer, by runtime. A missing one adds no limits beyond `limits`: a run whose engine does not answer reports that
   * itself.
   */
  readonly capacity: Readonly<Partial<Record<string, readonly Capacity[]>>>;
  readonly limits: AdmissionLimits;
  /** The runs in progress on all machines, for `fleetLimits`. Default: none. */
  readonly fleet?: readonly CountedRun[];
  readonly now: Date;
}

export type Admission<Run extends WaitingRun = WaitingRun> =
  /** @property containerEngine which of several engines it starts on; undefined: there is no choice. */
  | { readonly kind: 'start'; readonly run: Run; readonly containerEngine: string | undefined }
  /** What it waits for: `for memory: 2.15 GB wanted, 1.07 GB of 8.59 GB free`, `behind orders, which has waited 25 min`. */
  | { readonly kind: 'hold'; readonly run: Run; readonly why: string };

/**
 * Decides which of the queued runs start now. Pure; the result does not depend on the order of `waiting`.
 *
 * - Order: by tier, then by how long overdue, then by name. Each full hour of waiting counts as one tier, so that nothing waits forever behind a steady supply
 *   of more important runs.
 * - Concurrent runs never get more memory, CPUs and disk than available. A run that needs more than the whole machine starts when nothing else is running,
 *   because a limit is not a reservation. Disk is the exception: a full disk breaks more than this run.
 * - A run that fits may start before one that does not, until that one has waited 15 min and is next. Two kinds of waiting runs block nothing: one whose data
 *   would not fit on the disk of an empty machine, and one that waits for a limit across all machines, since the others do not take its place.
 *
 * All runs, including those of another runtime, count against the capacity of the one to start, because they usually share a machine. With several container
 * engines, runs placed on another engine do not count, see {@link placeRun}.
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
    const engines = run.runtime === undefined ? [] : (input.capacity[run.runtime] ?? []);
    const placement = placeRun(run, taken, engines, limits);
    if (placement.fits) {
      const { containerEngine } = placement;
      taken.push({ ...run, containerEngine, diskUsedBytes: 0 });
      counted.push(run);
      return { kind: 'start', run, containerEngine };
    }
    if (waitedMs(run, now) >= KEPT_AFTER_MS && !placement.isHopeless) next = run;
    return { kind: 'hold', run, why: placement.why };
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

function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
