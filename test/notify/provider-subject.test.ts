import { expect, test } from 'vitest';
import type { Notification } from '../../src/notify/notification.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import { providerSubject } from '../../src/notify/provider-subject.ts';
import { noRequests, type RequestHour } from '../../src/record/request-store.ts';
import { rateRequests } from '../../src/status/request-rates.ts';
import { hourOf } from '../contracts/request-store-contract.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const NOW = new Date('2026-11-20T12:30:00.000Z');
const ago = (hours: number) => new Date(Date.parse('2026-11-20T12:00:00.000Z') - hours * 3_600_000);
const day = (daysAgo: number, errors: number): RequestHour =>
  hourOf({ hourAt: ago(24 * daysAgo), counts: { ...noRequests(), answered: 1000 - errors, failed: errors } });
const past = Array.from({ length: 29 }, (_, index) => day(index + 1, 0));
const subjectsOf = (errors: number) => rateRequests([...past, day(0, errors)], NOW).map(providerSubject);

test('a store that fails more often than usual alerts once, and again when it is back to normal', async () => {
  await using store = createMemoryStore();
  const sent: Notification[] = [];
  const channel = {
    name: 'log',
    takes: () => true,
    send: async (one: Notification) => {
      sent.push(one);
    },
  };
  const notifier = createNotifier({
    store,
    channels: [channel as never],
    settings: { routes: [], reminders: 'off', digest: undefined },
    publicUrl: undefined,
    clock: { now: () => NOW, monotonicMs: () => 0 } as never,
    redact: (text) => text,
  });
  const kinds: (string | undefined)[] = [];
  for (const errors of [0, 20, 22, 4, 0]) {
    const [queued] = await notifier.consider(subjectsOf(errors), NOW, { isWhole: true });
    kinds.push(queued?.kind);
  }
  expect(kinds).toEqual([undefined, 'problem', undefined, undefined, 'resolved']);
});

test('says what the errors mean, and what they say about the backups', () => {
  const [subject] = subjectsOf(20);
  expect(subject?.told?.headline).toBe(
    'STORE FAILS MORE OFTEN THAN USUAL https://objects.example.com: GetObject: 20 of 1,000 requests failed in 24 h (2 %, usual at most 0.2 %)',
  );
  expect(subject?.told?.facts.map(({ label }) => label)).toEqual(['GetObject', 'What it means', 'Backups']);
  expect(subject?.told?.nextStep).toContain('firedrill evidence requests --since 24h');
});
