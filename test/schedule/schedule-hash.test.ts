import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { scheduleHash } from '../../src/schedule/schedule-hash.ts';
import { scheduleOf } from './timetables.ts';

it('distinguishes schedules by due times and time zone', () => {
  const nightly = scheduleHash(scheduleOf({ cron: '30 3 * * *' }));
  expect(nightly).toBe(createHash('sha256').update('{"cron":"30 3 * * *","timezone":"UTC"}').digest('hex'));
  expect(scheduleHash(scheduleOf({ cron: '31 3 * * *' }))).not.toBe(nightly);
  expect(scheduleHash(scheduleOf({ cron: '30 3 * * *', timezone: 'Asia/Kolkata' }))).not.toBe(nightly);
  expect(scheduleHash(scheduleOf())).not.toBe(nightly);
});

it('keeps missed runs when only a freeze, a window or a delay changes', () => {
  const nightly = scheduleOf({ cron: '30 3 * * *' });
  const changed = scheduleOf({
    ...nightly,
    onNewBackup: undefined,
    missed: 'skip',
    jitterMs: 60_000,
    freezes: [{ from: undefined, until: '2027-01-01 00:00' }],
    notDuring: [{ days: [1], fromMinute: 0, toMinute: 60 }],
    overdueAfterMs: 60_000,
  });
  expect(scheduleHash(changed)).toBe(scheduleHash(nightly));
});
