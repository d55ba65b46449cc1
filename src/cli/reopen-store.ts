import { setTimeout as wait } from 'node:timers/promises';
import type { DaemonLog } from '../daemon/log.ts';
import type { Store } from '../record/store.ts';
import { asDrillError } from '../support/errors.ts';

/** The delay before another attempt. */
const REOPEN_AFTER_MS = 5000;

export interface ReopenOptions {
  readonly open: () => Promise<Store>;
  /** The store in messages. */
  readonly label: string;
  readonly log: DaemonLog;
  /** Called before each attempt. */
  readonly onAttempt: () => void;
}

/** Reopens a lost store, no matter how long it takes. @returns undefined if it is stopped in the meantime. */
export async function reopenStore(options: ReopenOptions, stop: AbortSignal): Promise<Store | undefined> {
  const { open, label, log, onAttempt } = options;
  while (!stop.aborted) {
    onAttempt();
    try {
      const store = await open();
      log.warn(`the store ${label} is being reopened`);
      return store;
    } catch (thrown) {
      const { code, message } = asDrillError(thrown);
      log.error(`${code}: ${message}`, { code });
    }
    await wait(REOPEN_AFTER_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  return undefined;
}

/** A lost store may fail to close. */
export async function closeStore(store: Store, log: DaemonLog): Promise<void> {
  try {
    await store[Symbol.asyncDispose]();
  } catch (thrown) {
    log.warn(`the store was not closed cleanly: ${asDrillError(thrown).message}`);
  }
}
