import { expect, it } from 'vitest';
import { missingZone, parseInstant } from '../../src/support/instants.ts';

it.each([
  ['2026-12-01', '2026-12-01T00:00:00.000Z'],
  ['2026-12-01T02:00Z', '2026-12-01T02:00:00.000Z'],
  ['2026-12-01 02:00 UTC', '2026-12-01T02:00:00.000Z'],
  ['2026-12-01T02:00:30.250+05:30', '2026-11-30T20:30:30.250Z'],
  ['2026-12-01T02:00', undefined],
  ['2026-02-30', undefined],
  ['2026-12-01 25:00Z', undefined],
  ['2026-12-01Z', undefined],
  ['12/01/2026', undefined],
  ['', undefined],
])('reads %j as an instant', (text, iso) => {
  expect(parseInstant(text)?.toISOString()).toBe(iso);
});

it.each([
  ['2026-12-01', '2026-12-01T00:00:00.000Z'],
  ['2026-12-01 02:00', '2026-12-01T02:00:00.000Z'],
  ['2026-12-01 02:00+01:00', '2026-12-01T01:00:00.000Z'],
])('reads %j as UTC where that is the default', (text, iso) => {
  expect(parseInstant(text, 'UTC')?.toISOString()).toBe(iso);
});

it('says that the time zone is missing only when nothing else is wrong', () => {
  expect(missingZone('2026-12-01 02:00')).toBe('; add its time zone, such as Z for UTC');
  expect(missingZone('2026-02-30 02:00')).toBe('');
});
