import { randomBytes } from 'node:crypto';
import type { Silence, SilenceMatch } from '../record/silence-store.ts';
import { formatInstant, parseInstant } from '../support/instants.ts';
import { parseDurationMs } from '../support/quantities.ts';

/** A silence as requested by a user. */
export interface SilenceRequest {
  readonly match: SilenceMatch;
  /** `2026-12-01 02:00` in UTC, or ISO 8601 with an offset; undefined: now. Refused if more than a minute ago. */
  readonly from: string | undefined;
  /** An instant in the same format as `from`; undefined: use `for`. */
  readonly until: string | undefined;
  /** A duration such as `4h`. */
  readonly for: string | undefined;
  readonly reason: string;
  readonly pausesRuns: boolean;
  readonly at: Date;
  /** As recorded: `alice`, `bob (web)`. */
  readonly by: string;
}

/** What is wrong with a request, and in which field. */
export interface SilenceProblem {
  readonly field: 'from' | 'until' | 'for' | 'reason';
  /** Without the field’s name: `must be a duration such as 4h, not "4"`. */
  readonly message: string;
}

const DAY_MS = 86_400_000;
/** A form submits the start in whole minutes: a minute that has just begun means now. */
const JUST_NOW_MS = 60_000;
const MAX_MS = 366 * DAY_MS;
const MAX_REASON = 300;

/** Pure except for the id. @returns the silence to record, or what is wrong. */
export function makeSilence(request: SilenceRequest): Omit<Silence, 'ended'> | { readonly problem: SilenceProblem } {
  const { match, pausesRuns, at, by } = request;
  const reason = request.reason.trim();
  if (reason === '') return wrong('reason', 'is missing; it is shown in lists, pages and reports');
  if (reason.length > MAX_REASON) return wrong('reason', `is longer than ${MAX_REASON} characters`);
  const said = request.from === undefined ? at : parseInstant(request.from, 'UTC');
  if (!said) return wrong('from', `must be ${MOMENT}, not ${JSON.stringify(request.from)}`);
  const from = isJustNow(said, at) ? at : said;
  const until = findEnd(request, from);
  if ('problem' in until) return until;
  if (until.at <= from) return wrong('until', `must be after the beginning, ${formatInstant(from)}`);
  if (until.at <= at) return wrong('until', `${formatInstant(until.at)} is in the past`);
  if (from < at) return wrong('from', `${formatInstant(from)} is in the past; without it, the silence begins now`);
  if (until.at.getTime() - from.getTime() > MAX_MS)
    return wrong(until.field, 'is more than a year after its beginning');
  if (from.getTime() - at.getTime() > MAX_MS) return wrong('from', 'is more than a year away');
  return { id: randomBytes(4).toString('hex'), match, from, until: until.at, reason, pausesRuns, at, by };
}

function isJustNow(from: Date, now: Date): boolean {
  return from <= now && now.getTime() - from.getTime() <= JUST_NOW_MS;
}

function findEnd(
  request: Pick<SilenceRequest, 'until' | 'for'>,
  from: Date,
): { readonly at: Date; readonly field: 'until' | 'for' } | { readonly problem: SilenceProblem } {
  if (request.until !== undefined && request.for !== undefined)
    return wrong('until', 'and the duration both say when it ends; keep one');
  if (request.for !== undefined) {
    const ms = parseDurationMs(request.for);
    if (ms === undefined)
      return wrong('for', `must be a duration such as 4h or 2d, not ${JSON.stringify(request.for)}`);
    return { at: new Date(from.getTime() + ms), field: 'for' };
  }
  if (request.until === undefined) return wrong('for', 'is missing; write a duration such as 4h, or when it ends');
  const at = parseInstant(request.until, 'UTC');
  return at ? { at, field: 'until' } : wrong('until', `must be ${MOMENT}, not ${JSON.stringify(request.until)}`);
}

const MOMENT = 'an instant such as 2026-12-01 02:00 (UTC) or 2026-12-01T02:00+01:00';

function wrong(field: SilenceProblem['field'], message: string): { readonly problem: SilenceProblem } {
  return { problem: { field, message } };
}
