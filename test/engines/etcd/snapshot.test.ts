import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBoltHeader } from '../../../src/engines/etcd/bolt/header.ts';
import { judgeKeyspace } from '../../../src/engines/etcd/formats/snapshot/judge-keyspace.ts';
import { SnapshotWatch } from '../../../src/engines/etcd/formats/snapshot/snapshot-watch.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { combineCrc32c, crc32c } from '../../../src/support/crc32c.ts';
import { bytesContent } from '../../support/fake-content.ts';

/** Written by etcd 3.5.16. What is expected of them is what it answered then: `get '' --prefix --count-only` and `endpoint hashkv`. */
const WHOLE = gunzipSync(readFileSync(join(import.meta.dirname, '../../../drills/shop-etcd/snapshot.db.gz')));
const COMPACTED = gunzipSync(readFileSync(join(import.meta.dirname, 'compacted.db.gz')));

async function watch(bytes: Buffer, size = bytes.length): Promise<SnapshotWatch> {
  const header = readBoltHeader(bytes);
  if (!header) throw new Error('not a bbolt file');
  const watched = new SnapshotWatch('s.db', header);
  const pieces = Array.from({ length: Math.ceil(size / 5000) }, (_, n) =>
    bytes.subarray(n * 5000, Math.min(size, (n + 1) * 5000)),
  );
  await pipeline(Readable.from(pieces), watched.resume());
  return watched;
}

describe('a snapshot of etcd', () => {
  it('has the keys, revision and hash that its server had', async () => {
    expect((await watch(WHOLE)).keyspace()).toEqual({
      revision: 11,
      keys: 302,
      hash: 100_033_284,
      clusterVersion: '3.5',
    });
  });

  it('has them after old revisions were compacted away, and with a value that is longer than a page', async () => {
    expect((await watch(COMPACTED)).keyspace()).toEqual({
      revision: 14,
      keys: 302,
      hash: 2_958_494_355,
      clusterVersion: '3.5',
    });
  });

  it('is verified to its end', async () => {
    expect((await watch(WHOLE)).hasChecksum).toBe(true);
    const flipped = Buffer.from(WHOLE);
    flipped[20_000] = (flipped[20_000] ?? 0) ^ 1;
    await expect(watch(flipped)).rejects.toMatchObject({ code: 'backup-corrupt' });
    await expect(watch(WHOLE, WHOLE.length - 1)).rejects.toMatchObject({ code: 'backup-truncated' });
    await expect(watch(WHOLE, 20_480)).rejects.toMatchObject({ code: 'backup-truncated' });
    await expect(watch(Buffer.concat([WHOLE, Buffer.from('\n')]))).rejects.toMatchObject({ code: 'backup-corrupt' });
  });

  it('without its checksum is a copy of a server’s file', async () => {
    const copy = await watch(WHOLE.subarray(0, -32));
    expect(copy.hasChecksum).toBe(false);
    expect(copy.keyspace()?.keys).toBe(302);
  });

  it('is not read where pages are damaged that its trees need', async () => {
    const damaged = Buffer.from(WHOLE.subarray(0, -32));
    damaged.fill(0xff, 8192);
    expect((await watch(damaged)).keyspace()).toBeUndefined();
  });

  it('that is cut is refused before there is a sandbox', async () => {
    const inspect = engineOf('etcd').inspect(
      bytesContent(WHOLE.subarray(0, 30_000), 's.db'),
      new AbortController().signal,
    );
    await expect(inspect).rejects.toMatchObject({ code: 'backup-truncated' });
  });
});

describe('what a restored server answers', () => {
  const stored = { revision: 11, keys: 302, hash: 7, clusterVersion: '3.5' };
  const judge = (served: object, of: typeof stored | undefined = stored) =>
    judgeKeyspace('s.db', of, { revision: 11, keys: 302, hash: 7, ...served });

  it('must be what the snapshot has', () => {
    expect(judge({})).toEqual([]);
    expect(() => judge({ keys: 301 })).toThrow(/301 keys at revision 11; s.db has 302/);
    expect(() => judge({ hash: 8 })).toThrow(/has the hash 8; that of s.db is 7/);
    expect(() => judge({ keys: 0 })).toThrow(/without a single key/);
  });

  it('is taken with a warning where it cannot be compared', () => {
    expect(judge({ hash: undefined })).toHaveLength(1);
    expect(judgeKeyspace('s.db', undefined, { revision: 11, keys: 302, hash: 7 })).toHaveLength(1);
  });
});

describe('CRC-32C', () => {
  it('is that of the standard, and of two pieces put together', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283);
    for (const cut of [0, 1, 300, 4095, WHOLE.length]) {
      const second = WHOLE.subarray(cut);
      expect(combineCrc32c(crc32c(WHOLE.subarray(0, cut)), crc32c(second), second.length)).toBe(crc32c(WHOLE));
    }
  });
});
