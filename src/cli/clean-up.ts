import type { Settings } from '../config/settings.ts';
import type { Store } from '../record/store.ts';
import type { Swept } from '../sandbox/sandbox.ts';
import { sweepAll } from '../sandbox/sweep.ts';
import { isOwnerDead, parseOwner } from '../support/owner.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * What every start does first: runs whose process died become `interrupted`, and the sandboxes that they left are removed.
 * What was found is told on stderr; what cannot be swept (an engine that is down) does not keep the start from going on.
 * @returns what was removed.
 */
export async function cleanUp(tools: Toolbox, settings: Settings, store: Store): Promise<readonly Swept[]> {
  const { stderr } = tools.io;
  const now = tools.clock.now();
  const interrupted = await store.interruptAbandoned(now, (leaseOwner) => {
    const owner = parseOwner(leaseOwner);
    return owner !== undefined && isOwnerDead(owner);
  });
  for (const run of interrupted) {
    stderr.write(
      `run ${run.id} of ${printable(run.drill)} was cut off when its process died: recorded as interrupted\n`,
    );
  }
  const { swept, unanswered } = await sweepAll(tools.runtimes(settings), now, AbortSignal.timeout(30_000));
  for (const item of swept) {
    const done = item.error === undefined ? 'removed' : `could not be removed (${printable(item.error)})`;
    stderr.write(
      `left behind by run ${printable(item.runId)}: ${item.kind} ${printable(item.id)} ${done}: ${item.why}\n`,
    );
  }
  for (const { runtime, error } of unanswered) {
    // An engine that is not there has nothing of ours that could be found; `doctor` says what to do about it.
    if (error.code !== 'engine-unreachable')
      stderr.write(`${runtime} could not be swept: ${printable(error.message)}\n`);
  }
  return swept;
}
