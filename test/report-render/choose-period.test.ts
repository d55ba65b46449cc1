import { expect, it } from 'vitest';
import { lastPeriod, lastWhole, monthPeriod, quarterPeriod } from '../../src/report/choose-period.ts';

const AS_OF = new Date('2027-01-06T12:00:00.000Z'); // a Wednesday

function spanOf(period: { readonly from: Date; readonly to: Date } | undefined): string {
  return period ? `${period.from.toISOString()}/${period.to.toISOString()}`.replaceAll(':00.000Z', '') : '';
}

it.each([
  ['UTC', '2026-10-01T00:00/2026-11-01T00:00'],
  ['Europe/Berlin', '2026-09-30T22:00/2026-10-31T23:00'],
  ['Asia/Tokyo', '2026-09-30T15:00/2026-10-31T15:00'],
])('resolves a month in the time zone %s', (zone, span) => {
  expect(spanOf(monthPeriod('2026-10', zone))).toBe(span);
});

it('resolves a quarter', () => {
  expect(spanOf(quarterPeriod('2026-Q4', 'UTC'))).toBe('2026-10-01T00:00/2027-01-01T00:00');
  expect(spanOf(quarterPeriod('2026-q1', 'UTC'))).toBe('2026-01-01T00:00/2026-04-01T00:00');
});

it.each(['2026-13', '2026-1', '26-10', '2026-00', ''])('refuses %j as a month', (text) => {
  expect(monthPeriod(text, 'UTC')).toBeUndefined();
});

it.each([
  ['day', '2027-01-05T00:00/2027-01-06T00:00'],
  ['week', '2026-12-28T00:00/2027-01-04T00:00'],
  ['month', '2026-12-01T00:00/2027-01-01T00:00'],
  ['quarter', '2026-10-01T00:00/2027-01-01T00:00'],
  ['year', '2026-01-01T00:00/2027-01-01T00:00'],
] as const)('resolves the last complete %s', (unit, span) => {
  expect(spanOf(lastWhole(unit, AS_OF, 'UTC'))).toBe(span);
});

it('resolves the last month in a time zone where the next one has already started', () => {
  const newYear = new Date('2026-12-31T23:30:00.000Z');
  expect(spanOf(lastWhole('month', newYear, 'UTC'))).toBe('2026-11-01T00:00/2026-12-01T00:00');
  expect(spanOf(lastWhole('month', newYear, 'Europe/Berlin'))).toBe('2026-11-30T23:00/2026-12-31T23:00');
});

it('counts back from an instant', () => {
  expect(spanOf(lastPeriod(7 * 86_400_000, AS_OF, 'UTC'))).toBe('2026-12-30T12:00/2027-01-06T12:00');
});
