import type { RunRecord } from '../record/run-record.ts';
import type { Death, RunLease, Store } from '../record/store.ts';
import type { SandboxRuntime, Swept } from '../sandbox/sandbox.ts';
import { isExpected, nameRuntime, type SweepOutcome, sweepAll } from '../sandbox/sweep.ts';
import { DrillError } from '../support/errors.ts';
import { isOwnerDead, parseOwner } from '../support/owner.ts';
import { formatDuration } from '../support/quantities.ts';
import { abortAfter } from '../support/time-limit.ts';

export interface CleanedUp extends SweepOutcome {
  /** Runs whose process died, now recorded as interrupted. */
  readonly interrupted: readonly RunRecord[];
}

/**
 * Marks runs whose process died as `interrupted`, and removes their leftovers. Every start does this first, and the scheduler repeatedly. Throws the store's
 * errors; what cannot be swept (an engine that is down, leftovers that take too long) is reported, not thrown: this may be a real recovery.
 */
export async function cleanUpAfterDead(
  store: Pick<Store, 'interruptAbandoned'>,
  runtimes: readonly SandboxRuntime[],
  now: Date,
  signal: AbortSignal,
): Promise<CleanedUp> {
  const interrupted = await interruptDead(store, now);
  return { interrupted, ...(await sweepAll(runtimes, now, signal)) };
}

/** A time limit for a sweep, counted from now. */
export function sweepLimit(ms: number): AbortSignal {
  const message = `leftovers of dead runs were not removed within ${formatDuration(ms)}`;
  return abortAfter(
    ms,
    () => new DrillError('sandbox-leaked', message, { hint: 'Remove them with `firedrill sweep`.' }),
  );
}

/** Only marks the runs; does not contact any engine. */
export function interruptDead(store: Pick<Store, 'interruptAbandoned'>, now: Date): Promise<readonly RunRecord[]> {
  return store.interruptAbandoned(now, (lease) => findExpired(lease, now) ?? findGone(lease));
}

/** Compares with this machine's clock. */
export function findExpired({ expiresAt }: RunLease, now: Date): Death | undefined {
  return expiresAt <= now ? 'expired' : undefined;
}

/** @returns `gone` when a run's process ran on this machine and has exited. */
export function findGone({ owner: text }: RunLease): Death | undefined {
  const owner = parseOwner(text);
  return owner !== undefined && isOwnerDead(owner) ? 'gone' : undefined;
}

/** One sentence per finding. */
export function describeCleanUp({ interrupted, swept, unanswered }: CleanedUp): string[] {
  return [
    ...interrupted.map(
      ({ id, drill }) => `run ${id} of ${drill} was cut off when its process died: recorded as interrupted`,
    ),
    ...swept.map(describeSwept),
    // An engine that is not expected to answer is not reported here, because it may have nothing to sweep; `doctor` says what to do about it.
    ...unanswered
      .filter(isExpected)
      .map(({ runtime, error }) => `${nameRuntime(runtime)} could not be swept: ${error.message}`),
  ];
}

function describeSwept({ kind, id, runId, why, error }: Swept): string {
  const done = error === undefined ? 'removed' : `could not be removed (${error})`;
  return `left behind by run ${runId}: ${kind} ${id} ${done}: ${why}`;
}
