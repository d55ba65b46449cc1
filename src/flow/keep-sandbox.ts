import { setTimeout as wait } from 'node:timers/promises';
import type { DrillServices } from '../drill.ts';
import { LONGEST_TIMER_MS } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { Run } from './begin-run.ts';

/**
 * Holds the sandbox up for a person to look at, after the run has been recorded, and removes it when the time is over or
 * they have had enough (Ctrl-C). Should this process die meanwhile, the sandbox's own lease lets a sweep remove it.
 */
export async function keepSandbox(
  run: Run,
  keepMs: number,
  interrupt: AbortSignal,
  { clock }: Pick<DrillServices, 'clock'>,
): Promise<void> {
  const { sandbox, server } = run.seen;
  if (!sandbox) return;
  const signal = AbortSignal.any([interrupt, sandbox.gone]);
  try {
    run.emit({
      type: 'kept',
      until: new Date(clock.now().getTime() + keepMs),
      shellCommand: toShell(sandbox.shellCommand),
      clientCommand: toShell((await server?.prepareClient(signal).catch(() => undefined)) ?? []),
    });
    await wait(Math.min(keepMs, LONGEST_TIMER_MS), undefined, { signal });
  } catch (thrown) {
    if (!interrupt.aborted && !sandbox.gone.aborted) throw asDrillError(thrown, 'teardown');
  } finally {
    await sandbox.dispose();
  }
}

/** A database's name comes from the backup, and whoever made that must not have a say in what is typed here. */
function toShell(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}
