import type { Drill } from '../config/drill-file.ts';
import type { Settings } from '../config/settings.ts';
import { toDrillSubject, toProofSubjects } from '../notify/compose-notification.ts';
import type { Store } from '../record/store.ts';
import { readStandings } from '../status/read-standings.ts';
import { asDrillError } from '../support/errors.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/** Longer than any channel takes. Notifications not delivered by then are sent with the next run, or by the scheduler. */
const DELIVERY_MS = 40_000;

/**
 * Sends notifications about these drills when channels are configured and something has changed. Failures are reported on stderr and do not affect the
 * runs.
 */
export async function notifyChannels(
  tools: Toolbox,
  settings: Settings,
  store: Store,
  drills: readonly Drill[],
): Promise<void> {
  if (settings.notify.channels.length + settings.notify.missing.length === 0) return;
  const { io, clock } = tools;
  try {
    const notifier = await tools.createNotifier(settings, store);
    const now = clock.now();
    const { drills: known } = await readStandings(store, drills, now);
    await notifier.consider([...known.map(toDrillSubject), ...toProofSubjects(known, now)], now);
    const signal = AbortSignal.any([io.interrupt, AbortSignal.timeout(DELIVERY_MS)]);
    const { problems } = await notifier.deliver(signal);
    for (const problem of problems) io.stderr.write(`could not send a notification: ${printable(problem)}\n`);
  } catch (thrown) {
    const { message, details } = asDrillError(thrown);
    io.stderr.write(`could not send notifications: ${printable(tools.redact([message, ...details].join('; ')))}\n`);
  }
}
