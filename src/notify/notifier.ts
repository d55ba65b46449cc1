import { randomUUID } from 'node:crypto';
import type { NotifySettings } from '../config/resolve-notify.ts';
import type { AlertRecord, NewDelivery, NotificationStore } from '../record/notification-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Clock } from '../support/clock.ts';
import type { Channel } from './channel.ts';
import { composeDigest } from './compose-digest.ts';
import { composeGone, composeNotification, type NotificationSubject } from './compose-notification.ts';
import { decideGone, decideNotification, type NotificationDecision } from './decide-notification.ts';
import { type DeliveryReport, DeliveryWorker } from './deliver.ts';
import { findDueDigest } from './digest-due.ts';
import type { Notification } from './notification.ts';
import { routeNotification } from './route.ts';

export interface NotifierDeps {
  readonly store: NotificationStore;
  readonly channels: readonly Channel[];
  readonly settings: Pick<NotifySettings, 'routes' | 'reminders' | 'digest'>;
  /** Without a trailing slash; undefined: messages have no links to runs. */
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
  /** Removes known secrets from a text. */
  readonly redact: (text: string) => string;
}

/** A notification that was queued. Without channels, no route matches, which is worth a warning. */
export interface QueuedAlert {
  readonly subject: string;
  readonly kind: NotificationDecision['kind'];
  readonly channels: readonly string[];
}

/** Notifies once, whichever process is first: the alert is stored together with its messages, which are retried until they are delivered. */
export interface Notifier {
  /**
   * Decides for each drill whether to notify, and queues the messages; {@link deliver} sends them.
   * @param options.isWhole the subjects include all drills and broken files, so open problems of any others are over.
   */
  consider(
    subjects: readonly NotificationSubject[],
    now: Date,
    options?: { readonly isWhole?: boolean },
  ): Promise<readonly QueuedAlert[]>;
  /**
   * Queues the digest when one is due and no process has sent it.
   * @param read called only then, for every drill and the runs of the 24 hours before.
   * @returns whether the digest was queued.
   */
  digest(read: DigestReader, now: Date): Promise<boolean>;
  /**
   * Sends what is due, all channels in parallel, and returns when each has answered or timed out. May be called while another call is in
   * progress: messages taken by that call are left to it. An abort cancels the sends in progress; the next call repeats them.
   */
  deliver(signal: AbortSignal): Promise<DeliveryReport>;
}

export type DigestReader = () => Promise<{
  readonly subjects: readonly NotificationSubject[];
  readonly runs: readonly RunRecord[];
}>;

export function createNotifier(deps: NotifierDeps): Notifier {
  const worker = new DeliveryWorker(deps);
  let lastDigestMs: number | undefined;
  return {
    consider: async (subjects, now, { isWhole = false } = {}) => {
      if (deps.channels.length === 0) return []; // a channel added later gets open problems as new ones
      const alerts = new Map((await deps.store.getAlerts()).map((alert) => [alert.subject, alert]));
      const queued: QueuedAlert[] = [];
      const tell = async (intent: Intent | undefined) => {
        if (intent && (await save(intent, now, deps.store))) queued.push(intent.queued);
      };
      for (const subject of subjects) await tell(considerOne(subject, alerts.get(subject.standing.drill), now, deps));
      if (!isWhole) return queued;
      for (const alert of findGone(subjects, alerts)) await tell(considerGone(alert, now, deps));
      return queued;
    },
    digest: async (read, now) => {
      const { digest } = deps.settings;
      const dueAt = digest && findDueDigest(digest, now);
      if (!dueAt || dueAt.getTime() === lastDigestMs) return false;
      const { subjects, runs } = await read();
      const notification = composeDigest(subjects, runs, { id: randomUUID(), now, publicUrl: deps.publicUrl });
      const accepting = deps.channels.filter((channel) => channel.takes(notification)).map(({ name }) => name);
      const names = accepting.filter((name) => digest.to === undefined || digest.to.includes(name));
      const key = `digest:${dueAt.toISOString()}`;
      const added = await deps.store.enqueue(names.map((name) => toDelivery(key, 'digest', name, notification, now)));
      lastDigestMs = dueAt.getTime();
      return added > 0;
    },
    deliver: (signal) => worker.deliver(signal),
  };
}

