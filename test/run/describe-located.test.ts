import { expect, test } from 'vitest';
import { describeLocated } from '../../src/run/describe-located.ts';

const NOON = new Date('2026-11-21T12:00:00.000Z');
const BACKUP = { sizeBytes: 60_600, takenAt: new Date('2026-11-21T03:00:00.000Z') };

test.each([
  ['orders.dump', { by: 'latest' }, 'orders.dump, 60.6 kB, taken 9 h ago'],
  ['', { by: 'latest' }, './, 60.6 kB, taken 9 h ago'],
  ['orders.dump', { by: 'random', windowMs: 1 }, 'orders.dump, 60.6 kB, taken 9 h ago (one of 30)'],
] as const)('names the located backup %j, selected by %j', (key, select, text) => {
  const drill = { backup: { select } };
  expect(describeLocated({ key, ...BACKUP }, { selection: 'one of 30', drill, now: NOON })).toBe(text);
});
