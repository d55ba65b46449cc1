import { waitOrAbort } from '../support/long-timer.ts';
import { toShell } from '../support/shell.ts';
import type { Run } from './claimed-run.ts';
import type { DrillServices } from './contract.ts';

/**
 * Keeps the sandbox up for inspection after the run has been recorded, and removes it when the time is over or on Ctrl-C.
 * Throws `sandbox-leaked` when it cannot be removed. If this process dies meanwhile, the sandbox's own lease lets a sweep remove it.
 */
export async function keepSandbox(
  run: Run,
  keepMs: number,
  interrupt: AbortSignal,
  { clock }: Pick<DrillServices, 'clock'>,
): Promise<void> {
  const { sandbox, server } = run.state;
  if (!sandbox) return;
  const signal = AbortSignal.any([interrupt, sandbox.gone]);
  try {
    run.emit({
      type: 'kept',
      until: new Date(clock.now().getTime() + keepMs),
      shellCommand: toShell(sandbox.shellCommand),
      clientCommand: toShell((await server?.prepareClient(signal).catch(() => undefined)) ?? []),
    });
    await waitOrAbort(keepMs, signal);
  } finally {
    await sandbox.dispose();
  }
}
