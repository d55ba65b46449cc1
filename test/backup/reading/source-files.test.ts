import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { withSourceFiles } from '../../../src/backup/reading/source-files.ts';
import type { BackupSource } from '../../../src/backup/source.ts';
import { directoryContent } from '../../support/fake-content.ts';

const never = new AbortController().signal;

const FILES: Readonly<Record<string, Buffer>> = {
  'base/2/data.tar': Buffer.from('own'),
  'base/1/data.tar': Buffer.from('earlier'),
  'wals/1.gz': gzipSync('log'),
  'wals/empty': Buffer.alloc(0),
};

function content(hasCostlyRanges = false) {
  const source = {
    hasCostlyRanges,
    description: '/backups',
    read: async (object, { start, end }) => Readable.from([FILES[object.key]?.subarray(start, end) ?? Buffer.alloc(0)]),
  } satisfies Partial<BackupSource> as unknown as BackupSource;
  const listed = Object.entries(FILES).map(([key, { length }]) => ({
    key,
    sizeBytes: length,
    modifiedAt: new Date(0),
    etag: key,
  }));
  return withSourceFiles(directoryContent({ 'data.tar': 'own' }, 'base/2/'), {
    source,
    listed,
    keys: NO_KEYS,
    layouts: [],
  });
}

it('a format reads another directory of its backup’s source, counted with the backup', async () => {
  const { inSource, meter } = content();
  expect(inSource?.files.map(({ key }) => key)).toEqual(Object.keys(FILES));
  const other = inSource?.openDirectory('base/1/');
  expect([...(other?.members.keys() ?? [])]).toEqual(['data.tar']);
  expect(other && (await text(other.stream('data.tar', never)))).toBe('earlier');
  expect(meter.bytesRead).toBe(7);
  expect(() => inSource?.openDirectory('base/3/')).toThrow(expect.objectContaining({ code: 'backup-corrupt' }));
});

it('a format reads a file of its backup’s source, unwrapped, and none that was not listed', async () => {
  const { inSource } = content();
  const read = async (key: string) => (await inSource?.read({ key, sizeBytes: 0 }, never))?.toString();
  expect(await read('wals/1.gz')).toBe('log');
  expect(await read('wals/empty')).toBe('');
  await expect(read('../etc/passwd')).rejects.toThrow('was not listed');
});

it('a format reads a file of its backup’s source as it is stored, counted with the backup', async () => {
  const { inSource, meter } = content();
  const size = FILES['wals/1.gz']?.length ?? 0;
  const stored = inSource?.stream({ key: 'wals/1.gz', sizeBytes: size }, never);
  expect(stored && (await buffer(stored))).toEqual(FILES['wals/1.gz']);
  expect(meter.bytesRead).toBe(size);
  expect(() => inSource?.stream({ key: 'other', sizeBytes: 1 }, never)).toThrow('was not listed');
});

it('a format reads the end of a file as it is stored, not counted with the backup, unless ranges are costly', async () => {
  const { inSource, meter } = content();
  const file = { key: 'base/1/data.tar', sizeBytes: 7 };
  expect((await inSource?.readRange?.(file, { start: 4, end: 7 }, never))?.toString()).toBe('ier');
  expect(meter.bytesRead).toBe(0);
  expect(content(true).inSource?.readRange).toBeUndefined();
});
