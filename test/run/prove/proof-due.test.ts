import { expect, it } from 'vitest';
import { isProofDue } from '../../../src/run/prove/proof-due.ts';
import { NOON } from '../../support/run-records.ts';

const DAY_MS = 86_400_000;
const WEEKLY = { proveEveryMs: 7 * DAY_MS, definitionHash: 'now' };
const provenBefore = (ms: number, definitionHash = 'now') => ({
  startedAt: new Date(NOON.getTime() - ms),
  definitionHash,
});

it.each([
  ['never proven', undefined, true],
  ['proven yesterday', provenBefore(DAY_MS), false],
  ['proven a week ago, to the second', provenBefore(7 * DAY_MS - 1000), true],
  ['changed since', provenBefore(DAY_MS, 'then'), true],
])('a scheduled run of a drill %s proves its checks: %s, %s', (_what, last, due) => {
  expect(isProofDue(WEEKLY, { kind: 'schedule' }, last, NOON)).toBe(due);
  expect(isProofDue(WEEKLY, { kind: 'new-backup' }, last, NOON)).toBe(due);
});

it('neither a manual run nor a drill that does not ask for it proves checks', () => {
  expect(isProofDue(WEEKLY, { kind: 'hand' }, undefined, NOON)).toBe(false);
  expect(isProofDue({ ...WEEKLY, proveEveryMs: undefined }, { kind: 'schedule' }, undefined, NOON)).toBe(false);
});
