import type { Settings } from '../config/settings.ts';
import type { Store } from '../record/store.ts';
import { cleanUpAfterDead, describeCleanUp, sweepLimit } from '../run/clean-up.ts';
import type { SweepOutcome } from '../sandbox/sweep.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';
import { showWork } from './work-reporter.ts';

const SWEEP_TIMEOUT_MS = 30_000;

/** Cleans up after dead runs before anything else, and reports findings on stderr. @returns what was removed, and what could not be swept. */
export async function cleanUp(tools: Toolbox, settings: Settings, store: Store): Promise<SweepOutcome> {
  const signal = sweepLimit(SWEEP_TIMEOUT_MS);
  const cleaned = await showWork(tools, 'cleaning up after dead runs', async () =>
    cleanUpAfterDead(store, await tools.runtimes(settings), tools.clock.now(), signal),
  );
  for (const line of describeCleanUp(cleaned)) tools.io.stderr.write(`${printable(line)}\n`);
  return cleaned;
}
