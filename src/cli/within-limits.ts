import { readsFrom } from '../config/reads-from.ts';
import { describeReached, limitsOn } from '../record/run-limits.ts';
import type { RunRecord } from '../record/run-record.ts';
import { interruptDead } from '../run/clean-up.ts';
import { type DrillRequest, type DrillServices, RunNotClaimed } from '../run/contract.ts';
import { waitOrAbort } from '../support/long-timer.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/** How often starting a waiting run is retried. */
const RETRY_MS = 2000;

/**
 * Starts a manual run as soon as the limits across all machines allow it, and reports on stderr which one it is waiting for.
 * @param start runs the drill of the request. Its other errors are thrown.
 * @returns undefined if it was canceled while waiting.
 */
export async function runWithinLimits(
  request: DrillRequest,
  start: (request: DrillRequest) => Promise<RunRecord>,
  { io, clock }: Pick<Toolbox, 'io' | 'clock'>,
  { store, limits }: Pick<DrillServices, 'store' | 'limits'>,
): Promise<RunRecord | undefined> {
  const { drill, interrupt } = request;
  const own = limitsOn({ readsFrom: readsFrom(drill) }, limits.runs);
  for (let said = ''; !interrupt.aborted; ) {
    try {
      return await start({ ...request, limits: own });
    } catch (thrown) {
      if (!(thrown instanceof RunNotClaimed) || thrown.outcome.kind !== 'limited') throw thrown;
      const why = describeReached(thrown.outcome.limit);
      if (why !== said)
        io.stderr.write(`${printable(`${drill.name} waits ${why}; start it now with --ignore-limits`)}\n`);
      said = why;
    }
    await waitOrAbort(RETRY_MS, interrupt);
    await interruptDead(store, clock.now()); // the run that it waits for may be one whose process died
  }
  return undefined;
}
