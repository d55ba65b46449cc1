import type { Settings } from '../config/settings.ts';
import { createDaemonLog, type DaemonLog } from '../daemon/log.ts';
import { createServiceManager, type ServiceManager } from '../daemon/service-manager.ts';
import { describeStore } from '../record/store-address.ts';
import { DrillError } from '../support/errors.ts';
import type { Toolbox } from './toolbox.ts';

/** Messages of a long-running process for the first and the second signal. */
export const SIGNAL_WORDS = {
  first: 'stopping after the runs in progress; a second signal cancels them',
  second: 'canceling the runs in progress; removing their sandboxes',
};

/** Where such a process reports to: its log on stdout, and the service manager that started it, if any. */
export function openReporting(
  { io, redact }: Pick<Toolbox, 'io' | 'redact'>,
  { logLevel }: Pick<Settings, 'logLevel'>,
): { readonly log: DaemonLog; readonly manager: ServiceManager } {
  const log = createDaemonLog({
    write: (line) => io.stdout.write(line),
    level: logLevel,
    redact,
    isTerminal: io.terminal !== undefined,
  });
  return { log, manager: createServiceManager(io.env, (message) => log.warn(message)) };
}

/** For features that need several processes. @param what `a runner`. Throws `config-invalid` for a store that is not shared. */
export function requireSharedStore({ store }: Pick<Settings, 'store'>, what: string, hint: string): void {
  if (store.kind === 'postgresql') return;
  throw new DrillError('config-invalid', `${what} needs a store on PostgreSQL, not ${describeStore(store)}`, { hint });
}
