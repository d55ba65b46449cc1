import { afterEach, expect, it, vi } from 'vitest';
import { isTimeZone } from '../../src/schedule/time-zone.ts';

afterEach(() => vi.restoreAllMocks());

it.each([
  { name: 'UTC', is: true },
  { name: 'Europe/Berlin', is: true },
  { name: 'europe/berlin', is: true },
  { name: '+02:00', is: true },
  { name: 'Europe/Nowhere', is: false },
  { name: '', is: false },
])('knows whether "$name" is a time zone, however often it is asked', ({ name, is }) => {
  expect([isTimeZone(name), isTimeZone(name)]).toEqual([is, is]);
});

it('queries Intl once for a zone that many drills name', () => {
  const asked = vi.spyOn(Intl, 'DateTimeFormat');
  for (let drill = 0; drill < 3; drill += 1) isTimeZone('Pacific/Auckland');
  expect(asked).toHaveBeenCalledOnce();
});
