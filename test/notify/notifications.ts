import type { ChannelDeps } from '../../src/notify/channel.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { systemClock } from '../../src/support/clock.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';

/** A problem notification, with the given changes. */
export function problemNotification(changes: Partial<Notification> = {}): Notification {
  return {
    id: '7d0c5c9e-6a52-4d5f-9d5e-2f4a1c1f6b11',
    kind: 'problem',
    at: '2026-11-21T12:00:00.000Z',
    drill: { name: 'orders', owner: 'payments', tier: 1 },
    state: 'failed',
    headline: 'FAILED orders: recovery took 41 min, target 30 min (11 min over)',
    since: '2026-11-20T12:00:00.000Z',
    facts: [
      { label: 'Recovery time', text: '41 min, target 30 min' },
      { label: 'Backup', text: 'orders/orders-2026-11-21.dump' },
    ],
    nextStep: 'Give the restore more cores, or raise the target.',
    links: [{ label: 'Run', url: 'https://firedrill.example.com/runs/20261121-120000-aaaaaa' }],
    rows: [],
    ...changes,
  };
}

export const HOSTILE = '<script>alert("1")</script> <!channel> & <@U1>\r\nBcc: evil@example.com \u001b[31m\u202e';

export function hostileNotification(): Notification {
  return problemNotification({
    headline: `FAILED ${HOSTILE}`,
    facts: [{ label: HOSTILE, text: HOSTILE }],
    nextStep: HOSTILE,
    links: [{ label: HOSTILE, url: 'https://a.example/?x=<b>|"c' }],
    rows: [{ state: 'failed', drill: HOSTILE, text: HOSTILE }],
  });
}

/** Deadlines that no healthy response misses; a test of a deadline sets its own. */
export function channelDeps(changes: Partial<ChannelDeps> = {}): ChannelDeps {
  return {
    clock: systemClock,
    redact: (text) => text.replaceAll(/verysecret\w*/g, '***'),
    directory: '/',
    httpDeadlineMs: STEP_TIMEOUT_MS,
    smtpDeadlineMs: STEP_TIMEOUT_MS,
    commandDeadlineMs: STEP_TIMEOUT_MS,
    killGraceMs: 10_000,
    ...changes,
  };
}

export const noSignal = new AbortController().signal;
