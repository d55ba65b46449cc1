import { describe, expect, it } from 'vitest';
import { nameLogFiles, planLog } from '../../../../src/engines/postgres/log/plan-log.ts';
import { explainSegment, segmentBytesIn } from '../../../../src/engines/postgres/log/segment-header.ts';
import { readSegmentName, segmentName, segmentNumberAt } from '../../../../src/engines/postgres/log/segment-name.ts';

const MIB = 2 ** 20;
const segmentBytes = 16 * MIB;
const archive = (...keys: readonly string[]) => ({
  description: '/wal',
  named: nameLogFiles(keys.map((key) => ({ key, sizeBytes: 1 }))),
});
const from = { timeline: 1, startSegment: '000000010000000000000002', segmentBytes };
const histories = (texts: Readonly<Record<string, string>>) => new Map(Object.entries(texts));

describe('names of segments', () => {
  it.each([
    ['000000010000000000000002', 1, 2],
    ['0000000A0000002A000000F0', 10, 0x2a * 256 + 0xf0],
  ])('%s is timeline %i, number %i', (name, timeline, number) => {
    expect(readSegmentName(name, segmentBytes)).toEqual({ name, timeline, number });
    expect(segmentName(timeline, number, segmentBytes)).toBe(name);
  });

  it('roll over at the end of a log id, whatever the segment size', () => {
    expect(segmentName(1, 256, segmentBytes)).toBe('000000010000000100000000');
    expect(segmentName(1, 4, 1024 * MIB)).toBe('000000010000000100000000');
    expect(segmentNumberAt('1/0', segmentBytes)).toBe(256);
    expect(segmentNumberAt('0/76C2858', segmentBytes)).toBe(7);
  });

  it('are distinguished from other files in an archive, compressed or in folders', () => {
    const keys = [
      'wal/000000010000000000000002.zst',
      '000000010000000000000003.gz.age',
      '00000002.history',
      '000000010000000000000002.00000028.backup',
      '000000010000000000000004.partial',
      'notes.txt',
    ];
    expect([...archive(...keys).named.keys()]).toEqual([
      '000000010000000000000002',
      '000000010000000000000003',
      '00000002.history',
    ]);
  });
});

