import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ObjectContent } from '../../../src/backup/content.ts';
import { HEAD_BYTES, openContent } from '../../../src/backup/reading/open-content.ts';
import type { Backup, BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { failure, must, never } from '../../contracts/source-contract.ts';
import { memorySource } from '../memory-source.ts';

function backupOf(object: StoredObject): Backup {
  const { key, sizeBytes } = object;
  return { kind: 'object', key, objects: [object], sizeBytes, takenAt: new Date(0), takenAtFrom: 'modified' };
}

async function open(source: BackupSource, object: StoredObject): Promise<ObjectContent> {
  const content = await openContent(source, backupOf(object), never());
  if (content.kind !== 'object') throw new Error('expected an object');
  return content;
}

describe('an opened backup', () => {
  it('shows its head and replays it with a single request', async () => {
    const body = randomBytes(2_000_000);
    const { source, object, reads } = memorySource(body);
    const content = await open(source, object);
    expect(content.layers).toEqual([]);
    expect(content.head.equals(body.subarray(0, HEAD_BYTES))).toBe(true);
    expect((await buffer(content.stream(never()))).equals(body)).toBe(true);
    expect(reads).toHaveLength(1);
    expect(content.meter.bytesRead).toBe(body.length);
  });

  it('can be read again from its first byte', async () => {
    const body = randomBytes(2_000_000);
    const stored = gzipSync(body);
    const { source, object } = memorySource(stored);
    const content = await open(source, object);
    for (let time = 0; time < 3; time += 1) {
      expect((await buffer(content.stream(never()))).equals(body)).toBe(true);
      const { bytesRead, bytesBefore = 0 } = content.meter;
      expect([bytesRead, bytesRead - bytesBefore]).toEqual([(time + 1) * stored.length, stored.length]);
    }
  });

  it.each([1, 9, 10, 11, 1000, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1])(
    'of %i bytes is read completely',
    async (size) => {
      const body = randomBytes(size);
      for (const stored of [body, zstdCompressSync(body)]) {
        const { source, object } = memorySource(stored);
        const content = await open(source, object);
        expect(content.head.equals(body.subarray(0, HEAD_BYTES))).toBe(true);
        expect((await buffer(content.stream(never()))).equals(body)).toBe(true);
      }
    },
  );

  it('may be compressed twice, but no more', async () => {
    const body = randomBytes(2_000_000);
    for (const stored of [gzipSync(gzipSync(body)), gzipSync(zstdCompressSync(body))]) {
      const { source, object } = memorySource(stored);
      const content = await open(source, object);
      expect(content.head.equals(body.subarray(0, HEAD_BYTES))).toBe(true);
      for (let time = 0; time < 2; time += 1) expect((await buffer(content.stream(never()))).equals(body)).toBe(true);
    }
    const thrice = memorySource(gzipSync(gzipSync(gzipSync(body))));
    expect((await failure(open(thrice.source, thrice.object))).code).toBe('format-unsupported');
    const cut = gzipSync(gzipSync(body).subarray(0, 1_500_000));
    const { source, object } = memorySource(cut);
    expect((await failure(buffer((await open(source, object)).stream(never())))).code).toBe('backup-truncated');
  });

  it('reads ahead while idle, and releases its source when closed', async () => {
    const { source, object, openStreams } = memorySource(randomBytes(40_000_000));
    const content = await open(source, object);
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(content.meter.bytesRead).toBeGreaterThan(8_000_000);
    expect(content.meter.bytesRead).toBeLessThan(20_000_000);
    content.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(openStreams()).toBe(0);
  });

  it('is backup-empty when it holds nothing, even inside a compressed file', async () => {
    for (const stored of [Buffer.alloc(0), gzipSync('')]) {
      const { source, object } = memorySource(stored);
      const error = await failure(open(source, object));
      expect(error.code).toBe('backup-empty');
      expect(error.message).toContain('a.dump');
    }
  });

  it('reports an error from reading ahead to the consumer of the stream', async () => {
    const { source, object } = memorySource(randomBytes(30_000_000), {
      beforeRead: async ({ start }) => {
        if (start > 0) await new Promise((resolve) => setImmediate(resolve));
        if (start > 0) throw new DrillError('backup-changed', 'replaced');
      },
    });
    const content = await open(source, object).catch((error: unknown) => error as DrillError);
    const error = content instanceof Error ? content : await failure(buffer(content.stream(never())));
    expect(error.code).toBe('backup-changed');
  });

  it('stops when its signal aborts', async () => {
    const { source, object, openStreams } = memorySource(randomBytes(30_000_000));
    const content = await open(source, object);
    const abort = new AbortController();
    const stream = content.stream(abort.signal);
    abort.abort(new Error('stopped by the test'));
    await expect(buffer(stream)).rejects.toThrow('stopped by the test');
    expect(openStreams()).toBe(0);
  });

  it('does not hang on opening when the signal aborts', async () => {
    const { source, object, openStreams } = memorySource(randomBytes(1000), { stall: true });
    const abort = new AbortController();
    const opening = openContent(source, backupOf(object), abort.signal);
    setImmediate(() => abort.abort(new Error('stopped by the test')));
    await expect(opening).rejects.toThrow('stopped by the test');
    expect(openStreams()).toBe(0);
  });

  it('of the directory kind returns its members both as stored and decompressed', async () => {
    const stored = gzipSync('rows');
    const { source, object } = memorySource(stored);
    const member = { ...object, key: 'orders-1/3001.dat.gz' };
    const backup: Backup = { ...backupOf(member), kind: 'directory', key: 'orders-1/' };
    const content = await openContent(source, backup, never());
    if (content.kind !== 'directory') throw new Error('expected a directory');
    expect([...content.members.keys()]).toEqual(['3001.dat.gz']);
    expect(must(content.members.get('3001.dat.gz')).sizeBytes).toBe(stored.length);
    expect((await buffer(content.stream('3001.dat.gz', never()))).equals(stored)).toBe(true);
    expect((await buffer(await content.streamUnwrapped('3001.dat.gz', never()))).toString()).toBe('rows');
    content.close();
  });
});
