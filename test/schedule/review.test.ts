import { expect, it } from 'vitest';
import { reviewSchedule } from '../../src/schedule/review.ts';
import { EVERY_DAY, MONDAY_TO_FRIDAY, scheduleOf, timetableOf } from './timetables.ts';

const review = (cron: string, changes: Parameters<typeof timetableOf>[2]) =>
  reviewSchedule(timetableOf(cron, 'UTC', changes).schedule).map(({ key }) => key);

it.each([
  ['*/15 * * * *', 900_000, []],
  ['*/15 * * * *', 900_001, ['jitter']],
  ['0,50 3 * * *', 3_000_001, ['jitter']],
  ['0 3 * * *', 86_400_000, []],
  ['0 3 * * *', 86_400_001, ['jitter']],
  ['0 1,23 * * *', 7_200_000, []],
  ['0 1,23 * * *', 7_200_001, ['jitter']],
  ['0 1,23 * * mon', 7_200_001, []],
  ['0 3 1,15 * *', 14 * 86_400_000 + 1, ['jitter']],
])('%s with a jitter of %i ms: %j', (cron, jitterMs, keys) => {
  expect(review(cron, { jitterMs })).toEqual(keys);
});

it.each([
  ['30 3 * * *', [{ days: EVERY_DAY, fromMinute: 180, toMinute: 240 }], ['notDuring']],
  ['30 3 * * *', [{ days: MONDAY_TO_FRIDAY, fromMinute: 180, toMinute: 240 }], []],
  ['30 3 * * tue', [{ days: [1], fromMinute: 1320, toMinute: 360 }], ['notDuring']],
  ['* * * * * *', [{ days: EVERY_DAY, fromMinute: 0, toMinute: 1439 }], []],
  ['0 0 29 2 *', [{ days: MONDAY_TO_FRIDAY, fromMinute: 0, toMinute: 1440 }], []],
  [
    '@hourly',
    [
      { days: EVERY_DAY, fromMinute: 360, toMinute: 1200 },
      { days: EVERY_DAY, fromMinute: 1200, toMinute: 360 },
    ],
    ['notDuring'],
  ],
])('%s outside of %j: %j', (cron, notDuring, keys) => {
  expect(review(cron, { notDuring })).toEqual(keys);
});

it.each([
  ['a part of the day', [{ days: EVERY_DAY, fromMinute: 0, toMinute: 1439 }], []],
  [
    'the whole week, in two parts',
    [
      { days: MONDAY_TO_FRIDAY, fromMinute: 0, toMinute: 1440 },
      { days: [0, 6], fromMinute: 0, toMinute: 1440 },
    ],
    ['notDuring'],
  ],
])('a schedule for new backups outside of %s: %j', (_, notDuring, keys) => {
  expect(reviewSchedule(scheduleOf({ notDuring })).map(({ key }) => key)).toEqual(keys);
});
