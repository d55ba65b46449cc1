import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { readInfoFile } from '../../../../../src/engines/postgres/formats/pgbackrest/info-file.ts';
import { openRepositoryLog } from '../../../../../src/engines/postgres/formats/pgbackrest/repository-log.ts';
import { type Files, FULL, infoFile, openIn, repository, segmentKey } from './fake-repository.ts';

const never = new AbortController().signal;
const SEGMENT = '000000010000000000000003';
const KEY = segmentKey(SEGMENT, Buffer.from(`log ${SEGMENT}`));

function openLog(files: Files, cipherPass?: string) {
  const { inSource: source } = openIn(files, FULL);
  const pass = cipherPass === undefined ? undefined : { cipher: { 'cipher-pass': JSON.stringify(cipherPass) } };
  const reading = readInfoFile(infoFile({ ...pass }));
  if (!source || reading.kind !== 'read') throw new Error('not readable');
  const entry = { root: '', stanza: 'orders', label: FULL };
  return openRepositoryLog(entry, '17-1', { source, archive: reading.sections });
}

describe.each(['read', 'stream'] as const)('through `%s`', (way) => {
  const read = async (files: Files, key = KEY, cipherPass?: string) => {
    const { archive } = openLog(files, cipherPass);
    const file = { key, sizeBytes: 1 };
    if (way === 'read' || !archive.stream) return archive.read(file, never);
    return buffer(await archive.stream(file, never));
  };

  it('a segment is read, decrypted with the key in archive.info', async () => {
    expect(String(await read(repository()))).toBe(`log ${SEGMENT}`);
    expect(String(await read(repository({ cipher: 'p' }), KEY, 'the-sub-key'))).toBe(`log ${SEGMENT}`);
  });

  it('a segment whose content does not match its name is damaged, as is one stored twice', async () => {
    await expect(read({ ...repository(), [KEY]: 'log of something else' })).rejects.toMatchObject({
      code: 'log-damaged',
    });
    const other = segmentKey(SEGMENT, Buffer.from('other'));
    await expect(read({ ...repository(), [other]: 'other' })).rejects.toMatchObject({
      code: 'log-damaged',
      message: `archive/orders/17-1/ holds the segment ${SEGMENT} twice, with different content`,
    });
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -5)],
    ['changed at its end', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -16), Buffer.alloc(16, 7)])],
    ['without its first bytes', (bytes: Buffer) => bytes.subarray(8)],
    ['empty', () => Buffer.alloc(0)],
  ])('an encrypted segment that is %s is damaged, and the key is not blamed', async (_what, change) => {
    const files = repository({ cipher: 'p' });
    const damaged = { ...files, [KEY]: change(Buffer.from(files[KEY] ?? '')) };
    await expect(read(damaged, KEY, 'the-sub-key')).rejects.toMatchObject({ code: 'log-damaged' });
  });

  it('an encrypted segment is damaged when archive.info has no key', async () => {
    await expect(read(repository({ cipher: 'p' }))).rejects.toMatchObject({ code: 'log-damaged' });
  });
});

it('the log excludes files that are not complete segments, and files of other stanzas and clusters', () => {
  const ours = [KEY, 'archive/orders/17-1/00000002.history'];
  const theirs = [
    `archive/orders/17-1/0000000100000000/${SEGMENT}.partial-${'0'.repeat(40)}`,
    `archive/orders/17-1/0000000100000000/${SEGMENT}.00000028.backup`,
    'archive/orders/17-2/00000002.history',
    'archive/orders2/17-1/00000002.history',
    'x/archive/orders/17-1/00000002.history',
  ];
  const files = Object.fromEntries([...ours, ...theirs].map((key) => [key, 'x']));
  expect(openLog(files).archive.files.map(({ key }) => key)).toEqual(ours);
});
