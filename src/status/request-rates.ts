import { noRequests, type RequestHour } from '../record/request-store.ts';
import { ERROR_OUTCOMES, REQUEST_OUTCOMES, type RequestOutcome } from '../support/store-request.ts';
import type { RateState } from '../support/vocabulary.ts';
import { sumTrials, type Trials, unusualFrom } from './usual-range.ts';

/** Requests for one operation of one endpoint in the last 24 hours, and what is usual for it. */
export interface OperationRate extends Trials {
  readonly operation: string;
  readonly counts: Readonly<Record<RequestOutcome, number>>;
  /** Mean and longest time until a response began, in milliseconds; undefined: no requests. */
  readonly meanMs: number | undefined;
  readonly slowestMs: number | undefined;
  /** Totals of the 29 days before, without unusual days of the last week. */
  readonly usual: Trials;
  /** This many errors or more, among as many requests, would be unusual. */
  readonly unusualFrom: number;
  /** `uncertain`: between the threshold that raises an alert and the one that ends it. */
  readonly state: RateState;
  /** The last 30 periods of 24 hours, oldest first; the newest is the last 24 hours. */
  readonly days: readonly Trials[];
}

export interface EndpointRate extends Trials {
  readonly endpoint: string;
  readonly state: RateState;
  /** Most errors first. */
  readonly operations: readonly OperationRate[];
  /** The last 30 days, over all operations. */
  readonly days: readonly Trials[];
}

const HOUR_MS = 3_600_000;
const RATE_DAYS = 30;
/** Accepted false alerts per year, over all operations of all endpoints, with a check every hour. */
const FALSE_ALERTS_A_YEAR = 1;
const LOOKS_A_YEAR = 365 * 24;
/** An alert ends once there are no more errors than on one day in a hundred. */
const ENDING_CHANCE = 0.01;
/** Fewer errors than this are never unusual. */
const MIN_ERRORS = 3;
/** With fewer earlier requests than this, it is not known what is usual. */
const LEARNED_REQUESTS = 200;
/** How long an unusual day is excluded from what is usual: a rate that lasts for a week becomes the usual one. */
const LEFT_OUT_DAYS = 7;

/** @param hours of the last 30 days. @returns the endpoints that had requests, unusual ones first. */
export function rateRequests(hours: readonly RequestHour[], now: Date): readonly EndpointRate[] {
  const byEndpoint = Map.groupBy(hours, ({ endpoint }) => endpoint);
  const series = new Set(hours.map(({ endpoint, operation }) => JSON.stringify([endpoint, operation]))).size;
  const chance = falseAlertChance(series);
  return [...byEndpoint]
    .map(([endpoint, own]) => rateEndpoint(endpoint, own, now, chance))
    .toSorted((a, b) => rank(b.state) - rank(a.state) || b.errors - a.errors || compare(a.endpoint, b.endpoint));
}

/** Accepted probability of a false alert for one series and one check. @param series number of operations of endpoints that are monitored. */
export function falseAlertChance(series: number): number {
  return FALSE_ALERTS_A_YEAR / (LOOKS_A_YEAR * Math.max(1, series));
}

/** Whether the last of these days was unusual, given the days before it. */
export function isUnusualDay(days: readonly Trials[], chance: number): boolean {
  const day = days.at(-1);
  if (!day || day.errors < MIN_ERRORS) return false;
  return day.errors >= unusualFrom(leaveOutUnusual(days.slice(0, -1), chance), day.requests, chance);
}

/** When the newest day of {@link OperationRate.days} ends: with the hour of `now`. */
export function endOfDays(now: Date): Date {
  return new Date((Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS);
}

export function errorsOf(counts: Readonly<Record<RequestOutcome, number>>): number {
  return ERROR_OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
}

function rateEndpoint(endpoint: string, hours: readonly RequestHour[], now: Date, chance: number): EndpointRate {
  const operations = [...Map.groupBy(hours, ({ operation }) => operation)]
    .map(([operation, own]) => rateOperation(operation, own, now, chance))
    .toSorted((a, b) => rank(b.state) - rank(a.state) || b.errors - a.errors || compare(a.operation, b.operation));
  return {
    endpoint,
    operations,
    ...sumTrials(operations),
    state: operations[0]?.state ?? 'learning',
    days: Array.from({ length: RATE_DAYS }, (_, index) =>
      sumTrials(operations.map(({ days }) => days[index] ?? { requests: 0, errors: 0 })),
    ),
  };
}

function rateOperation(operation: string, hours: readonly RequestHour[], now: Date, chance: number): OperationRate {
  const days = splitDays(hours, now);
  const last = hours.filter(({ hourAt }) => dayIndex(hourAt, now) === RATE_DAYS - 1);
  const counts = noRequests();
  for (const hour of last) for (const outcome of REQUEST_OUTCOMES) counts[outcome] += hour.counts[outcome];
  const { requests, errors } = sumTrials(days.slice(-1));
  const before = leaveOutUnusual(days.slice(0, -1), chance);
  const usual = sumTrials(before);
  const from = Math.max(MIN_ERRORS, unusualFrom(before, requests, chance));
  const endsBelow = Math.max(MIN_ERRORS, unusualFrom(before, requests, ENDING_CHANCE));
  const calm: RateState = usual.requests < LEARNED_REQUESTS ? 'learning' : 'usual';
  return {
    operation,
    counts,
    requests,
    errors,
    meanMs: requests === 0 ? undefined : last.reduce((sum, { durationMs }) => sum + durationMs, 0) / requests,
    slowestMs: requests === 0 ? undefined : Math.max(...last.map(({ slowestMs }) => slowestMs)),
    usual,
    unusualFrom: from,
    state: errors >= from ? 'unusual' : errors >= endsBelow ? 'uncertain' : calm,
    days,
  };
}

/** @returns the earlier days, without those of the last week that were unusual when they occurred. */
function leaveOutUnusual(days: readonly Trials[], chance: number): readonly Trials[] {
  const kept = days.slice(0, -LEFT_OUT_DAYS);
  for (const day of days.slice(-LEFT_OUT_DAYS)) {
    const isUnusual = day.errors >= MIN_ERRORS && day.errors >= unusualFrom(kept, day.requests, chance);
    if (!isUnusual) kept.push(day);
  }
  return kept;
}

function splitDays(hours: readonly RequestHour[], now: Date): readonly Trials[] {
  const days = Array.from({ length: RATE_DAYS }, () => ({ requests: 0, errors: 0 }));
  for (const { hourAt, counts } of hours) {
    const day = days[dayIndex(hourAt, now)];
    if (!day) continue;
    day.requests += REQUEST_OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
    day.errors += errorsOf(counts);
  }
  return days;
}

/** @returns 29 for the hour of `now` and the 23 before it, 28 for the 24 before those, and so on. */
function dayIndex(hourAt: Date, now: Date): number {
  const hoursAgo = Math.floor(now.getTime() / HOUR_MS) - Math.floor(hourAt.getTime() / HOUR_MS);
  return RATE_DAYS - 1 - Math.floor(Math.max(0, hoursAgo) / 24);
}

const RANKS: readonly RateState[] = ['learning', 'usual', 'uncertain', 'unusual'];

function rank(state: RateState): number {
  return RANKS.indexOf(state);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
