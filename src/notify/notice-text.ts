import { toPrintable } from '../support/printable.ts';
import { formatAge } from '../support/quantities.ts';
import type { Notice } from './notice.ts';

const MAX_TEXT_LENGTH = 1000;

/**
 * A notice without characters that could control a terminal or reorder a page, and with long texts cut. Each channel escapes it further for
 * its format.
 */
export function printableNotice(notice: Notice): Notice {
  const clean = (text: string, length = MAX_TEXT_LENGTH) => toPrintable(text, length);
  return {
    ...notice,
    headline: clean(notice.headline),
    nextStep: notice.nextStep === undefined ? undefined : clean(notice.nextStep),
    facts: notice.facts.map(({ label, text }) => ({ label: clean(label, 60), text: clean(text) })),
    links: notice.links.map(({ label, url }) => ({ label: clean(label, 60), url: clean(url, 2000) })),
    rows: notice.rows.map((row) => ({ ...row, drill: clean(row.drill), text: clean(row.text, 300) })),
  };
}

/** `since 2026-11-21 12:00 UTC (3 d)`, relative to when the notice was made; undefined: the notice has no `since`. */
export function describeSince(notice: Pick<Notice, 'since' | 'at'>): string | undefined {
  if (notice.since === undefined) return undefined;
  const ageMs = Math.max(0, Date.parse(notice.at) - Date.parse(notice.since));
  return `since ${formatInstant(notice.since)} (${formatAge(ageMs)})`;
}

/** `2026-11-21 12:00 UTC`. */
export function formatInstant(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Upper case for states that need attention, as in `firedrill list`. */
export function describeState(state: Notice['state']): string {
  if (state === undefined) return '';
  return state === 'passed' || state === 'running' ? state : state.toUpperCase();
}
