import { expect, it } from 'vitest';
import { formatEnding, formatProgress } from '../../src/cli/run-text.ts';
import { passedRun } from '../support/run-records.ts';

const PROGRESS = {
  doing: 'loading payment',
  phase: 'load',
  covers: ['load'],
  bytesRead: 86.4e6,
  totalBytes: 211e6,
  bytesPerSecond: 12.1e6,
  ratio: 0.41,
  isStalled: false,
} as const;

it('the line of a restore in progress shows its step, progress and rate', () => {
  expect(formatProgress(PROGRESS)).toBe('loading payment, 41 %, 86.4 MB of 211 MB at 12.1 MB/s');
});

it.each([
  [
    'stands still',
    { bytesPerSecond: 0, isStalled: true },
    'loading payment, 41 %, 86.4 MB of 211 MB at 0 B/s, nothing read for 5 s',
  ],
  ['has just begun', { bytesPerSecond: undefined }, 'loading payment, 41 %, 86.4 MB of 211 MB'],
  [
    'has read everything',
    { bytesRead: 211e6, bytesPerSecond: 0, ratio: 0.9 },
    'loading payment, 90 %, 211 MB of 211 MB',
  ],
  ['reads a backup of unknown size', { totalBytes: 0, ratio: undefined }, 'loading payment, 86.4 MB at 12.1 MB/s'],
])('the line of a restore that %s', (_, changes, line) => {
  expect(formatProgress({ ...PROGRESS, ...changes })).toBe(line);
});

it('says for a run with the recovery identity which key opened the backup', () => {
  const identity = { name: 'recovery', keys: ['age1orders'], principal: 'access key …WXYZ' } as const;
  const endingOf = (run: Parameters<typeof passedRun>[0]) =>
    formatEnding({ run: passedRun(run), sentence: 'PASSED' }, (_style, text) => text);
  expect(endingOf({ identity })).toContain(
    '  identity: recovery identity, opened with age1orders, read as access key …WXYZ',
  );
  expect(endingOf({}).join()).not.toContain('identity');
});
