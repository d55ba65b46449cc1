import type { Channel } from '../../src/notify/channel.ts';
import type { NotificationSubject } from '../../src/notify/compose-notification.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { createNotifier, type NotifierDeps } from '../../src/notify/notifier.ts';
import type { Standing } from '../../src/status/standing.ts';
import type { Clock } from '../../src/support/clock.ts';
import { failedRun, NOON } from '../support/run-records.ts';

export const HOUR_MS = 3_600_000;

export function standing(changes: Partial<Standing> = {}): Standing {
  return {
    drill: 'orders',
    owner: 'payments',
    tier: 1,
    state: 'failed',
    sentence: 'failed: recovery took 41 min, target 15 min (26 min over)',
    fingerprint: 'failed:too-slow',
    since: NOON,
    runId: failedRun().id,
    isFailing: (changes.state ?? 'failed') === 'failed',
    isProvisional: false,
    ...changes,
  };
}

export const passed = (changes: Partial<Standing> = {}) =>
  standing({ state: 'passed', fingerprint: 'passed', sentence: 'recoverable', ...changes });
export const errored = (changes: Partial<Standing> = {}) =>
  standing({
    state: 'errored',
    fingerprint: 'errored:disk-full',
    sentence: 'errored: disk-full: no space',
    ...changes,
  });

export function subjectOf(of: Standing, run: NotificationSubject['run'] = undefined): NotificationSubject {
  return { drill: undefined, standing: of, run };
}

/** A clock that a test sets. */
export function clockAt(start: Date = NOON): Clock & { advance(ms: number): Date } {
  let ms = start.getTime();
  return {
    now: () => new Date(ms),
    monotonicMs: () => ms,
    advance: (byMs) => {
      ms += byMs;
      return new Date(ms);
    },
  };
}

export interface FakeChannel extends Channel {
  send: Channel['send'];
  readonly sent: Notification[];
  /** What it does with the next notifications, one entry each; afterwards it accepts them. */
  readonly plan: ((signal: AbortSignal) => Promise<void>)[];
}

export function fakeChannel(name: string, takes: Channel['takes'] = () => true): FakeChannel {
  const sent: Notification[] = [];
  const plan: FakeChannel['plan'] = [];
  return {
    name,
    type: 'command',
    sent,
    plan,
    takes,
    send: async (notification, signal) => {
      await plan.shift()?.(signal);
      sent.push(notification);
    },
  };
}

export function notifierOf(deps: Pick<NotifierDeps, 'store' | 'channels' | 'clock'> & Partial<NotifierDeps>) {
  return createNotifier({
    settings: { routes: undefined, reminders: 'daily', digest: undefined },
    publicUrl: undefined,
    redact: (text) => text.replaceAll(/verysecret\w*/g, '***'),
    ...deps,
  });
}
