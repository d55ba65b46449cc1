import { asDrillError, DrillError } from '../support/errors.ts';
import type { Run } from './claimed-run.ts';
import { measureData } from './measure-data.ts';

/** After this long the run is recorded with a leak, even if removal is still in progress. */
const TEARDOWN_DEADLINE_MS = 60_000;

/**
 * Removes the sandbox, whatever happened before, with its own deadline.
 * @returns the error for what could not be removed; never throws, so that it never masks the first cause.
 */
export async function teardown(run: Run): Promise<DrillError | undefined> {
  const { starting } = run.state;
  if (!starting) {
    await run.stages.skip('teardown');
    return undefined;
  }
  try {
    const deadline = teardownDeadline();
    await run.stages.run('teardown', deadline, async () => {
      // A failed start has cleaned up after itself, as its contract requires.
      const sandbox = await starting.catch(() => undefined);
      // Measure only after a completed load, and not for a canceled run, which should end quickly.
      if (sandbox && run.state.load && !run.signal.aborted) run.state.dataBytes = await measureData(sandbox, deadline);
      await sandbox?.dispose();
      run.state.removed = true;
      return { value: undefined, summary: 'nothing left' };
    });
    return undefined;
  } catch (thrown) {
    const error = asDrillError(thrown, 'teardown');
    run.warn(`teardown: ${error.message}`);
    return error;
  }
}

function teardownDeadline(): AbortSignal {
  const controller = new AbortController();
  const seconds = TEARDOWN_DEADLINE_MS / 1000;
  setTimeout(() => {
    const hint = 'Look for what is left with `firedrill sweep` once the engine answers again.';
    controller.abort(new DrillError('sandbox-leaked', `the sandbox was not removed within ${seconds} s`, { hint }));
  }, TEARDOWN_DEADLINE_MS).unref();
  return controller.signal;
}
