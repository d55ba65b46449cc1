import { randomUUID } from 'node:crypto';
import type { ReportSpec } from '../config/resolve-reports.ts';
import type { NewDelivery, NotificationStore } from '../record/notification-store.ts';
import { newestDue } from '../schedule/newest-due.ts';
import type { Notification } from './notification.ts';

/** A report that was due while no scheduler ran is still sent within this time. */
const LATEST_MS = 24 * 3_600_000;
/** Prefix of the channel name that a report is queued under. Channel names in the settings cannot contain a colon. */
const CHANNEL_PREFIX = 'report:';

export function channelOfReport({ name }: Pick<ReportSpec, 'name'>): string {
  return `${CHANNEL_PREFIX}${name}`;
}

/**
 * Queues reports when they are due. The store deduplicates them by name and instant, so each is queued once, even with several schedulers or after a
 * restart. They are sent through the channel {@link channelOfReport} and retried like every message.
 */
export class ReportScheduler {
  readonly #store: Pick<NotificationStore, 'enqueue'>;
  readonly #reports: readonly ReportSpec[];
  /** The last instant that was queued, so that the store is not queried at every tick. */
  readonly #done = new Map<string, number>();

  constructor(store: Pick<NotificationStore, 'enqueue'>, reports: readonly ReportSpec[]) {
    this.#store = store;
    this.#reports = reports;
  }

  /** @returns names of the reports that were due and not yet queued. Throws what the store throws. */
  async enqueueDue(now: Date): Promise<readonly string[]> {
    const added: string[] = [];
    for (const report of this.#reports) {
      const dueAt = newestDue(report, now, LATEST_MS);
      if (!dueAt || dueAt.getTime() === this.#done.get(report.name)) continue;
      if ((await this.#store.enqueue([toDelivery(report, dueAt, now)])) > 0) added.push(report.name);
      this.#done.set(report.name, dueAt.getTime());
    }
    return added;
  }
}

/** The report itself is built when it is sent; what is stored is the instant that it is for. */
function toDelivery(report: ReportSpec, dueAt: Date, createdAt: Date): NewDelivery {
  const channel = channelOfReport(report);
  const id = randomUUID();
  const notification: Notification = {
    id,
    kind: 'digest',
    at: dueAt.toISOString(),
    drill: undefined,
    state: undefined,
    headline: `report ${report.name}`,
    since: undefined,
    facts: [],
    nextStep: undefined,
    links: [],
    rows: [],
  };
  const key = `${channel}:${dueAt.toISOString()}`;
  return { id, key, channel, subject: channel, notification: JSON.stringify(notification), createdAt };
}
