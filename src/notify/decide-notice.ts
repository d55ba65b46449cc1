import type { AlertRecord } from '../record/notice-store.ts';
import type { Standing } from '../status/standing.ts';
import type { StandingState } from '../support/vocabulary.ts';
import type { NoticeKind } from './notice.ts';

const DAY_MS = 86_400_000;

export interface NoticeDecision {
  readonly kind: Extract<NoticeKind, 'problem' | 'changed' | 'reminder' | 'resolved'>;
  /** The alert as it is once people are told; `version` is the one that was read, `toldChannels` are those told before. */
  readonly nextAlert: AlertRecord;
}

/**
 * Whether people are to be told how a drill stands, given what they were last told: on transitions, and once a day while trouble lasts. A drill
 * that was in trouble and now breaks stays one incident, which only a pass ends: nothing is known of the backup until then.
 * @param alert what they were last told of this drill; undefined: never of anything.
 * @returns undefined: they know, or it is not certain yet.
 */
export function decideNotice(
  alert: AlertRecord | undefined,
  standing: Standing,
  now: Date,
  reminders: 'daily' | 'off',
): NoticeDecision | undefined {
  if (standing.isProvisional || standing.state === 'running') return undefined;
  const open = alert && alert.state !== 'passed' ? alert : undefined;
  const told = {
    subject: standing.drill,
    version: alert?.version ?? 0,
    state: standing.state,
    fingerprint: standing.fingerprint,
    since: standing.since ?? now,
    toldAt: now,
    toldChannels: open?.toldChannels ?? [],
    runId: standing.runId,
  };
  if (isTrouble(standing)) {
    if (!open) return { kind: 'problem', nextAlert: told };
    if (open.fingerprint !== standing.fingerprint) return { kind: 'changed', nextAlert: told };
    const isTime = reminders === 'daily' && now.getTime() - open.toldAt.getTime() >= DAY_MS;
    return isTime ? { kind: 'reminder', nextAlert: { ...told, since: open.since } } : undefined;
  }
  return open && isOver(open, standing)
    ? { kind: 'resolved', nextAlert: { ...told, state: 'passed', toldChannels: [] } }
    : undefined;
}

/** The alert of a drill that is there no more: nothing will ever pass it. */
export function decideGone(alert: AlertRecord, now: Date): NoticeDecision | undefined {
  if (alert.state === 'passed') return undefined;
  const nextAlert = {
    ...alert,
    state: 'passed',
    fingerprint: 'gone',
    since: now,
    toldAt: now,
    toldChannels: [],
    runId: undefined,
  } as const;
  return { kind: 'resolved', nextAlert };
}

/** A new drill that has not had its first run yet is none. */
export function isTrouble({ state, fingerprint }: Pick<Standing, 'state' | 'fingerprint'>): boolean {
  if (state === 'passed' || state === 'running') return false;
  return state !== 'never' || fingerprint !== 'never';
}

/** Troubles that are over without a pass: nothing was known of the backup before, and nothing is now. */
const OVER_WITHOUT_PASS: readonly StandingState[] = ['broken', 'overdue', 'never'];

function isOver(open: AlertRecord, standing: Standing): boolean {
  return standing.state === 'passed' || OVER_WITHOUT_PASS.includes(open.state);
}
