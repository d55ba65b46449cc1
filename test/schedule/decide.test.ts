import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/schedule/decide.ts';
import type { CronSchedule } from '../../src/schedule/timetable.ts';
import { EVERY_DAY, timetableOf } from './timetables.ts';

const nightly = (changes: Partial<CronSchedule> = {}) => timetableOf('30 3 * * *', 'UTC', changes);
const at = (text: string) => new Date(`2026-11-${text}Z`);

describe('the next run', () => {
  it('is none before one is due', () => {
    expect(decide(nightly(), at('20T12:00'), at('21T03:29:59'))).toEqual({
      start: undefined,
      waiting: undefined,
      skipped: [],
      handledUntil: at('21T03:29:59'),
      recheckAt: at('21T03:30'),
    });
  });

  it('is the due run, once', () => {
    const decision = decide(nightly(), at('20T12:00'), at('21T03:30'));
    expect(decision.start?.why).toBe('due at 21 Nov 2026, 03:30');
    expect(decision.start?.due.at).toEqual(at('21T03:30'));
    expect(decision.recheckAt).toEqual(at('22T03:30'));
    expect(decide(nightly(), decision.handledUntil, at('21T03:30:01')).start).toBeUndefined();
  });

  it('is none for a new drill, which has missed nothing', () => {
    const decision = decide(nightly(), undefined, at('21T12:00'));
    expect(decision).toMatchObject({ start: undefined, skipped: [], handledUntil: at('21T12:00') });
    expect(decide(nightly(), decision.handledUntil, at('22T03:30')).start).toBeDefined();
  });

  it('is not repeated when the system clock is set back', () => {
    const decision = decide(nightly(), at('21T03:30'), at('21T03:20'));
    expect(decision).toMatchObject({ start: undefined, skipped: [], handledUntil: at('21T03:30') });
    expect(decision.recheckAt).toEqual(at('22T03:30'));
  });

  it('is one for all that were missed', () => {
    const { start, skipped } = decide(nightly(), at('18T12:00'), at('21T09:00'));
    expect(start?.due.at).toEqual(at('21T03:30'));
    expect(start?.why).toBe('missed 5 h ago, and 2 more before it; this run catches up');
    expect(skipped).toEqual([
      {
        kind: 'superseded',
        reason: 'missed; superseded by the run of 21 Nov 2026, 03:30',
        count: 2,
        first: at('19T03:30'),
        last: at('20T03:30'),
      },
    ]);
  });

  it('is none for missed runs when the drill skips them', () => {
    const { start, skipped } = decide(nightly({ missed: 'skip' }), at('18T12:00'), at('21T09:00'));
    expect(start).toBeUndefined();
    expect(skipped).toEqual([
      {
        kind: 'missed',
        reason: 'missed; not caught up',
        count: 3,
        first: at('19T03:30'),
        last: at('21T03:30'),
      },
    ]);
  });

  it('starts a little late even when the drill skips missed runs', () => {
    const skipping = nightly({ missed: 'skip' });
    expect(decide(skipping, at('20T12:00'), at('21T03:31')).start?.why).toBe('due at 21 Nov 2026, 03:30');
    expect(decide(skipping, at('20T12:00'), at('21T03:31:01')).start).toBeUndefined();
    expect(decide(skipping, at('20T12:00'), at('21T03:40'), 600_000).start).toBeDefined();
  });

  it('is never one that was blocked when due', () => {
    const freezes = [{ from: '2026-11-19 00:00', until: '2026-11-21 00:00' }];
    expect(decide(nightly({ freezes }), at('18T12:00'), at('20T09:00'))).toMatchObject({
      start: undefined,
      skipped: [{ kind: 'freeze', reason: 'frozen until 21 Nov 2026, 00:00', count: 2 }],
      handledUntil: at('20T09:00'),
    });
  });

  it('waits for the end of a window to catch up, and loses nothing', () => {
    const timetable = timetableOf('30 3,9,21 * * *', 'UTC', {
      notDuring: [{ days: EVERY_DAY, fromMinute: 480, toMinute: 1080 }],
    });
    const waiting = decide(timetable, at('20T22:00'), at('21T10:00'));
    expect(waiting).toMatchObject({
      start: undefined,
      waiting: { due: { at: at('21T03:30') }, until: at('21T18:00'), why: 'missed 6 h ago; not during 08:00-18:00' },
      skipped: [],
      recheckAt: at('21T18:00'),
    });
    expect(decide(timetable, waiting.handledUntil, at('21T18:00'))).toMatchObject({
      start: { due: { at: at('21T03:30') }, why: 'missed 14 h ago; this run catches up' },
      skipped: [{ kind: 'window', count: 1, first: at('21T09:30') }],
      handledUntil: at('21T18:00'),
    });
  });

  it('starts on time even if a window begins before it could start', () => {
    const timetable = nightly({ notDuring: [{ days: EVERY_DAY, fromMinute: 211, toMinute: 1080 }] }); // from 03:31
    expect(decide(timetable, at('20T12:00'), at('21T03:31')).start?.why).toBe('due at 21 Nov 2026, 03:30');
  });

  it('covers every due run exactly once, as started or skipped, at any polling rate', () => {
    const schedules = fc.record({
      missed: fc.constantFrom('run-once' as const, 'skip' as const),
      jitterMs: fc.constantFrom(0, 600_000),
      notDuring: fc.constantFrom([], [{ days: [1, 3], fromMinute: 600, toMinute: 120 }]),
      freezes: fc.constantFrom([], [{ from: '2026-10-26 12:00', until: '2026-10-27 12:00' }]),
    });
    const start = Date.UTC(2026, 9, 23);
    const end = Date.UTC(2026, 9, 30);
    const looks = fc
      .array(fc.integer({ min: start, max: end }), { maxLength: 60 })
      .map((list) => [...list, end].sort((a, b) => a - b));
    fc.assert(
      fc.property(schedules, looks, (changes, instants) => {
        const timetable = timetableOf('20,50 */2 * * *', 'Europe/Berlin', changes);
        let handledUntil = new Date(start);
        let told = 0;
        let waits = false;
        for (const instant of instants) {
          const decision = decide(timetable, handledUntil, new Date(instant));
          told += decision.skipped.reduce((sum, { count }) => sum + count, 0) + (decision.start ? 1 : 0);
          handledUntil = decision.handledUntil;
          waits = decision.waiting !== undefined;
        }
        const all = decide(
          { ...timetable, schedule: { ...timetable.schedule, missed: 'skip' } },
          new Date(start),
          handledUntil,
          0,
        );
        expect(told).toBe(all.skipped.reduce((sum, { count }) => sum + count, all.start ? 1 : 0));
        expect(waits || handledUntil.getTime() === end).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
