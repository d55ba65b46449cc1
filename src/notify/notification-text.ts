import { toPrintable } from '../support/printable.ts';
import { formatAge } from '../support/quantities.ts';
import type { Notification } from './notification.ts';

const MAX_TEXT_LENGTH = 1000;

/**
 * A notification without characters that could control a terminal or reorder a page, and with long texts cut. Each channel escapes it further for
 * its format.
 */
export function printableNotification(notification: Notification): Notification {
  const clean = (text: string, length = MAX_TEXT_LENGTH) => toPrintable(text, length);
  return {
    ...notification,
    headline: clean(notification.headline),
    nextStep: notification.nextStep === undefined ? undefined : clean(notification.nextStep),
    facts: notification.facts.map(({ label, text }) => ({ label: clean(label, 60), text: clean(text) })),
    links: notification.links.map(({ label, url }) => ({ label: clean(label, 60), url: clean(url, 2000) })),
    rows: notification.rows.map((row) => ({ ...row, drill: clean(row.drill), text: clean(row.text, 300) })),
  };
}

/** `since 2026-11-21 12:00 UTC (3 d)`, relative to when the notification was created; undefined if it has no `since`. */
export function describeSince(notification: Pick<Notification, 'since' | 'at'>): string | undefined {
  if (notification.since === undefined) return undefined;
  const ageMs = Math.max(0, Date.parse(notification.at) - Date.parse(notification.since));
  return `since ${formatInstant(notification.since)} (${formatAge(ageMs)})`;
}

/** `2026-11-21 12:00 UTC`. */
export function formatInstant(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Upper case for states that need attention, as in `firedrill list`. */
export function describeState(state: Notification['state']): string {
  if (state === undefined) return '';
  return state === 'passed' || state === 'running' ? state : state.toUpperCase();
}
