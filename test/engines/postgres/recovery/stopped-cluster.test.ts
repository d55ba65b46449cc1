import { describe, expect, it } from 'vitest';
import { readStartPoint } from '../../../../src/engines/postgres/recovery/stopped-cluster.ts';
import { controlFile } from './control-file.ts';

describe('the start point of a stopped server', () => {
  it.each([
    [
      'in the first log',
      { redo: 0x0f00_0028n },
      { startLsn: '0/F000028', startSegment: '00000001000000000000000F', timeline: 1 },
    ],
    [
      'on a later timeline',
      { redo: 0x2a_e000_0028n, timeline: 17 },
      { startLsn: '2A/E0000028', startSegment: '000000110000002A000000E0', timeline: 17 },
    ],
    [
      'with segments of 64 MiB',
      { redo: 0x1_4400_0060n, segmentBytes: 2 ** 26 },
      { startLsn: '1/44000060', startSegment: '000000010000000100000011', timeline: 1 },
    ],
    ['of a standby', { state: 2 }, { startLsn: '0/2000028', startSegment: '000000010000000000000002', timeline: 1 }],
  ])('is its last checkpoint, %s', (_what, control, start) => {
    expect(readStartPoint(controlFile(control))).toEqual(start);
  });

  it.each([
    ['in production', 6],
    ['in archive recovery', 5],
    ['shutting down', 3],
    ['starting up', 0],
  ])('does not exist for one that is %s', (_what, state) => {
    expect(readStartPoint(controlFile({ state }))).toBe('running');
  });

  it.each([
    ['of another layout', controlFile({ float: 0 })],
    ['in a state that no version has', controlFile({ state: 7 })],
    ['cut short', controlFile({}).subarray(0, 230)],
    ['zeros', Buffer.alloc(8192)],
  ])('is unknown for a control file that is %s', (_what, control) => {
    expect(readStartPoint(control)).toBeUndefined();
  });
});