describe('the part of an archive that a recovery reads', () => {
  it('is everything from the first segment of the backup on', () => {
    const keys = [3, 1, 2, 5].map((number) => segmentName(1, number, segmentBytes));
    const plan = planLog(archive(...keys), new Map(), from);
    expect(plan.segments.map(({ number }) => number)).toEqual([2, 3, 5]);
    expect(plan.newest.number).toBe(5);
  });

  it('follows the newest timeline, and of earlier timelines only the part from which it descends', () => {
    const keys = [
      ...[2, 3, 4, 9].map((number) => segmentName(1, number, segmentBytes)),
      ...[4, 5].map((number) => segmentName(2, number, segmentBytes)),
      '00000002.history',
    ];
    const plan = planLog(
      archive(...keys),
      histories({ '00000002.history': '1\t0/4800000\tno recovery target\n' }),
      from,
    );
    expect(plan.segments.map(({ timeline, number }) => `${timeline}/${number}`)).toEqual([
      '1/2',
      '1/3',
      '1/4',
      '2/4',
      '2/5',
    ]);
    expect(plan.newest.name).toBe(segmentName(2, 5, segmentBytes));
    expect(plan.histories.map(({ name }) => name)).toEqual(['00000002.history']);
  });

  it('excludes timelines of other servers', () => {
    const keys = [segmentName(1, 2, segmentBytes), '00000007.history'];
    const plan = planLog(archive(...keys), histories({ '00000007.history': '6\t0/4800000\tx\n' }), from);
    expect(plan.newest.timeline).toBe(1);
  });

  it('is refused when the server would stop at a missing history file', () => {
    const texts = histories({ '00000003.history': '1\t0/4800000\tx\n2\t0/5800000\tx\n' });
    const keys = [2, 3, 4, 5, 6].map((number) => segmentName(1, number, segmentBytes));
    const of = archive(...keys, segmentName(3, 5, segmentBytes), '00000003.history');
    expect(() => planLog(of, texts, from)).toThrow(
      expect.objectContaining({
        code: 'log-incomplete',
        message: '/wal holds 00000003.history, but not 00000002.history',
        hint: expect.stringMatching(/^Archive all `\.history` files/),
      }),
    );
    const later = { ...from, timeline: 2, startSegment: segmentName(2, 5, segmentBytes) };
    expect(planLog(of, texts, later).newest.timeline).toBe(3); // history files of the backup’s own timeline and earlier ones are not looked for
  });

  it('is refused when the history of a newer timeline lists nothing', () => {
    const of = archive(segmentName(1, 2, segmentBytes), segmentName(2, 3, segmentBytes), '00000002.history');
    for (const [text, end] of [
      ['', ': it is empty'],
      ['\0\0', ''],
    ] as const)
      expect(() => planLog(of, histories({ '00000002.history': text }), from)).toThrow(
        expect.objectContaining({
          ...{ code: 'log-damaged', hint: expect.stringMatching(/`pg_wal` usually has one/) },
          message: `00000002.history in /wal does not say which timeline it left${end}`,
        }),
      );
  });

  it('excludes timelines that branched off before the backup in a recovery to its end', () => {
    const keys = [
      ...[5, 6].map((number) => segmentName(1, number, segmentBytes)),
      segmentName(2, 4, segmentBytes),
      '00000002.history',
    ];
    const texts = histories({ '00000002.history': '1\t0/4800000\tx\n' });
    const start = { ...from, startSegment: segmentName(1, 5, segmentBytes) };
    const plan = planLog(archive(...keys), texts, { ...start, notLeftBefore: '0/5000028' });
    expect(plan.segments.map(({ timeline, number }) => `${timeline}/${number}`)).toEqual(['1/5', '1/6']);
    expect(plan.histories).toEqual([]);
    expect(planLog(archive(...keys), texts, { ...from, notLeftBefore: '0/4000028' }).newest.timeline).toBe(2);
  });

  it('is refused when the newest timeline branched off before the backup began', () => {
    const keys = [segmentName(1, 5, segmentBytes), segmentName(2, 4, segmentBytes), '00000002.history'];
    const start = { ...from, startSegment: segmentName(1, 5, segmentBytes) };
    expect(() => planLog(archive(...keys), histories({ '00000002.history': '1\t0/4800000\tx\n' }), start)).toThrow(
      expect.objectContaining({
        code: 'restore-failed',
        message: 'the newest timeline in /wal, 2, left the backup’s, 1, before the backup began',
        hint: expect.stringMatching(/older backup|after the failover/),
      }),
    );
  });

  it.each([
    [
      'without anything after the backup',
      [segmentName(1, 1, segmentBytes)],
      /holds nothing of the log from/,
      /archive_command/,
    ],
    [
      'with a timeline that has no history',
      [segmentName(1, 2, segmentBytes), segmentName(2, 3, segmentBytes)],
      /but not 00000002\.history/,
      /Archive `\.history` files too/,
    ],
  ])('cannot be determined for an archive %s', (_what, keys, message, hint) => {
    expect(() => planLog(archive(...keys), new Map(), from)).toThrow(
      expect.objectContaining({
        ...{ code: 'log-incomplete', message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
      }),
    );
  });
});

describe('a segment', () => {
  const expected = { timeline: 2, number: 3, segmentBytes: MIB, system: 77n };

  it('matches its name', () => {
    expect(segmentBytesIn(segment())).toBe(MIB);
    expect(explainSegment(segment(), expected)).toBeUndefined();
    expect(explainSegment(segment({ timeline: 1 }), expected)).toBeUndefined();
  });

  it.each([
    ['a short one', segment().subarray(0, MIB - 1), /has 1048575 bytes/],
    ['zeros', Buffer.alloc(MIB), /does not begin like a log segment/],
    ['another cluster’s', segment({ system: 78n }), /another database cluster/],
    ['another position’s', segment({ number: 4 }), /another part of the log/],
    ['a later timeline’s', segment({ timeline: 3 }), /on timeline 3/],
  ])('does not match its name if it is %s', (_what, bytes, message) => {
    expect(explainSegment(bytes, expected)).toMatch(message);
  });
});

function segment({ timeline = 2, number = 3, system = 77n } = {}): Buffer {
  const bytes = Buffer.alloc(MIB);
  bytes.writeUInt16LE(0xd116, 0);
  bytes.writeUInt16LE(0x0002, 2);
  bytes.writeUInt32LE(timeline, 4);
  bytes.writeBigUInt64LE(BigInt(number * MIB), 8);
  bytes.writeBigUInt64LE(system, 24);
  bytes.writeUInt32LE(MIB, 32);
  return bytes;
}
