import { describe, expect, test } from 'vitest';
import { noRequests, type RequestHour } from '../../src/record/request-store.ts';
import { type EndpointRate, rateRequests } from '../../src/status/request-rates.ts';

const NOW = new Date('2026-11-20T12:30:00.000Z');
const HOUR_MS = 3_600_000;

/** @param hoursAgo 0 for the hour of {@link NOW}. */
function hour(hoursAgo: number, requests: number, errors: number, changes: Partial<RequestHour> = {}): RequestHour {
  return {
    hourAt: new Date(Math.floor(NOW.getTime() / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS),
    endpoint: 'https://objects.example.com',
    operation: 'GetObject',
    counts: { ...noRequests(), answered: requests - errors, failed: errors },
    durationMs: requests * 20,
    slowestMs: 40,
    ...changes,
  };
}

/** Covers the 29 days before the last 24 hours. */
function past(requestsADay: number, errorsADay: number): RequestHour[] {
  return Array.from({ length: 29 }, (_, index) => hour(24 * (index + 1), requestsADay, errorsADay));
}

function only(rates: readonly EndpointRate[]) {
  const operation = rates[0]?.operations[0];
  if (rates.length !== 1 || !operation) throw new Error('expected one endpoint with one operation');
  return operation;
}

describe('the rate of errors of a store', () => {
  test.each([
    ['2 % after none for a month', past(1000, 0), [1000, 20], 'unusual'],
    ['2 % after 2 % for a month', past(1000, 20), [1000, 20], 'usual'],
    ['no answer from a store that was never asked before', [], [20, 20], 'unusual'],
    ['two errors, whatever was before', past(1000, 0), [100, 2], 'usual'],
    ['one error in a hundred of a store that is hardly known', [], [100, 1], 'learning'],
    ['a little more than usual', past(1000, 2), [1000, 9], 'uncertain'],
    ['five minutes of outage on a busy day', past(10_000, 5), [10_000, 40], 'unusual'],
    ['none at all', past(1000, 2), [1000, 0], 'usual'],
  ] as const)('is judged for %s', (_, before, [requests, errors], state) => {
    expect(only(rateRequests([...before, hour(3, requests, errors)], NOW)).state).toBe(state);
  });

  test('covers the last 24 hours, with counts by outcome and durations', () => {
    const slow = hour(23, 10, 0, {
      counts: { ...noRequests(), answered: 6, refused: 3, throttled: 1 },
      slowestMs: 900,
    });
    const { requests, errors, counts, meanMs, slowestMs, days } = only(
      rateRequests([hour(24, 5, 5), slow, hour(0, 10, 0)], NOW),
    );
    expect({ requests, errors, meanMs, slowestMs }).toEqual({ requests: 20, errors: 1, meanMs: 20, slowestMs: 900 });
    expect(counts).toEqual({ ...noRequests(), answered: 16, refused: 3, throttled: 1 });
    expect(days.slice(-2)).toEqual([
      { requests: 5, errors: 5 },
      { requests: 20, errors: 1 },
    ]);
  });

  test('stays unusual on the second day, and becomes usual after a week', () => {
    const since = (days: number) => Array.from({ length: days }, (_, index) => hour(24 * index, 1000, 20));
    const quietly = (days: number) =>
      Array.from({ length: 30 - days }, (_, index) => hour(24 * (index + days), 1000, 0));
    expect(only(rateRequests([...quietly(2), ...since(2)], NOW)).state).toBe('unusual');
    expect(only(rateRequests([...quietly(6), ...since(6)], NOW)).state).toBe('unusual');
    expect(only(rateRequests([...quietly(14), ...since(14)], NOW)).state).toBe('usual');
  });

  test('is judged by operation, the worst first', () => {
    const listing = [...past(500, 0), hour(1, 500, 0)].map((one) => ({ ...one, operation: 'ListObjectsV2' }));
    const elsewhere = [...past(500, 0), hour(1, 500, 0)].map((one) => ({ ...one, endpoint: 'S3 in eu-central-1' }));
    const rates = rateRequests([...elsewhere, ...listing, ...past(1000, 0), hour(1, 1000, 30)], NOW);
    expect(rates.map(({ endpoint, state }) => [endpoint, state])).toEqual([
      ['https://objects.example.com', 'unusual'],
      ['S3 in eu-central-1', 'usual'],
    ]);
    expect(rates[0]?.operations.map(({ operation, state }) => [operation, state])).toEqual([
      ['GetObject', 'unusual'],
      ['ListObjectsV2', 'usual'],
    ]);
  });
});

describe('false alarms', () => {
  /** Alarms in years of steady errors, evaluated once a day: days that share requests alarm together. */
  function alarmsIn(years: number, requestsADay: number, rateOf: (day: number) => number, seed: number): number {
    const random = mulberry32(seed);
    const days = Array.from({ length: 30 + years * 365 }, (_, day) => {
      const errors = binomial(requestsADay, rateOf(day), random);
      return { requests: requestsADay, errors };
    });
    let alarms = 0;
    for (let at = 30; at < days.length; at += 1) {
      const hours = days
        .slice(at - 29, at + 1)
        .map(({ requests, errors }, index) => hour(24 * (29 - index), requests, errors));
      if (only(rateRequests(hours, NOW)).state === 'unusual') alarms += 1;
    }
    return alarms;
  }

  test.each([
    ['of none in 200', 200, 0.0005],
    ['of one in a thousand', 2000, 0.001],
    ['of two in a hundred', 500, 0.02],
    ['of one in ten', 100, 0.1],
  ])('come less than once a year at a steady rate %s', (_, requests, rate) => {
    expect(alarmsIn(20, requests, () => rate, 1)).toBeLessThanOrEqual(20);
  });

  test('come less than once a year when one day in five is four times as bad', () => {
    expect(alarmsIn(20, 1000, (day) => (day % 5 === 0 ? 0.02 : 0.005), 2)).toBeLessThanOrEqual(20);
  });
});

/** A generator of evenly distributed numbers (Tommy Ettinger, public domain). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** By the gaps between successes, which are geometric. */
function binomial(n: number, rate: number, random: () => number): number {
  let count = 0;
  for (let at = gap(); at < n; at += 1 + gap()) count += 1;
  return count;

  function gap(): number {
    return Math.floor(Math.log(1 - random()) / Math.log(1 - rate));
  }
}
