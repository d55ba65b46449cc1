import type { CheckRecord } from '../record/check-record.ts';
import { type Child, html } from '../support/html.ts';
import { instant } from './format.ts';
import type { View } from './layout.ts';

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
/** Matches a freshness check: only its text ends like this, because everything from drills and databases is in quotes. */
const FRESHNESS = new RegExp(`^(at most .+ older than the backup of )(${ISO})$`);
const FOUND = new RegExp(`^(${ISO})(.*)$`);

/** What a check expects, for people: the instant of a freshness check is formatted like all others, to the minute. */
export function expectedWords(view: View, { expected }: Pick<CheckRecord, 'expected'>): Child {
  const shown = view.show(expected, 500);
  const [, words, at] = FRESHNESS.exec(shown) ?? [];
  return at === undefined ? shown : html`${words}${timeOf(at)}`;
}

/** What a check found. For freshness that is an instant, formatted like all others; every other value is shown exactly as recorded. */
export function actualWords(view: View, { expected, actual }: Pick<CheckRecord, 'expected' | 'actual'>): Child {
  const shown = view.show(actual, 500);
  const [, at, words] = (FRESHNESS.test(expected) && FOUND.exec(shown)) || [];
  return at === undefined ? shown : html`${timeOf(at)}${words}`;
}

/** @param at may only look like an instant, because a server's message can be a finding, too. */
function timeOf(at: string): Child {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : instant(date);
}
