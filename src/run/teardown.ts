import { REMOVAL_LIMIT_MS } from '../sandbox/removal-limit.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { limitTime, type TimeLimit } from '../support/time-limit.ts';
import type { StageContext } from './contract.ts';
import { measureData } from './measure-data.ts';

/** After this long the run is recorded with a leak, even if removal is still in progress. Later than the runtime’s own limit, which says more. */
const TEARDOWN_DEADLINE_MS = REMOVAL_LIMIT_MS + 60_000;

export interface TeardownInput {
  /** The sandbox, which may still be coming up. */
  readonly starting: Promise<Sandbox>;
  /** Whether the restored data is measured first: only after a completed restore, and not for a canceled run, which should end quickly. */
  readonly isMeasured: boolean;
}

/** Removes the sandbox, whatever happened before. Throws `sandbox-leaked` for what could not be removed. */
export async function teardown({ starting, isMeasured }: TeardownInput, { signal, emit }: StageContext): Promise<void> {
  const sandbox = await starting.catch(() => undefined); // a failed start has cleaned up after itself, as its contract requires
  if (sandbox && isMeasured) emit({ type: 'data-measured', dataBytes: await measureData(sandbox, signal) });
  await sandbox?.dispose();
  emit({ type: 'sandbox-removed' });
}

/** A deadline for the teardown itself, because the run's may have passed. */
export function teardownDeadline(): TimeLimit {
  const message = `the sandbox was not removed within ${formatDuration(TEARDOWN_DEADLINE_MS)}`;
  const hint = 'Run `firedrill sweep` when the engine answers again.';
  return limitTime(TEARDOWN_DEADLINE_MS, () => new DrillError('sandbox-leaked', message, { hint }));
}
