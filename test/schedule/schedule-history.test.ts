import { expect, test } from 'vitest';
import { addSchedule, endSchedule, scheduleAt } from '../../src/schedule/schedule-history.ts';
import { scheduleRecord } from '../support/schedule-records.ts';
import { scheduleOf } from './timetables.ts';

const at = (day: number) => new Date(Date.UTC(2026, 10, day));
const nightly = scheduleOf({ cron: '30 3 * * *', timezone: 'UTC', onNewBackup: undefined });
const first = scheduleRecord({ since: at(1) });

test('the first schedule begins when it was first seen', () => {
  expect(addSchedule({ schedules: [] }, nightly, at(1), at(9))).toEqual([first]);
  expect(addSchedule({ schedules: [] }, undefined, at(1), undefined)).toEqual([
    { ...first, cron: undefined, timezone: undefined },
  ]);
});

test('the same schedule is not added again, even if windows, freezes or jitter differ', () => {
  expect(addSchedule({ schedules: [first] }, nightly, at(2), at(2))).toBeUndefined();
  expect(addSchedule({ schedules: [first] }, { ...nightly, jitterMs: 5000 }, at(2), at(2))).toBeUndefined();
});

test.each([
  ['another time', { ...nightly, cron: '0 4 * * *' }],
  ['another zone', { ...nightly, timezone: 'Europe/Berlin' }],
  ['after new backups as well', { ...nightly, onNewBackup: { pollMs: 60_000 } }],
  ['no schedule', undefined],
])('%s is another schedule, and the previous one applied until a scheduler last saw it', (_title, schedule) => {
  const added = addSchedule({ schedules: [first] }, schedule, at(9), at(5));
  expect(added?.[0]).toEqual({ ...first, knownUntil: at(5) });
  expect(added?.[1]).toMatchObject({ since: at(9), knownUntil: undefined });
});

test('the instant at which a scheduler saw a schedule is always within its validity', () => {
  const until = (seen: Date | undefined) =>
    addSchedule({ schedules: [first] }, undefined, at(9), seen)?.[0]?.knownUntil;
  expect([until(undefined), until(new Date(0)), until(at(20))]).toEqual([at(1), at(1), at(9)]);
});

test('the schedule at an instant is known if a scheduler saw it', () => {
  const next = scheduleRecord({ since: at(9), cron: '0 5 * * *' });
  const schedules = [{ ...first, knownUntil: at(5) }, next];
  expect(scheduleAt({ schedules }, new Date(0))).toBeUndefined();
  expect(scheduleAt({ schedules }, at(5))).toBe(schedules[0]);
  expect(scheduleAt({ schedules }, at(6))).toBeUndefined();
  expect(scheduleAt({ schedules }, at(30))).toBe(next);
});

test('no schedule applies while the drill is removed, and the same one begins anew when it is back', () => {
  const ended = { ...first, knownUntil: at(5) };
  expect(endSchedule({ schedules: [first] }, at(6), at(5))).toEqual([ended]);
  expect(endSchedule({ schedules: [ended] }, at(7), at(7))).toBeUndefined();
  expect(endSchedule({ schedules: [] }, at(7), at(7))).toBeUndefined();
  expect(addSchedule({ schedules: [ended] }, nightly, at(9), at(8))).toEqual([ended, { ...first, since: at(9) }]);
});
