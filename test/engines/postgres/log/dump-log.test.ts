import { describe, expect, it } from 'vitest';
import { explainDump } from '../../../../src/engines/postgres/log/dump-log.ts';
import { unpackLz4, unpackPglz } from '../../../../src/engines/postgres/log/page-image.ts';
import { assembleRecord } from '../../../../src/engines/postgres/log/record-bytes.ts';

const part = { description: '/wal', timeline: 1, segmentBytes: 2 ** 24, startLsn: '0/2000028', endLsn: '0/5000000' };
const explain = (...lines: readonly string[]) => explainDump(`${lines.join('\n')}\n`, part);

describe('the end of pg_waldump', () => {
  it('is not an error at the end of the newest segment', () => {
    expect(explain('ended with 0')).toBeUndefined();
  });

  it.each([
    [
      'a segment is missing',
      'pg_waldump: error: could not find file "000000010000000000000003": No such file or directory',
      'log-incomplete',
      '/wal lacks the segment 000000010000000000000003, and goes on to 000000010000000000000004',
    ],
    [
      'a record is damaged',
      'pg_waldump: error: error in WAL record at 0/2AAE28: incorrect resource manager data checksum in record at 0/30AAE60',
      'log-damaged',
      'the log in /wal cannot be read beyond 0/30AAE60, in 000000010000000000000003, and goes on to 000000010000000000000004',
    ],
    [
      'a page is damaged',
      'pg_waldump: error: error in WAL record at 0/30C4250: invalid magic number 0000 in WAL segment 000000010000000000000003, LSN 0/30C8000, offset 819200',
      'log-damaged',
      /beyond 0\/30C8000, in 000000010000000000000003/,
    ],
    [
      'there is nothing to begin with',
      'pg_waldump: error: could not find a valid record after 0/2000028',
      'log-damaged',
      /beyond 0\/2000028, in 000000010000000000000002/,
    ],
    ['it says something else', 'pg_waldump: fatal: out of memory', 'restore-failed', /exit code 1/],
  ])('is an error when %s', (_what, line, code, message) => {
    expect(explain(line, 'ended with 1')).toMatchObject({
      code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  it('is an error when the program was interrupted', () => {
    expect(explain('pg_waldump: started')).toMatchObject({ code: 'restore-failed' });
  });
});

it('assembles a record that is spread over several pages and segments', () => {
  const page = (first: number, header: number) =>
    Buffer.concat([Buffer.alloc(header, 0xee), Buffer.alloc(8192 - header, first)]);
  const start = 2 * 2 ** 24 - 8192;
  const pages = Buffer.concat([page(1, 24), page(2, 40), page(3, 24)]);
  const lsn = `0/${(start + 8192 - 16).toString(16).toUpperCase()}`;
  const bytes = 16 + (8192 - 40) + 10;
  const record = assembleRecord(pages, start, { lsn, bytes }, 2 ** 24);
  expect([1, 2, 3].map((value) => record?.filter((byte) => byte === value).length)).toEqual([16, 8152, 10]);
  expect(assembleRecord(pages, start, { lsn, bytes: bytes + 8192 }, 2 ** 24)).toBeUndefined();
});

it('unpacks pages compressed by the server', () => {
  // each has three letters, and a repetition that overlaps with itself
  expect(unpackPglz(Buffer.from([0b1000, 97, 98, 99, 0x06, 0x03]), 12).toString()).toBe('abcabcabcabc');
  expect(unpackLz4(Buffer.from([0x35, 97, 98, 99, 3, 0]), 12).toString()).toBe('abcabcabcabc');
  expect(() => unpackPglz(Buffer.from([0b1, 0x06, 0x03]), 12)).toThrow(RangeError);
});
