import { expect, test } from 'vitest';
import { checkTexts } from '../../src/support/check-instants.ts';

test('instants of a freshness check are formatted as everywhere else, and other values shown as recorded', () => {
  const expected = 'at most 1 h older than the last transaction, of 2026-11-21T10:00:00.000Z';
  expect(checkTexts({ expected, actual: '2026-11-21T09:30:00.000Z, 30 min older' })).toEqual({
    expected: 'at most 1 h older than the last transaction, of 21 Nov 2026, 10:00 UTC',
    actual: '21 Nov 2026, 09:30 UTC, 30 min older',
  });
  const other = { expected: 'exactly 1', actual: '2026-11-21T09:30:00.000Z' };
  expect(checkTexts(other)).toEqual(other);
  const impossible = { expected, actual: '2026-99-99T00:00:00.000Z is not valid' };
  expect(checkTexts(impossible).actual).toBe(impossible.actual);
});

test('instants that are compared keep the seconds by which they differ', () => {
  const expected = 'at most 30 s older than the backup of 2026-11-21T10:00:50.250Z';
  expect(checkTexts({ expected, actual: '2026-11-21T10:00:10.000Z, 40 s older' })).toEqual({
    expected: 'at most 30 s older than the backup of 21 Nov 2026, 10:00:50.250 UTC',
    actual: '21 Nov 2026, 10:00:10 UTC, 40 s older',
  });
});
