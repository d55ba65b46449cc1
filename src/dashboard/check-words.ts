import type { CheckRecord } from '../record/check-record.ts';
import { type DatedText, datedActual, datedExpected } from '../support/check-instants.ts';
import { type Child, html } from '../support/html.ts';
import { instant } from './format.ts';
import type { View } from './layout.ts';

/** What a check expects, human-readable: the instant of a freshness check is formatted like all others, to the minute. */
export function expectedWords(view: View, { expected }: Pick<CheckRecord, 'expected'>): Child {
  const shown = view.show(expected, 500);
  return withInstant(datedExpected(shown)) ?? shown;
}

/** The result of a check. For freshness this is an instant, formatted like all others; every other value is shown exactly as recorded. */
export function actualWords(view: View, { expected, actual }: Pick<CheckRecord, 'expected' | 'actual'>): Child {
  const shown = view.show(actual, 500);
  return withInstant(datedActual(shown, expected)) ?? shown;
}

function withInstant(text: DatedText | undefined): Child | undefined {
  return text && html`${text.before}${instant(text.at)}${text.after}`;
}
