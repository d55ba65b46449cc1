import { asDrillError, type DrillError } from '../support/errors.ts';
import type { SandboxRuntime, Swept } from './sandbox.ts';

export interface SweepOutcome {
  readonly swept: readonly Swept[];
  /** Runtimes that could not be swept, or not in time; one failure does not stop the others, and none prevents a run from starting. */
  readonly unanswered: readonly Unswept[];
}

export interface Unswept {
  readonly runtime: Pick<SandboxRuntime, 'name' | 'containerEngine'>;
  readonly error: DrillError;
}

/** `docker`, or `docker at tcp://10.0.0.5:2376` if the settings name its engine. */
export function nameRuntime({ name, containerEngine }: Unswept['runtime']): string {
  return containerEngine === undefined ? name : `${name} at ${containerEngine}`;
}

/**
 * Whether it matters: without a configured container engine there may be none, and thus nothing to sweep. A configured one is expected to answer.
 */
export function isExpected({ runtime, error }: Unswept): boolean {
  return runtime.containerEngine !== undefined || error.code !== 'engine-unreachable';
}

/** Removes sandboxes with dead owners or expired leases, in every runtime, until the signal. Throws nothing. */
export async function sweepAll(
  runtimes: readonly SandboxRuntime[],
  now: Date,
  signal: AbortSignal,
): Promise<SweepOutcome> {
  const outcomes = await Promise.allSettled(runtimes.map((runtime) => runtime.sweep(now, signal)));
  const swept: Swept[] = [];
  const unanswered: Unswept[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const runtime = runtimes[index];
    if (outcome.status === 'fulfilled') swept.push(...outcome.value);
    else if (runtime) unanswered.push({ runtime, error: asDrillError(outcome.reason) });
  }
  return { swept, unanswered };
}
