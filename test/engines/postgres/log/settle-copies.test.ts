import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { LogArchive } from '../../../../src/engines/format.ts';
import { settleCopies } from '../../../../src/engines/postgres/log/settle-copies.ts';

const never = new AbortController().signal;
const SEGMENT = '000000010000000000000003';
const OTHER = '000000010000000000000004';

function archiveOf(contents: Readonly<Record<string, string>>): LogArchive {
  const read: LogArchive['read'] = async ({ key }) => Buffer.from(contents[key] ?? '');
  return {
    description: 's3://wal/',
    files: Object.keys(contents).map((key) => ({ key, sizeBytes: 1 })),
    read,
    stream: async (file, signal) => Readable.from([await read(file, signal)]),
  };
}

it.each([
  [{ [`${SEGMENT}.gz`]: 'log', [SEGMENT]: 'log', [OTHER]: 'more' }],
  [{ [`a/${SEGMENT}`]: 'log', [`b/${SEGMENT}`]: 'log', [OTHER]: 'more', 'b/readme.txt': 'x' }],
])('copies of a segment with the same content are treated as one: %j', async (contents) => {
  const archive = settleCopies(archiveOf(contents));
  const segments = archive.files.filter(({ key }) => /[0-9A-F]{24}/.test(key));
  expect(segments).toHaveLength(2);
  for (const file of segments) {
    const expected = file.key.includes(SEGMENT) ? 'log' : 'more';
    expect((await archive.read(file, never)).toString()).toBe(expected);
    const stream = await archive.stream?.(file, never);
    expect(stream && (await buffer(stream)).toString()).toBe(expected);
  }
});

it('copies of a segment with different content are refused, however they are read', async () => {
  const archive = settleCopies(archiveOf({ [`a/${SEGMENT}`]: 'log', [`b/${SEGMENT}`]: 'another', [OTHER]: 'more' }));
  const [file] = archive.files;
  if (!file) throw new Error('no file');
  const refused = {
    code: 'log-damaged',
    message: `s3://wal/ holds two files that differ for ${SEGMENT}: a/${SEGMENT} and b/${SEGMENT}`,
    hint: expect.stringMatching(/find out which is right/),
  };
  await expect(archive.read(file, never)).rejects.toMatchObject(refused);
  await expect(archive.stream?.(file, never).then(buffer)).rejects.toMatchObject(refused);
});

it('at most two of a hundred copies are open at once, and none is read beyond the end of the other', async () => {
  const counts = { open: 0, most: 0, pieces: 0 };
  const endless = `z/${OTHER}`;
  const copies = Array.from({ length: 100 }, (_, index) => `${String(index).padStart(3, '0')}/${SEGMENT}`);
  const stream: LogArchive['stream'] = async ({ key }) => {
    counts.open += 1;
    counts.most = Math.max(counts.most, counts.open);
    const pieces = function* () {
      for (let left = key === endless ? 1_000_000 : 3; left > 0; left -= 1) {
        counts.pieces += 1;
        yield Buffer.from('log');
      }
    };
    return Readable.from(pieces(), { objectMode: false }).on('close', () => {
      counts.open -= 1;
    });
  };
  const keys = [...copies, endless, `zz/${OTHER}`];
  const files = keys.map((key) => ({ key, sizeBytes: 1 }));
  const archive = settleCopies({ ...archiveOf({}), files, stream });
  const [segment, other] = archive.files;
  if (!segment || !other) throw new Error('no files');
  expect((await archive.read(segment, never)).toString()).toBe('logloglog');
  expect([counts.most <= 2, counts.pieces]).toEqual([true, 300]);
  await expect(archive.read(other, never)).rejects.toMatchObject({ code: 'log-damaged' });
  expect(counts.pieces).toBeLessThan(1_000);
});

it('an archive without copies is unchanged', () => {
  const archive = archiveOf({ [SEGMENT]: 'log', 'other.txt': 'x', 'another.txt': 'x' });
  expect(settleCopies(archive)).toBe(archive);
});
