import { expect, it } from 'vitest';
import { readSegmentTimes } from '../../../../src/engines/postgres/log/segment-times.ts';
import { DrillError } from '../../../../src/support/errors.ts';
import { checkpointRecord, commitRecord, endOfRecoveryRecord, otherRecord, segmentOf } from './wal-records.ts';

const never = new AbortController().signal;
const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 3, minute));
const read = (bytes: Buffer | DrillError) => {
  const archive = {
    description: '/wal',
    files: [],
    read: async () => (bytes instanceof DrillError ? Promise.reject(bytes) : bytes),
  };
  return readSegmentTimes(archive, { key: 'x', sizeBytes: 1 }, never);
};

it('reads the last commit of a segment, past what continues from the one before and records of several pages', async () => {
  const records = [commitRecord(at(1)), otherRecord(20_000), commitRecord(at(3)), otherRecord(9), commitRecord(at(2))];
  expect(await read(segmentOf(records, 12_345))).toEqual({ newest: at(3), began: undefined });
});

it('reads the time of a checkpoint where nothing was committed', async () => {
  expect(await read(segmentOf([otherRecord(100), checkpointRecord(at(4), 1)]))).toEqual({
    newest: at(4),
    began: undefined,
  });
});

it.each([
  ['a promoted standby', endOfRecoveryRecord(at(5), 2, 1)],
  ['a recovered server', checkpointRecord(at(5), 2, 1)],
])('reads when the timeline of %s began', async (_what, began) => {
  const records = [commitRecord(at(1)), began, commitRecord(at(6)), checkpointRecord(at(7), 2)];
  expect(await read(segmentOf(records))).toEqual({ newest: at(7), began: at(5) });
});

it('reads nothing from a segment that is damaged, while an outage of the store is an error', async () => {
  const nothing = { newest: undefined, began: undefined };
  expect(await read(Buffer.alloc(8192, 1))).toEqual(nothing);
  expect(await read(new DrillError('backup-corrupt', 'damaged'))).toEqual(nothing);
  const outage = new DrillError('source-failed', 'the store does not answer');
  await expect(read(outage)).rejects.toBe(outage);
});
