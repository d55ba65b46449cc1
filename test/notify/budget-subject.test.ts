import { expect, test } from 'vitest';
import { budgetSubject } from '../../src/notify/budget-subject.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import { createMemoryStore } from '../support/memory-store.ts';

const NOW = new Date('2026-11-20T12:30:00.000Z');
const month = (name: string, spent: number | undefined) => ({
  month: name,
  from: NOW,
  exceeded: spent === undefined ? undefined : `budget of 8.00 USD for ${name}: ${spent} USD spent; 1 run skipped`,
});

test('a spent budget alerts once a month, whatever is spent on top', async () => {
  await using store = createMemoryStore();
  const channel = { name: 'log', takes: () => true, send: async () => undefined };
  const notifier = createNotifier({
    store,
    channels: [channel as never],
    settings: { routes: [], reminders: 'off', digest: undefined },
    publicUrl: undefined,
    clock: { now: () => NOW, monotonicMs: () => 0 } as never,
    redact: (text) => text,
  });
  const kinds: (string | undefined)[] = [];
  const months = [month('Nov 2026', 8), month('Nov 2026', 9), month('Dec 2026', undefined), month('Dec 2026', 8)];
  for (const one of months) {
    const [queued] = await notifier.consider([budgetSubject(one)], NOW, { isWhole: true });
    kinds.push(queued?.kind);
  }
  expect(kinds).toEqual(['problem', undefined, 'resolved', 'problem']);
  expect(budgetSubject(month('Nov 2026', 8)).told?.headline).toBe(
    'BUDGET SPENT: budget of 8.00 USD for Nov 2026: 8 USD spent; 1 run skipped',
  );
});
