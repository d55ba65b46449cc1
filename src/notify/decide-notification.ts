import type { AlertRecord } from '../record/notification-store.ts';
import type { Standing } from '../status/standing.ts';
import type { QuietKind, StandingState } from '../support/vocabulary.ts';
import type { NotificationKind } from './notification.ts';

const DAY_MS = 86_400_000;

export interface NotificationDecision {
  readonly kind: Extract<NotificationKind, 'problem' | 'changed' | 'reminder' | 'resolved'>;
  /** The alert record once the notification is sent; `version` is the one that was read, `toldChannels` are the channels notified before. */
  readonly nextAlert: AlertRecord;
}

/**
 * Decides whether to notify about a drill, given its last alert: on transitions, and once a day while a problem lasts. If a drill with an open problem now
 * breaks, it remains one incident, which only a pass ends, because nothing is known about the backup until then.
 * @param alert the last alert about this drill; undefined: there was none.
 * @param quiet why less is sent: an acknowledged problem gets no reminders; for a snoozed or silenced drill, only the end of an earlier alert is sent.
 * @returns undefined: already notified, or the state is not certain yet.
 */
export function decideNotification(
  alert: AlertRecord | undefined,
  standing: Standing,
  now: Date,
  reminders: 'daily' | 'off',
  quiet?: QuietKind,
): NotificationDecision | undefined {
  if (standing.isProvisional || standing.state === 'running') return undefined;
  const open = alert && alert.state !== 'passed' ? alert : undefined;
  const next = {
    subject: standing.drill,
    version: alert?.version ?? 0,
    state: standing.state,
    fingerprint: standing.fingerprint,
    since: standing.since ?? now,
    notifiedAt: now,
    notifiedChannels: open?.notifiedChannels ?? [],
    runId: standing.runId,
  };
  if (isTrouble(standing)) {
    if (quiet === 'snoozed' || quiet === 'silenced') return undefined;
    if (!open) return { kind: 'problem', nextAlert: next };
    if (open.fingerprint !== standing.fingerprint) return { kind: 'changed', nextAlert: next };
    const isTime = reminders === 'daily' && quiet === undefined && now.getTime() - open.notifiedAt.getTime() >= DAY_MS;
    return isTime ? { kind: 'reminder', nextAlert: { ...next, since: open.since } } : undefined;
  }
  return open && isOver(open, standing)
    ? { kind: 'resolved', nextAlert: { ...next, state: 'passed', notifiedChannels: [] } }
    : undefined;
}

/** Ends the alert of a removed drill, which can no longer pass. */
export function decideGone(alert: AlertRecord, now: Date): NotificationDecision | undefined {
  if (alert.state === 'passed') return undefined;
  const nextAlert = {
    ...alert,
    state: 'passed',
    fingerprint: 'gone',
    since: now,
    notifiedAt: now,
    notifiedChannels: [],
    runId: undefined,
  } as const;
  return { kind: 'resolved', nextAlert };
}

/** A new drill that has not had its first run yet is not a problem. */
export function isTrouble({ state, fingerprint }: Pick<Standing, 'state' | 'fingerprint'>): boolean {
  if (state === 'passed' || state === 'running') return false;
  return state !== 'never' || fingerprint !== 'never';
}

/** Problems that can end without a pass, because they say nothing about the backup. */
const OVER_WITHOUT_PASS: readonly StandingState[] = ['broken', 'overdue', 'never'];

function isOver(open: AlertRecord, standing: Standing): boolean {
  return standing.state === 'passed' || OVER_WITHOUT_PASS.includes(open.state);
}
