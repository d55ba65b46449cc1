import { formatExactInstant } from './instants.ts';

/** A text split around the instant that it contains. */
export interface DatedText {
  readonly before: string;
  readonly at: Date;
  readonly after: string;
}

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
/** Recognises a freshness check: only its text ends like this, because everything from drills and databases is quoted. */
const FRESHNESS = new RegExp(`^(at most .+ older than (?:the backup of|the last transaction, of) )(${ISO})$`);
const FOUND = new RegExp(`^(${ISO})(.*)$`);

/** The instant in what a freshness check expects; undefined for any other check. */
export function datedExpected(expected: string): DatedText | undefined {
  const [, before = '', at = ''] = FRESHNESS.exec(expected) ?? [];
  return dated(before, at, '');
}

/** The instant that a freshness check found; undefined for any other check, whose values are shown exactly as recorded. */
export function datedActual(actual: string, expected: string): DatedText | undefined {
  const [, at = '', after = ''] = (FRESHNESS.test(expected) && FOUND.exec(actual)) || [];
  return dated('', at, after);
}

/** What a check expects and what it found, as human-readable plain text: instants are formatted as everywhere else. */
export function checkTexts({ expected, actual }: { readonly expected: string; readonly actual: string }) {
  return {
    expected: flatten(datedExpected(expected)) ?? expected,
    actual: flatten(datedActual(actual, expected)) ?? actual,
  };
}

function flatten(text: DatedText | undefined): string | undefined {
  return text && `${text.before}${formatExactInstant(text.at)}${text.after}`;
}

/** @param iso may only look like an instant, because a server's message can be a finding, too. */
function dated(before: string, iso: string, after: string): DatedText | undefined {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? undefined : { before, at, after };
}
