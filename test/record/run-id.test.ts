import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeRunId } from '../../src/record/run-id.ts';

test('a run id states the second in UTC and ends in six characters', () => {
  const id = makeRunId(new Date('2026-11-21T09:41:31.999Z'), () => Uint8Array.of(0, 31, 32, 63, 255, 1));
  expect(id).toBe('20261121-094131-2z2zz3');
});

test('run ids sort by time and differ within a second', () => {
  const early = new Date('2026-12-31T23:59:59Z');
  const late = new Date('2027-01-01T00:00:00Z');
  const ids = new Set(Array.from({ length: 1000 }, () => makeRunId(early, randomBytes)));
  expect(ids.size).toBe(1000);
  for (const id of ids) {
    expect(id < makeRunId(late, randomBytes)).toBe(true);
    expect(id).toMatch(/^\d{8}-\d{6}-[2-9a-z]{6}$/);
  }
});
