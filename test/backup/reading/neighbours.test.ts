import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { neighboursOf } from '../../../src/backup/reading/neighbours.ts';
import type { Backup, BackupSource } from '../../../src/backup/source.ts';
import { zipOf } from '../archive/zip-files.ts';

const never = new AbortController().signal;

function beside(key: string, files: Readonly<Record<string, Buffer>>, meter = { bytesRead: 0 }) {
  const objects = Object.entries(files).map(([name, bytes]) => ({
    key: name,
    sizeBytes: bytes.length,
    modifiedAt: new Date(0),
    etag: name,
  }));
  const source = {
    read: async (object, { start, end }) => Readable.from([files[object.key]?.subarray(start, end) ?? Buffer.alloc(0)]),
  } satisfies Partial<BackupSource> as unknown as BackupSource;
  const backup: Backup = { kind: 'object', key, objects: [], sizeBytes: 1, takenAt: new Date(0), takenAtFrom: 'name' };
  return neighboursOf({ source, backup, objects, keys: NO_KEYS, meter });
}

describe('a file beside a backup', () => {
  it('is read by its name', async () => {
    const files = { 'db/a.dump.x.json': Buffer.from('{}'), 'db/a.dump.x.json.bak': Buffer.from('no') };
    const neighbours = beside('db/a.dump', files);
    expect(neighbours.name).toBe('a.dump');
    expect(await neighbours.read('a.dump.x.json', 100, never)).toEqual({
      key: 'db/a.dump.x.json',
      content: Buffer.from('{}'),
    });
    expect(await neighbours.read('other.json', 100, never)).toBeUndefined();
  });

  it('also belongs to a directory of that name', () => {
    expect(beside('db/a/', {}).name).toBe('a');
  });

  it('may be compressed', async () => {
    const neighbours = beside('a.dump', { 'a.dump.x.json.gz': gzipSync('{"a":1}') });
    expect((await neighbours.read('a.dump.x.json', 100, never))?.content.toString()).toBe('{"a":1}');
  });

  it('counts as read, in its stored size', async () => {
    const meter = { bytesRead: 7 };
    const stored = gzipSync('{"a":1}');
    await beside('a.dump', { 'a.dump.x.json.gz': stored }, meter).read('a.dump.x.json', 100, never);
    expect(meter.bytesRead).toBe(7 + stored.length);
  });

  it('may be in a zip archive', async () => {
    const zip = zipOf([{ name: 'a.dump.x.json', content: Buffer.from('{"a":1}') }]);
    const neighbours = beside('a.dump', { 'a.dump.x.json.zip': zip });
    expect((await neighbours.read('a.dump.x.json', 1000, never))?.content.toString()).toBe('{"a":1}');
  });

  it.each([
    ['stored', { m: Buffer.alloc(101) }],
    ['unpacked', { 'm.gz': gzipSync(Buffer.alloc(10_000)) }],
  ])('is refused when it is too large, %s', async (_how, files) => {
    const error = expect.objectContaining({
      code: 'manifest-unusable',
      message: expect.stringContaining('larger than 100 B'),
    });
    await expect(beside('a.dump', files).read('m', 100, never)).rejects.toThrow(error);
  });
});
