import { expect, it } from 'vitest';
import { describeArchive, describeReplay } from '../../src/record/replay-view.ts';

const at = new Date('2026-11-27T03:10:00.250Z');

it('names the last commit before and the first after the end of a replay', () => {
  const replay = {
    to: 'the position 0/3',
    end: '0/2F',
    lastCommit: { transaction: '754', at, position: '0/2E' },
    firstLost: { transaction: undefined, at, position: undefined },
    isWholeLog: false,
  };
  expect(describeReplay(replay)).toBe(
    'the position 0/3; ended at 0/2F; last commit replayed: transaction 754 of 27 Nov 2026, 03:10:00.250 UTC (0/2E); first not replayed: 27 Nov 2026, 03:10:00.250 UTC',
  );
  expect(describeReplay({ ...replay, firstLost: undefined })).toMatch(/; first not replayed: unknown$/);
  expect(describeReplay({ ...replay, end: undefined, lastCommit: undefined, isWholeLog: true })).toBe(
    'the position 0/3; last commit replayed: none; the whole log was replayed',
  );
});

it('says how recent the archive was', () => {
  const newest = '000000010000000000000007';
  expect(describeArchive({ newest, storedAt: at, lagMs: 123_000 })).toBe(
    'ends with 000000010000000000000007, stored 2 min 3 s before the run started',
  );
  expect(describeArchive({ newest, storedAt: undefined, lagMs: undefined })).toBe('ends with 000000010000000000000007');
});
