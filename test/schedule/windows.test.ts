import { expect, it } from 'vitest';
import { makeRestrictions } from '../../src/schedule/timetable.ts';
import { firstFree } from '../../src/schedule/windows.ts';
import { EVERY_DAY, MONDAY_TO_FRIDAY, scheduleOf } from './timetables.ts';

const NOON = new Date('2026-11-20T12:00:00Z'); // a Friday

it.each([
  ['nothing', {}, NOON],
  ['a window of other hours', { notDuring: [{ days: EVERY_DAY, fromMinute: 0, toMinute: 720 }] }, NOON],
  ['a window', { notDuring: [{ days: EVERY_DAY, fromMinute: 480, toMinute: 1080 }] }, new Date('2026-11-20T18:00:00Z')],
  [
    'alternating windows and freezes',
    {
      notDuring: [{ days: MONDAY_TO_FRIDAY, fromMinute: 480, toMinute: 1440 }],
      freezes: [{ from: '2026-11-21 00:00', until: '2026-11-23 09:00' }],
    },
    new Date('2026-11-24T00:00:00Z'),
  ],
])('a run may start after %s', (_, changes, free) => {
  expect(firstFree(makeRestrictions(scheduleOf(changes)), NOON)).toEqual(free);
});

it('no run may start when windows cover all time', () => {
  const notDuring = [{ days: EVERY_DAY, fromMinute: 0, toMinute: 1440 }];
  expect(firstFree(makeRestrictions(scheduleOf({ notDuring })), NOON)).toBeUndefined();
});
