import { describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/config/drill-file.ts';
import { scheduleHash } from '../../src/schedule/schedule-hash.ts';
import { findOverdue } from '../../src/status/overdue.ts';
import type { StandingFacts } from '../../src/status/standing-facts.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { NOON, passedRun } from '../support/run-records.ts';
import { skipOf } from '../support/schedule-records.ts';
import { atHour, drillOf, erroredRun, goingOn, seenBackup, stateOfDrill } from './facts.ts';

/** At 03:30 in Berlin, which is 02:30 UTC in November. */
const nightly = scheduleOf({ cron: '30 3 * * *', onNewBackup: undefined, timezone: 'Europe/Berlin' });
const due = new Date('2026-11-22T02:30:00Z');

function overdue(facts: Partial<StandingFacts>, at: Date, schedule: Schedule | undefined = nightly) {
  return findOverdue(drillOf({ schedule }), { runs: [], state: undefined, ...facts }, at);
}
function minutesAfter(at: Date, minutes: number): Date {
  return new Date(at.getTime() + minutes * 60_000);
}

describe('a drill with a schedule', () => {
  it('is overdue when longer than overdueAfter has passed since the first due time after its newest run', () => {
    const runs = [passedRun()];
    expect(overdue({ runs }, minutesAfter(due, 15))).toBeUndefined();
    expect(overdue({ runs }, minutesAfter(due, 16))).toEqual({
      dueAt: due,
      since: '22 Nov 2026, 03:30 Europe/Berlin',
      sentence: 'was due 22 Nov 2026, 03:30 Europe/Berlin, 16 min ago; nothing started it: is the scheduler running?',
    });
    const patient = { ...nightly, overdueAfterMs: 6 * 3_600_000 };
    expect(overdue({ runs }, minutesAfter(due, 16), patient)).toBeUndefined();
    expect(overdue({ runs }, minutesAfter(due, 361), patient)).toBeDefined();
  });

  it('is not overdue when a run with any trigger has ended since, or is in progress', () => {
    const at = minutesAfter(due, 60);
    expect(overdue({ runs: [passedRun({ endedAt: minutesAfter(due, 30) })] }, at)).toBeUndefined();
    expect(overdue({ runs: [goingOn(at), passedRun()] }, at)).toBeUndefined();
  });

  it('is not overdue for runs that a scheduler skipped for a pause, whichever drills the pause covers now', () => {
    const at = minutesAfter(due, 60);
    const frozen = skipOf({ kind: 'freeze', first: due, last: due, recordedAt: due });
    const runs = [passedRun()];
    expect(overdue({ runs }, at)).toBeDefined();
    expect(overdue({ runs, skips: [frozen] }, at)).toBeUndefined();
    expect(overdue({ runs, skips: [{ ...frozen, kind: 'missed' }] }, at)).toBeDefined();
    expect(overdue({ runs, skips: [frozen] }, minutesAfter(due, 25 * 60))?.dueAt).toEqual(minutesAfter(due, 24 * 60));
    const early = minutesAfter(due, -1);
    expect(overdue({ runs, skips: [{ ...frozen, first: early, last: early }] }, at)).toBeDefined();
    const jittered = { ...nightly, jitterMs: 600_000 };
    expect(overdue({ runs, skips: [frozen] }, at, jittered)).toBeUndefined();
  });

  it('stays overdue when its late run was cut off or canceled, until one has run', () => {
    const at = minutesAfter(due, 120);
    const cutOff = erroredRun({
      status: 'interrupted',
      startedAt: minutesAfter(due, 60),
      endedAt: minutesAfter(due, 61),
    });
    expect(overdue({ runs: [cutOff, cutOff, passedRun()] }, at)?.dueAt).toEqual(due);
    expect(overdue({ runs: [{ ...cutOff, status: 'errored' }, passedRun()] }, at)).toBeUndefined();
  });

  it('is not overdue when a run that started in time was cut off or canceled', () => {
    const at = minutesAfter(due, 120);
    const inTime = erroredRun({
      status: 'interrupted',
      startedAt: minutesAfter(due, 1),
      endedAt: minutesAfter(due, 61),
    });
    expect(overdue({ runs: [inTime, passedRun()] }, at)).toBeUndefined();
    expect(overdue({ runs: [inTime, passedRun()] }, minutesAfter(due, 24 * 60 + 16))?.dueAt).toEqual(
      minutesAfter(due, 24 * 60),
    );
  });

  it('is not overdue when a run was in progress at the time, as it is not started twice', () => {
    const run = passedRun({ startedAt: minutesAfter(due, -60), endedAt: minutesAfter(due, 5) });
    expect(overdue({ runs: [run] }, minutesAfter(due, 120))).toBeUndefined();
  });

  it('counts due times from when the scheduler first saw the schedule, however old the newest run is', () => {
    const runs = [passedRun({ endedAt: atHour(-24 * 30) })];
    const state = stateOfDrill({ scheduleHash: scheduleHash(nightly), scheduledSince: NOON });
    expect(overdue({ runs, state }, minutesAfter(NOON, 60))).toBeUndefined();
    expect(overdue({ runs, state }, minutesAfter(due, 16))?.dueAt).toEqual(due);
    expect(overdue({ state }, minutesAfter(due, 16))?.dueAt).toEqual(due);
  });

  it('is not overdue while it is unknown since when its schedule applies', () => {
    const at = minutesAfter(due, 60);
    expect(overdue({}, at)).toBeUndefined();
    const other = stateOfDrill({ scheduleHash: 'another', scheduledSince: atHour(-24) });
    expect(overdue({ state: other, runs: [passedRun()] }, at)).toBeUndefined();
  });

  it('does not count a time blocked by a window or a freeze', () => {
    const runs = [passedRun()];
    const window = { days: [0], fromMinute: 0, toMinute: 1440 }; // 2026-11-22 is a Sunday
    expect(overdue({ runs }, minutesAfter(due, 60), { ...nightly, notDuring: [window] })).toBeUndefined();
    const freeze = { from: undefined, until: '2026-11-23 00:00' };
    const frozen = { ...nightly, freezes: [freeze] };
    expect(overdue({ runs }, minutesAfter(due, 60), frozen)).toBeUndefined();
    expect(overdue({ runs }, minutesAfter(due, 24 * 60 + 16), frozen)?.since).toBe('23 Nov 2026, 03:30 Europe/Berlin');
  });

  it('is never overdue without a schedule', () => {
    const facts = { runs: [passedRun()], state: undefined };
    expect(findOverdue(drillOf(), facts, atHour(10_000))).toBeUndefined();
  });

  it('says what it waits for, why it is not caught up, or that no scheduler is running', () => {
    const at = minutesAfter(due, 540);
    const why = (facts: Partial<StandingFacts>, schedule = nightly) =>
      overdue({ runs: [passedRun()], ...facts }, at, schedule)?.sentence.split('; ')[1];
    const state = stateOfDrill({ waitsFor: 'for memory: needs 2.15 GB, 1.07 GB free' });
    expect(why({ state })).toBe('waits for memory: needs 2.15 GB, 1.07 GB free');
    expect(why({ state, schedulerSilence: 'no scheduler has reported for 9 h' })).toBe(
      'no scheduler has reported for 9 h',
    );
    expect(why({ state: stateOfDrill({ handledUntil: at }) }, { ...nightly, missed: 'skip' })).toBe(
      'it was missed and will not be caught up (missed: skip)',
    );
  });
});

describe('a drill with an edited schedule', () => {
  const hourly = { cron: '0 * * * *', timezone: 'UTC', onNewBackup: false };
  const edited = (seenUntil: Date, since = seenUntil) =>
    stateOfDrill({
      scheduleHash: scheduleHash(nightly),
      scheduledSince: since,
      schedules: [
        { ...hourly, since: atHour(-24), knownUntil: seenUntil },
        { cron: '30 3 * * *', timezone: 'Europe/Berlin', onNewBackup: false, since, knownUntil: undefined },
      ],
    });
  const runs = [passedRun({ startedAt: atHour(-0.5), endedAt: atHour(-0.4) })];

  it('stays overdue when it was overdue before, until it has run', () => {
    const state = edited(atHour(2));
    expect(overdue({ runs, state }, atHour(3))).toEqual({
      dueAt: atHour(0),
      since: '21 Nov 2026, 12:00 UTC',
      sentence:
        'was due 21 Nov 2026, 12:00 UTC by an earlier schedule, 3 h ago; it has not run since its schedule was changed',
    });
    expect(overdue({ runs, state }, minutesAfter(due, 60))?.dueAt).toEqual(atHour(0));
    const errored = erroredRun({ startedAt: atHour(2.5), endedAt: atHour(2.6) });
    expect(overdue({ runs: [errored, ...runs], state }, atHour(3))).toBeUndefined();
    const canceled = erroredRun({ status: 'interrupted', startedAt: atHour(2.5), endedAt: atHour(2.6) });
    expect(overdue({ runs: [canceled, ...runs], state }, atHour(3))?.dueAt).toEqual(atHour(0));
  });

  it('is not overdue for a run that was due but not late at the edit', () => {
    expect(overdue({ runs, state: edited(minutesAfter(NOON, 15)) }, atHour(3))).toBeUndefined();
    expect(overdue({ runs, state: edited(minutesAfter(NOON, 16)) }, atHour(3))).toBeDefined();
  });

  it('is not overdue for what was due while no scheduler knew whether the schedule still applied', () => {
    expect(overdue({ runs, state: edited(atHour(-0.2), atHour(5)) }, atHour(6))).toBeUndefined();
  });

  it('stays overdue when it now runs after new backups, but not when it is now manual', () => {
    const onNew = scheduleOf();
    expect(overdue({ runs, state: edited(atHour(2)) }, atHour(3), onNew)?.dueAt).toEqual(atHour(0));
    const byHand = drillOf({ schedule: undefined });
    expect(findOverdue(byHand, { runs, state: edited(atHour(2)) }, atHour(3))).toBeUndefined();
  });
});

describe('a drill that runs after each new backup', () => {
  const onNew = scheduleOf();
  const newestBackup = seenBackup({ seenAt: atHour(5), firstSeenAt: atHour(1) });

  it('is overdue when no run has started for the newest one since it was first seen', () => {
    const state = stateOfDrill({ newestBackup, handledBackup: 'the one before' });
    expect(overdue({ state }, minutesAfter(atHour(1), 15), onNew)).toBeUndefined();
    expect(overdue({ state }, atHour(6), onNew)?.sentence).toBe(
      'was due 21 Nov 2026, 13:00 UTC for the new backup orders-2026-11-21.dump, 5 h ago; nothing started it: is the scheduler running?',
    );
    const { firstSeenAt: _, ...older } = newestBackup;
    expect(overdue({ state: { ...state, newestBackup: older } }, atHour(6), onNew)?.dueAt).toEqual(atHour(5));
  });

  it('stays overdue when newer backups arrive before a run starts, even while no scheduler polled', () => {
    const newer = seenBackup({ key: 'newer.dump', identity: 'newer', seenAt: atHour(6), firstSeenAt: atHour(6) });
    const state = stateOfDrill({ newestBackup: newer, handledBackup: 'the one before' });
    const skips = [
      skipOf({ kind: 'superseded', first: atHour(3), recordedAt: atHour(6) }),
      skipOf({ kind: 'superseded', first: atHour(1), recordedAt: atHour(3) }),
      skipOf({ kind: 'window', first: atHour(-90), recordedAt: atHour(3) }),
      skipOf({ kind: 'superseded', first: atHour(-50), recordedAt: atHour(-48) }), // before the newest run
    ];
    const runs = [passedRun({ startedAt: atHour(-24), endedAt: atHour(-23) })];
    expect(overdue({ runs, state, skips }, minutesAfter(atHour(6), 1), onNew)?.dueAt).toEqual(atHour(1));
    expect(overdue({ runs, state }, minutesAfter(atHour(6), 1), onNew)).toBeUndefined();
  });

  it('is not overdue when a run was started for it or has drilled it, or it only has a schedule', () => {
    const state = stateOfDrill({ newestBackup, handledBackup: newestBackup.identity });
    expect(overdue({ state }, atHour(6), onNew)).toBeUndefined();
    const other = { ...state, handledBackup: 'the one before' };
    expect(overdue({ runs: [passedRun()], state: other }, atHour(6), nightly)).toBeUndefined();
    const { backup } = passedRun();
    if (!backup) throw new Error('a run that passed has a backup');
    const drilled = { ...backup, key: newestBackup.key };
    expect(overdue({ runs: [passedRun({ backup: drilled })], state: other }, atHour(6), onNew)).toBeUndefined();
    const replaced = { ...drilled, takenAt: atHour(-33), etag: '"before"' };
    expect(overdue({ runs: [passedRun({ backup: replaced })], state: other }, atHour(6), onNew)).toBeDefined();
    const runs = [erroredRun({ backup: drilled })];
    expect(overdue({ runs, state: other }, atHour(6), onNew)).toBeDefined();
  });

  it('is not overdue when none was handled before, unless a run is already queued', () => {
    const state = stateOfDrill({ newestBackup });
    expect(overdue({ state }, atHour(6), onNew)).toBeUndefined();
    expect(overdue({ state: { ...state, waitsFor: 'for its turn' } }, atHour(6), onNew)?.sentence).toMatch(
      /5 h ago; waits for its turn$/,
    );
  });

  it('is due at the end of the window in which the backup arrived', () => {
    const state = stateOfDrill({ newestBackup, handledBackup: 'the one before' });
    const schedule = { ...onNew, notDuring: [{ days: [6], fromMinute: 8 * 60, toMinute: 18 * 60 }] };
    expect(overdue({ state }, atHour(6), schedule)).toBeUndefined();
    expect(overdue({ state }, atHour(7), schedule)?.dueAt).toEqual(atHour(6));
  });

  it('reports what was due first when it also has a schedule', () => {
    const state = stateOfDrill({ newestBackup, handledBackup: 'the one before' });
    const both = { ...nightly, onNewBackup: onNew.onNewBackup };
    expect(overdue({ state, runs: [passedRun()] }, minutesAfter(due, 60), both)?.dueAt).toEqual(atHour(1));
  });
});
