import type { Server } from '../engines/engine.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { waitOrAbort } from '../support/long-timer.ts';
import { toShell } from '../support/shell.ts';
import type { StageContext } from './contract.ts';

export interface KeepInput {
  readonly sandbox: Sandbox;
  /** Undefined when the server never booted. */
  readonly server: Server | undefined;
  readonly keepMs: number;
}

/**
 * Keeps the sandbox up for inspection after the run has been recorded, and removes it when the time is over or on Ctrl-C.
 * Throws `sandbox-leaked` when it cannot be removed. If this process dies meanwhile, the sandbox's own lease lets a sweep remove it.
 */
export async function keepSandbox(
  { sandbox, server, keepMs }: KeepInput,
  { signal: interrupt, clock, emit }: Pick<StageContext, 'signal' | 'clock' | 'emit'>,
): Promise<void> {
  const signal = AbortSignal.any([interrupt, sandbox.gone]);
  try {
    emit({
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
