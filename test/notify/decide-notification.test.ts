import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideGone, decideNotification } from '../../src/notify/decide-notification.ts';
import type { AlertRecord } from '../../src/record/notification-store.ts';
import type { Standing } from '../../src/status/standing.ts';
import type { QuietKind } from '../../src/support/vocabulary.ts';
import { NOON } from '../support/run-records.ts';
import { errored, HOUR_MS, passed, standing } from './standings.ts';

/** Kinds of notification as a drill goes through these states, one every so many hours. */
function tell(steps: readonly Standing[], everyHours = 1, reminders: 'daily' | 'off' = 'daily') {
  let alert: AlertRecord | undefined;
  return steps.map((step, index) => {
    const decision = decideNotification(
      alert,
      step,
      new Date(NOON.getTime() + index * everyHours * HOUR_MS),
      reminders,
    );
    if (decision) alert = { ...decision.nextAlert, version: decision.nextAlert.version + 1 };
    return decision?.kind;
  });
}

describe('people are notified', () => {
  it.each<[string, readonly Standing[], readonly (string | undefined)[]]>([
    ['of nothing while all is well', [passed(), passed()], [undefined, undefined]],
    ['of the first failure, once', [passed(), standing(), standing()], [undefined, 'problem', undefined]],
    ['of the recovery, once', [standing(), passed(), passed()], ['problem', 'resolved', undefined]],
    [
      'when the reason changes',
      [standing(), standing({ fingerprint: 'failed:wrong-data' }), passed()],
      ['problem', 'changed', 'resolved'],
    ],
    [
      'when a failing drill errors, and of its end only when it passes',
      [standing(), errored(), standing({ isProvisional: true, state: 'running' }), passed()],
      ['problem', 'changed', undefined, 'resolved'],
    ],
    ['of nothing before a retry', [errored({ isProvisional: true }), passed()], [undefined, undefined]],
    [
      'of nothing for a new drill before its first run is overdue',
      [
        standing({ state: 'never', fingerprint: 'never' }),
        standing({ state: 'never', fingerprint: 'never:overdue' }),
        passed(),
      ],
      [undefined, 'problem', 'resolved'],
    ],
    [
      'when a file is fixed, even for a drill that never ran',
      [standing({ state: 'broken', fingerprint: 'broken' }), standing({ state: 'never', fingerprint: 'never' })],
      ['problem', 'resolved'],
    ],
    [
      'of nothing when history is gone, as nothing has passed',
      [standing(), standing({ state: 'never', fingerprint: 'never' })],
      ['problem', undefined],
    ],
  ])('%s', (_, steps, kinds) => {
    expect(tell(steps)).toEqual(kinds);
  });

  it('daily while the same trouble lasts, unless reminders are off', () => {
    const week = Array.from({ length: 49 }, () => standing());
    const told = tell(week).flatMap((kind, hour) => (kind ? [[hour, kind]] : []));
    expect(told).toEqual([
      [0, 'problem'],
      [24, 'reminder'],
      [48, 'reminder'],
    ]);
    expect(tell(week, 1, 'off').filter(Boolean)).toEqual(['problem']);
  });

  it('since when the problem has lasted, unchanged by reminders', () => {
    const first = decideNotification(undefined, standing({ since: undefined }), NOON, 'daily');
    const later = new Date(NOON.getTime() + 24 * HOUR_MS);
    const again = decideNotification(first?.nextAlert, standing({ since: undefined }), later, 'daily');
    expect(first?.nextAlert.since).toEqual(NOON);
    expect(again?.nextAlert.since).toEqual(NOON);
  });

  it('that a drill was removed, if it was in trouble', () => {
    const alert = decideNotification(undefined, standing(), NOON, 'daily')?.nextAlert;
    if (!alert) throw new Error('not told');
    const gone = decideGone(alert, NOON);
    expect(gone).toMatchObject({ kind: 'resolved', nextAlert: { state: 'passed', notifiedChannels: [] } });
    expect(gone && decideGone(gone.nextAlert, NOON)).toBeUndefined();
  });

  const anyStanding = fc.record({
    of: fc.constantFrom(
      passed(),
      standing(),
      standing({ fingerprint: 'failed:wrong-data' }),
      errored(),
      standing({ state: 'overdue', fingerprint: 'overdue' }),
      standing({ state: 'no-new-backup', fingerprint: 'no-new-backup' }),
      standing({ state: 'running', fingerprint: 'running', isProvisional: true }),
      errored({ isProvisional: true }),
    ),
    afterMs: fc.integer({ min: 0, max: 40 * HOUR_MS }),
  });

  it('of every problem and its end, in any order, and never twice a day of the same one', () => {
    fc.assert(
      fc.property(fc.array(anyStanding, { maxLength: 60 }), (steps) => {
        let alert: AlertRecord | undefined;
        let nowMs = NOON.getTime();
        for (const { of, afterMs } of steps) {
          nowMs += afterMs;
          const before = alert;
          const wasOpen = before !== undefined && before.state !== 'passed';
          const decision = decideNotification(before, of, new Date(nowMs), 'daily');
          if (decision) alert = { ...decision.nextAlert, version: decision.nextAlert.version + 1 };
          if (of.isProvisional) expect(decision).toBeUndefined();
          if (decision?.kind === 'problem') expect(wasOpen).toBe(false);
          else if (decision) expect(wasOpen).toBe(true);
          if (decision && before && wasOpen && decision.kind !== 'resolved') {
            const isSame = before.fingerprint === of.fingerprint;
            expect(decision.kind).toBe(isSame ? 'reminder' : 'changed');
            if (isSame) expect(nowMs - before.notifiedAt.getTime()).toBeGreaterThanOrEqual(24 * HOUR_MS);
          }
          if (of.isProvisional) continue;
          // The last notification reflects the current state.
          expect(alert?.fingerprint ?? 'passed').toBe(of.fingerprint);
          expect(decision?.kind === 'resolved').toBe(wasOpen && of.state === 'passed');
        }
      }),
    );
  });
});

describe('quieting a problem', () => {
  const decide = (alert: AlertRecord | undefined, step: Standing, quiet: QuietKind | undefined) =>
    decideNotification(alert, step, new Date(NOON.getTime() + 30 * HOUR_MS), 'daily', quiet)?.kind;
  const open = decideNotification(undefined, standing(), NOON, 'daily')?.nextAlert;

  it('stops reminders when it is acknowledged, but not its end', () => {
    expect(decide(open, standing(), undefined)).toBe('reminder');
    expect(decide(open, standing(), 'acknowledged')).toBeUndefined();
    expect(decide(open, passed(), 'acknowledged')).toBe('resolved');
  });

  it.each(['snoozed', 'silenced'] as const)(
    'stops everything but the end of what was sent when the drill is %s',
    (quiet) => {
      expect(decide(undefined, standing(), quiet)).toBeUndefined();
      expect(decide(open, standing({ fingerprint: 'failed:wrong-data' }), quiet)).toBeUndefined();
      expect(decide(open, passed(), quiet)).toBe('resolved');
    },
  );

  it('still alerts once when the problem outlasts a silence', () => {
    const during = decideNotification(undefined, standing(), NOON, 'daily', 'silenced');
    const after = decideNotification(during?.nextAlert, standing(), NOON, 'daily');
    expect([during, after?.kind]).toEqual([undefined, 'problem']);
    expect(decideNotification(after?.nextAlert, standing(), NOON, 'daily')).toBeUndefined();
  });
});
