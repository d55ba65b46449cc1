import { describe, expect, it } from 'vitest';
import {
  endsWithEnd,
  filesAtEnd,
  isStream,
  MbstreamReader,
  namesInStream,
} from '../../../../src/engines/mysql/xbstream/mbstream.ts';
import { ended, sparse, streamed, streamOf } from './make-stream.ts';

const FILES = [
  streamed('ibdata1', 'x'.repeat(500), 200),
  streamed('mysql/slow_log.CSV'),
  streamed('shop/orders@002dold#P#p0.ibd', 'pages'),
  streamed('mariadb_backup_info', 'server_version = 11.8.9-MariaDB\n'),
];
const WHOLE = Buffer.concat(FILES);

function read(bytes: Buffer, pieceBytes: number): MbstreamReader {
  const reader = new MbstreamReader((name) => name === 'mariadb_backup_info');
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  reader.end();
  return reader;
}

function chunksOf(stream: Buffer): readonly Buffer[] {
  const starts = [...stream.toString('latin1').matchAll(/XBSTCK01/g)].map(({ index }) => index);
  return starts.map((start, index) => stream.subarray(start, starts[index + 1]));
}

function changed(at: number, mask = 1): Buffer {
  const bytes = Buffer.from(WHOLE);
  bytes[at] = (bytes[at] ?? 0) ^ mask;
  return bytes;
}

describe('MbstreamReader', () => {
  it.each([1, 7, 13, 64, 4096])('reads a stream in chunks of %i bytes', (pieceBytes) => {
    const reader = read(WHOLE, pieceBytes);
    expect(reader.fault).toBeUndefined();
    expect(reader.names).toEqual([
      'ibdata1',
      'mysql/slow_log.CSV',
      'shop/orders@002dold#P#p0.ibd',
      'mariadb_backup_info',
    ]);
    expect(reader.files.map(({ bytes }) => bytes.toString())).toEqual(['server_version = 11.8.9-MariaDB\n']);
  });

  it.each([1, 7, 64, 4096])('reads files with holes in chunks of %i bytes', (pieceBytes) => {
    const name = 'shop/packed.ibd';
    const bytes = Buffer.from('page one, page two');
    const holes = [
      [0, 8],
      [4088, 10],
      [4086, 0],
    ] as const;
    const next = sparse(name, Buffer.from('page three'), 8 + 4088 + 10 + 4086, [[0, 10]]);
    const whole = Buffer.concat([sparse(name, bytes, 0, holes), next, ended(name), streamed('xtrabackup_info', 'x')]);
    expect(read(whole, pieceBytes)).toMatchObject({ fault: undefined, names: [name, 'xtrabackup_info'] });
    const lacking = Buffer.concat([sparse(name, bytes, 0, holes), sparse(name, bytes, 18, []), ended(name)]);
    expect(read(lacking, pieceBytes).fault).toMatchObject({
      kind: 'damaged',
      what: expect.stringMatching(/lacks a part/),
    });
    expect(read(whole.subarray(0, 70), pieceBytes).fault).toMatchObject({ kind: 'cut' });
  });

  it('reads files in turns, as `--parallel` writes them', () => {
    const [first, second] = ['shop/a.ibd', 'shop/b.ibd'].map((name) => chunksOf(streamed(name, 'x'.repeat(500), 200)));
    const inTurns = (first ?? []).flatMap((chunk, index) => [chunk, ...(second ?? []).slice(index, index + 1)]);
    expect(read(Buffer.concat(inTurns), 99)).toMatchObject({ fault: undefined, names: ['shop/a.ibd', 'shop/b.ibd'] });
    expect(read(Buffer.concat(inTurns.toSpliced(2, 1)), 99).fault).toMatchObject({
      what: 'lacks a part of shop/a.ibd, from byte 200 to 400',
    });
  });

  it('detects every truncation, except between two files', () => {
    const ends = new Set<number>([0]);
    for (let at = 0; at < WHOLE.length; at += 1)
      if (!new MbstreamReader().push(WHOLE.subarray(0, at)) && !read(WHOLE.subarray(0, at), at).fault) ends.add(at);
    const lengths = FILES.map(({ length }) => length);
    const between = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
    expect([...ends]).toEqual(between);
    expect(read(WHOLE.subarray(0, 300), 64).fault).toMatchObject({ kind: 'cut' });
  });

  it('detects every flipped bit, except where it only changes the name of a file', () => {
    const names = read(WHOLE, 4096).names.join();
    for (let at = 0; at < WHOLE.length; at += 1) {
      const isFlags = WHOLE.toString('latin1', at - 8, at) === 'XBSTCK01'; // flags are not checked
      const reader = read(changed(at), 4096);
      expect(isFlags || reader.fault !== undefined || reader.names.join() !== names, `byte ${at}`).toBe(true);
    }
  });

  it.each(['../evil', '/etc/passwd', 'a/../../evil', './ok', 'a//b', 'a b', 'a\nb', '..'])(
    'refuses the name %j',
    (name) => {
      expect(read(streamed(name, 'x'), 4096).fault).toMatchObject({ kind: 'hostile' });
    },
  );

  it('refuses a duplicate file, and a file with a missing part', () => {
    expect(read(Buffer.concat([streamed('a', 'x'), streamed('a', 'x')]), 99).fault).toMatchObject({ kind: 'damaged' });
    const inParts = streamed('ibdata1', 'x'.repeat(500), 200);
    const part = inParts.indexOf(Buffer.from('XBSTCK01'), 1);
    const next = inParts.indexOf(Buffer.from('XBSTCK01'), part + 1);
    expect(read(Buffer.concat([inParts.subarray(0, part), inParts.subarray(next)]), 99).fault).toMatchObject({
      kind: 'damaged',
      what: 'lacks a part of ibdata1, from byte 200 to 400',
    });
  });
});

describe('the end of a stream', () => {
  const wants = (name: string) => name === 'mariadb_backup_info';

  it('yields its last files, wherever the excerpt begins', () => {
    for (const from of [0, 100, 300, 640])
      expect(filesAtEnd(WHOLE.subarray(from), wants)?.map(({ name }) => name)).toEqual(['mariadb_backup_info']);
    expect(endsWithEnd(WHOLE.subarray(-100))).toBe(true);
  });

  it('yields no files when the stream was truncated', () => {
    expect(filesAtEnd(WHOLE.subarray(100, -5), wants)).toBeUndefined();
    expect(endsWithEnd(WHOLE.subarray(100, -5))).toBe(false);
  });
});

it('reads names from the start of a stream, and recognises only streams', () => {
  expect(namesInStream(streamOf({ aria_log_control: 'x', ibdata1: 'y'.repeat(100) }).subarray(0, 150))).toEqual([
    'aria_log_control',
    'ibdata1',
  ]);
  expect(isStream(Buffer.concat([Buffer.from('XBSTCK01'), Buffer.alloc(100)]))).toBe(false);
  expect(isStream(Buffer.from('XBSTCK'))).toBe(false);
});
