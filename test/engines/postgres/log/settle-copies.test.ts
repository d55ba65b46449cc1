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
])('copies of a segment with the same content are one: %j', async (contents) => {
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

it('copies of a segment that differ are refused, whichever way they are read', async () => {
  const archive = settleCopies(archiveOf({ [`a/${SEGMENT}`]: 'log', [`b/${SEGMENT}`]: 'another', [OTHER]: 'more' }));
  const [file] = archive.files;
  if (!file) throw new Error('no file');
  const refused = {
    code: 'log-damaged',
    message: `s3://wal/ holds two files that differ for ${SEGMENT}: a/${SEGMENT} and b/${SEGMENT}`,
  };
  await expect(archive.read(file, never)).rejects.toMatchObject(refused);
  await expect(archive.stream?.(file, never).then(buffer)).rejects.toMatchObject(refused);
});

it('an archive without copies is left as it is', () => {
  const archive = archiveOf({ [SEGMENT]: 'log', 'other.txt': 'x', 'another.txt': 'x' });
  expect(settleCopies(archive)).toBe(archive);
});
