import { randomUUID } from 'node:crypto';
import type { ReportSpec } from '../config/resolve-reports.ts';
import type { NewDelivery, NoticeStore } from '../record/notice-store.ts';
import { newestDue } from '../schedule/newest-due.ts';
import type { Notice } from './notice.ts';

/** What no scheduler was there to send is sent up to that much later. */
const LATEST_MS = 24 * 3_600_000;
/** Before the name of a report: the channel that takes it. No channel of the settings has a name with a colon. */
const CHANNEL_PREFIX = 'report:';

export function channelOfReport({ name }: Pick<ReportSpec, 'name'>): string {
  return `${CHANNEL_PREFIX}${name}`;
}

/**
 * Puts reports on their way. Which have been is the store's to know, by a key of name and instant: of several schedulers, and of one that is killed and
 * started anew, one puts each report in, once. It goes out by the channel {@link channelOfReport}, tried again like every message.
 */
export class ReportScheduler {
  readonly #store: Pick<NoticeStore, 'enqueue'>;
  readonly #reports: readonly ReportSpec[];
  /** The last instant that was put in, so that the store is not asked each turn. */
  readonly #done = new Map<string, number>();

  constructor(store: Pick<NoticeStore, 'enqueue'>, reports: readonly ReportSpec[]) {
    this.#store = store;
    this.#reports = reports;
  }

  /** @returns names of the reports that were due and that nobody had put on their way. Throws what the store throws. */
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

/** The report itself is made when it is sent; what is stored says of when it is. */
function toDelivery(report: ReportSpec, dueAt: Date, createdAt: Date): NewDelivery {
  const channel = channelOfReport(report);
  const id = randomUUID();
  const notice: Notice = {
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
  return { id, key, channel, subject: channel, notice: JSON.stringify(notice), createdAt };
}
