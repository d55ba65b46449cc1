import type { CheckRecord } from '../record/run-record.ts';
import { type Child, html } from '../support/html.ts';
import { instant } from './format.ts';
import type { View } from './layout.ts';

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
/** Of a check of freshness: only its words end so, everything that drills and databases say stands in quotes. */
const FRESHNESS = new RegExp(`^(at most .+ older than the backup of )(${ISO})$`);
const FOUND = new RegExp(`^(${ISO})(.*)$`);

/** What a check expects, for people: the instant that its data is held to is told as all others are, to the minute. */
export function expectedWords(view: View, { expected }: Pick<CheckRecord, 'expected'>): Child {
  const shown = view.show(expected, 500);
  const [, words, at] = FRESHNESS.exec(shown) ?? [];
  return at === undefined ? shown : html`${words}${timeOf(at)}`;
}

/** What a check found. Of freshness that is an instant, whose distance is what matters; all other values are told as exactly as they are known. */
export function actualWords(view: View, { expected, actual }: Pick<CheckRecord, 'expected' | 'actual'>): Child {
  const shown = view.show(actual, 500);
  const [, at, words] = (FRESHNESS.test(expected) && FOUND.exec(shown)) || [];
  return at === undefined ? shown : html`${timeOf(at)}${words}`;
}

/** @param at may look like an instant and be none: a server's message is a finding, too. */
function timeOf(at: string): Child {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : instant(date);
}
