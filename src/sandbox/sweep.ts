import { asDrillError, type DrillError } from '../support/errors.ts';
import type { SandboxRuntime, Swept } from './sandbox.ts';

export interface SweepOutcome {
  readonly swept: readonly Swept[];
  /** Runtimes that could not be swept, or not in time; one does not stop the others, and none keeps a run from starting. */
  readonly unanswered: readonly { readonly runtime: string; readonly error: DrillError }[];
}

/** Removes sandboxes with dead owners or expired leases, in every runtime, until the signal. Throws nothing. */
export async function sweepAll(
  runtimes: readonly SandboxRuntime[],
  now: Date,
  signal: AbortSignal,
): Promise<SweepOutcome> {
  const outcomes = await Promise.allSettled(runtimes.map((runtime) => runtime.sweep(now, signal)));
  const swept: Swept[] = [];
  const unanswered: { runtime: string; error: DrillError }[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const runtime = runtimes[index]?.name;
    if (outcome.status === 'fulfilled') swept.push(...outcome.value);
    else if (runtime) unanswered.push({ runtime, error: asDrillError(outcome.reason) });
  }
  return { swept, unanswered };
}
