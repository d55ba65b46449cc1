import { expect, test } from 'vitest';
import { noRequests, type RequestHour } from '../../src/record/request-store.ts';
import { rateRequests } from '../../src/status/request-rates.ts';
import { findUnusualPeriods } from '../../src/status/unusual-periods.ts';
import { hourOf } from '../contracts/request-store-contract.ts';

const NOW = new Date('2026-11-20T12:30:00.000Z');
const THIS_HOUR = Date.parse('2026-11-20T12:00:00.000Z');

/** 30 days of 1,000 requests each, with this many errors on some. */
function month(errorsOn: Readonly<Record<number, number>>): readonly RequestHour[] {
  return Array.from({ length: 30 }, (_, daysAgo) => {
    const errors = errorsOn[daysAgo] ?? 0;
    const counts = { ...noRequests(), answered: 1000 - errors, failed: errors };
    return hourOf({ hourAt: new Date(THIS_HOUR - daysAgo * 86_400_000), counts });
  });
}

function periodsOf(errorsOn: Readonly<Record<number, number>>) {
  return findUnusualPeriods(rateRequests(month(errorsOn), NOW), NOW);
}

test('joins days in a row, the newest period first', () => {
  expect(periodsOf({ 0: 60, 1: 50, 12: 10 })).toEqual([
    {
      endpoint: 'https://objects.example.com',
      operation: 'GetObject',
      from: new Date('2026-11-18T13:00:00.000Z'),
      to: new Date('2026-11-20T13:00:00.000Z'),
      requests: 2000,
      errors: 110,
    },
    expect.objectContaining({ from: new Date('2026-11-07T13:00:00.000Z'), to: new Date('2026-11-08T13:00:00.000Z') }),
  ]);
});

test('finds none when nothing failed, and none when every day failed alike', () => {
  expect(periodsOf({})).toEqual([]);
  expect(periodsOf(Object.fromEntries(Array.from({ length: 30 }, (_, day) => [day, 4])))).toEqual([]);
});
