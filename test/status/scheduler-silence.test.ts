import { expect, it } from 'vitest';
import type { DaemonRecord } from '../../src/record/schedule-store.ts';
import { describeSilence } from '../../src/status/scheduler-silence.ts';
import { NOON } from '../support/run-records.ts';
import { atHour } from './facts.ts';

function daemonOf(changes: Partial<DaemonRecord> = {}): DaemonRecord {
  const base = { owner: 'db-host/boot/1/1', startedAt: atHour(-24), firedrillVersion: '0.1.0', sandboxes: 4 };
  return { ...base, beatAt: NOON, stoppedAt: undefined, ...changes };
}
const fourMinutes = new Date(NOON.getTime() + 240_000);

it('silence is not reported when a scheduler sent a heartbeat within five minutes', () => {
  expect(describeSilence([daemonOf()], fourMinutes)).toBeUndefined();
  expect(describeSilence([daemonOf({ beatAt: atHour(-9) }), daemonOf()], fourMinutes)).toBeUndefined();
});

it('silence is reported with its duration, or with why there is no scheduler', () => {
  expect(describeSilence([daemonOf()], atHour(9))).toBe('no scheduler has reported for 9 h');
  expect(describeSilence([daemonOf({ stoppedAt: NOON })], fourMinutes)).toBe('the scheduler was stopped 4 min ago');
  expect(describeSilence([], NOON)).toBe('no scheduler has run yet');
});
