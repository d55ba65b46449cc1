import { expect, test } from 'vitest';
import { type DoubtfulRun, describeDoubt, ERRORS_SAY_NOTHING } from '../../src/status/backup-doubt.ts';

const run = (changes: Partial<DoubtfulRun>): DoubtfulRun => ({
  drill: 'orders',
  status: 'completed',
  verdict: 'passed',
  reasons: [],
  ...changes,
});
const errored = run({ status: 'errored', verdict: undefined });

test.each([
  ['no run met errors', [], ''],
  ['the drill passed', [run({})], 'No backup is in doubt'],
  ['the drill was only too slow', [run({ verdict: 'failed', reasons: ['too-slow'] })], 'No backup is in doubt'],
  [
    'the backup was damaged',
    [run({ verdict: 'failed', reasons: ['unrestorable'] })],
    'In doubt: the backups of orders,',
  ],
  ['there was no verdict', [errored], 'Not proven: the backups of orders,'],
  ['a later run of the drill passed', [run({}), errored], 'No backup is in doubt'],
  ['an earlier run of the drill passed', [errored, run({})], 'Not proven: the backups of orders,'],
  ['the run is in progress', [run({ status: 'running', verdict: undefined })], ''],
] as const)('states what the newest runs say about the backups when %s', (_, runs, beginning) => {
  const text = describeDoubt(runs);
  expect(text.endsWith(ERRORS_SAY_NOTHING)).toBe(true);
  expect(text.slice(0, beginning === '' ? -ERRORS_SAY_NOTHING.length : beginning.length)).toBe(beginning);
});

test('names at most five drills', () => {
  const runs = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((drill) => ({ ...errored, drill }));
  expect(describeDoubt(runs)).toContain('the backups of a, b, c, d, e and 2 more,');
});