interface Intent {
  readonly queued: QueuedAlert;
  readonly alert: AlertRecord;
  readonly messages: readonly { readonly channel: string; readonly notification: Notification }[];
}

function considerOne(
  subject: NotificationSubject,
  before: AlertRecord | undefined,
  now: Date,
  deps: NotifierDeps,
): Intent | undefined {
  const { standing, run, quiet } = subject;
  const decision = decideNotification(before, standing, now, deps.settings.reminders, quiet?.kind);
  if (!decision) return undefined;
  const compose = (kind: NotificationDecision['kind']) =>
    composeNotification(kind, subject, { id: randomUUID(), now, publicUrl: deps.publicUrl, before });
  if (decision.kind === 'resolved') return resolve(decision, before, compose('resolved'));
  const cause = run?.id === standing.runId ? run : undefined;
  const reasons = cause?.reasons.map(({ reason }) => reason) ?? [];
  const names = deps.channels.map(({ name }) => name);
  const routed = routeNotification(deps.settings.routes, names, { ...standing, reasons });
  const notifiedBefore = new Set(decision.nextAlert.notifiedChannels);
  const notifications = { [decision.kind]: compose(decision.kind), problem: compose('problem') };
  const messages = deps.channels.flatMap((channel) => {
    if (!routed.includes(channel.name)) return [];
    const notification = notifiedBefore.has(channel.name) ? notifications[decision.kind] : notifications.problem; // new to this channel, so not a change
    return notification && channel.takes(notification) ? [{ channel: channel.name, notification }] : [];
  });
  const channels = messages.map(({ channel }) => channel);
  return {
    queued: { subject: standing.drill, kind: decision.kind, channels },
    alert: { ...decision.nextAlert, notifiedChannels: [...new Set([...notifiedBefore, ...channels])] },
    messages,
  };
}

/** Every channel that got the problem also gets its resolution, even if routes have changed since. */
function resolve(
  { kind, nextAlert }: NotificationDecision,
  before: AlertRecord | undefined,
  notification: Notification,
): Intent {
  const channels = before?.notifiedChannels ?? [];
  const messages = channels.map((channel) => ({ channel, notification }));
  return { queued: { subject: nextAlert.subject, kind, channels }, alert: nextAlert, messages };
}

function considerGone(alert: AlertRecord, now: Date, { publicUrl }: NotifierDeps): Intent | undefined {
  const decision = decideGone(alert, now);
  return decision && resolve(decision, alert, composeGone(alert.subject, { id: randomUUID(), now, publicUrl }));
}

/** A drill that is missing while a file is broken may be defined in that file, so its problem is not over. */
function findGone(subjects: readonly NotificationSubject[], alerts: ReadonlyMap<string, AlertRecord>): AlertRecord[] {
  const there = new Set(subjects.map(({ standing }) => standing.drill));
  const isAnyBroken = [...there].some(isFile);
  return [...alerts.values()].filter(({ subject }) => !there.has(subject) && (isFile(subject) || !isAnyBroken));
}

function isFile(subject: string): boolean {
  return subject.startsWith('file:');
}

/** @returns false when another process was faster and has queued the messages. */
async function save({ alert, messages }: Intent, now: Date, store: NotificationStore): Promise<boolean> {
  const key = `alert:${alert.subject}:${alert.version + 1}`;
  return await store.saveAlert(
    alert,
    messages.map(({ channel, notification }) => toDelivery(key, alert.subject, channel, notification, now)),
  );
}

function toDelivery(
  key: string,
  subject: string,
  channel: string,
  notification: Notification,
  createdAt: Date,
): NewDelivery {
  const text = JSON.stringify(notification);
  return { id: randomUUID(), key: `${key}:${channel}`, channel, subject, notification: text, createdAt };
}
