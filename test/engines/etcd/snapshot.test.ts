import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBoltHeader } from '../../../src/engines/etcd/bolt/header.ts';
import { readLeaf } from '../../../src/engines/etcd/bolt/page.ts';
import { PageReader } from '../../../src/engines/etcd/bolt/page-reader.ts';
import { readStoredKeyspace } from '../../../src/engines/etcd/bolt/stored-keyspace.ts';
import { judgeKeyspace } from '../../../src/engines/etcd/formats/snapshot/judge-keyspace.ts';
import { SnapshotWatch } from '../../../src/engines/etcd/formats/snapshot/snapshot-watch.ts';
import { checkCommands } from '../../../src/engines/etcd/server/check-commands.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { combineCrc32c, crc32c } from '../../../src/support/crc32c.ts';
import { bytesContent } from '../../support/fake-content.ts';

/**
 * Written by etcd 3.5.16. The expected values are what it answered: `get '' --prefix --count-only` and `endpoint
 * hashkv`.
 */
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

/** The list of its buckets starts on the page that its header names. */
function withBuckets(names: readonly string[]): Buffer {
  const copy = Buffer.from(WHOLE);
  const header = readBoltHeader(copy);
  const page = (header?.rootPage ?? 0) * (header?.pageSize ?? 0);
  copy.writeUInt16LE(names.length, page + 10);
  let free = 16 + names.length * 16;
  for (const [n, name] of names.entries()) {
    const at = 16 + n * 16;
    for (const [field, value] of [1, free - at, name.length, 16].entries())
      copy.writeUInt32LE(value, page + at + field * 4);
    free += copy.write(name, page + free, 'latin1') + 16;
  }
  return copy;
}

describe('an etcd snapshot', () => {
  it('yields the keys, revision and hash of its server', async () => {
    expect((await watch(WHOLE)).keyspace()).toEqual({
      revision: 11,
      keys: 302,
      hash: 100_033_284,
      clusterVersion: '3.5',
    });
  });

  it('yields its keys after old revisions were compacted, and with a value longer than a page', async () => {
    expect((await watch(COMPACTED)).keyspace()).toEqual({
      revision: 14,
      keys: 302,
      hash: 2_958_494_355,
      clusterVersion: '3.5',
    });
  });

  it('is verified to the last byte', async () => {
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

  it('is not read when pages that its trees need are damaged', async () => {
    const damaged = Buffer.from(WHOLE.subarray(0, -32));
    damaged.fill(0xff, 8192);
    expect((await watch(damaged)).keyspace()).toBeUndefined();
  });

  it.each([
    ['with those of Raft', ['conf', 'logs'], /not an etcd snapshot: it has the buckets "conf", "logs"/],
    ['without any', [], /has no buckets/],
  ])('is distinguished from other bbolt files by its buckets: %s', async (_what, renamed, message) => {
    const other = withBuckets(renamed);
    const inspect = (bytes: Buffer) =>
      engineOf('etcd').inspect(bytesContent(bytes, 'raft.db'), new AbortController().signal);
    await expect(inspect(other)).rejects.toMatchObject({
      code: 'backup-unrecognised',
      message: expect.stringMatching(message),
    });
    expect((await watch(other.subarray(0, -32))).bucketNames()).toEqual(renamed);
    const elsewhere = engineOf('redis').inspect(bytesContent(other, 'raft.db'), new AbortController().signal);
    await expect(elsewhere).rejects.toMatchObject({ code: 'backup-unrecognised' });
  });

  it('that is truncated is refused before a sandbox starts', async () => {
    const inspect = engineOf('etcd').inspect(
      bytesContent(WHOLE.subarray(0, 30_000), 's.db'),
      new AbortController().signal,
    );
    await expect(inspect).rejects.toMatchObject({ code: 'backup-truncated' });
  });
});

describe('pages of a crafted file', () => {
  const SIZE = 4096;
  const BRANCH = 1;
  const LEAF = 2;

  function page(id: number, kind: number, count: number): Buffer {
    const bytes = Buffer.alloc(SIZE);
    bytes.writeBigUInt64LE(BigInt(id), 0);
    bytes.writeUInt16LE(kind, 8);
    bytes.writeUInt16LE(count, 10);
    return bytes;
  }

  function branch(id: number, children: readonly number[]): Buffer {
    const bytes = page(id, BRANCH, children.length);
    for (const [n, child] of children.entries()) bytes.writeBigUInt64LE(BigInt(child), 16 + n * 16 + 8);
    return bytes;
  }

  function leaf(id: number, elements: readonly (readonly [Buffer, Buffer])[], flags = 0): Buffer {
    const bytes = page(id, LEAF, elements.length);
    let free = 16 + elements.length * 16;
    for (const [n, [key, value]] of elements.entries()) {
      const at = 16 + n * 16;
      bytes.writeUInt32LE(flags, at);
      bytes.writeUInt32LE(free - at, at + 4);
      bytes.writeUInt32LE(key.length, at + 8);
      bytes.writeUInt32LE(value.length, at + 12);
      free += key.copy(bytes, free);
      free += value.copy(bytes, free);
    }
    return bytes;
  }

  function revision(main: number): readonly [Buffer, Buffer] {
    const key = Buffer.alloc(17);
    key.writeBigUInt64BE(BigInt(main), 0);
    key[8] = 0x5f;
    return [key, Buffer.from(`\n\x02k${main}`)];
  }

  function bucket(root: number, inline: Buffer = Buffer.alloc(0)): readonly [Buffer, Buffer] {
    const header = Buffer.alloc(16);
    header.writeBigUInt64LE(BigInt(root), 0);
    return [Buffer.from('key'), Buffer.concat([header, inline])];
  }

  function read(...pages: readonly Buffer[]) {
    const reader = new PageReader({ pageSize: SIZE, pages: pages.length, rootPage: 0 });
    for (const bytes of pages) reader.push(bytes);
    return readStoredKeyspace(reader, 0);
  }

  it('are read when they form a tree', () => {
    const keyspace = read(leaf(0, [bucket(1)], 1), branch(1, [2, 3]), leaf(2, [revision(2)]), leaf(3, [revision(3)]));
    expect(keyspace).toMatchObject({ keys: 2, revision: 3 });
  });

  it.each([
    ['a leaf below two branches', [2, 2]],
    ['a branch below itself', [2, 1]],
  ])('are not read with %s, which would never end or count keys twice', (_what, children) => {
    expect(read(leaf(0, [bucket(1)], 1), branch(1, children), leaf(2, [revision(2)]))).toBeUndefined();
  });

  it('are not read when entries share bytes, which would take hours', () => {
    const shared = leaf(2, [revision(2), revision(3)]);
    expect(readLeaf(shared)).toHaveLength(2);
    shared.writeUInt32LE(shared.readUInt32LE(16 + 4) - 16, 32 + 4);
    expect(readLeaf(shared)).toBeUndefined();
  });

  it('are not counted when a bucket for keys holds something else', () => {
    const other = leaf(0, [[Buffer.from('a'), Buffer.from('b')]]).subarray(0, 34);
    expect(read(leaf(0, [bucket(0, other)], 1))).toBeUndefined();
  });

  it('are kept in memory up to a limit, however many there are', () => {
    const reader = new PageReader({ pageSize: SIZE, pages: 9, rootPage: 0 }, 20);
    for (let id = 0; id < 9; id += 1) reader.push(branch(id, [1, 2, 3]));
    expect(reader.isOver).toBe(true);
    expect([4, 8].map((id) => reader.branch(id))).toEqual([[1, 2, 3], undefined]);
  });
});

describe('the revision, keys and hash of a restored server', () => {
  const stored = { revision: 11, keys: 302, hash: 7, clusterVersion: '3.5' };
  const judge = (served: object, of: typeof stored | undefined = stored) =>
    judgeKeyspace('s.db', of, { revision: 11, keys: 302, hash: 7, ...served });

  it('must match the snapshot', () => {
    expect(judge({})).toEqual([]);
    expect(() => judge({ keys: 301 })).toThrow(/301 keys at revision 11; s.db has 302/);
    expect(() => judge({ hash: 8 })).toThrow(/has the hash 8; that of s.db is 7/);
    expect(() => judge({ keys: 0 })).toThrow(/but has no keys/);
  });

  it('are accepted with a warning when they cannot be compared', () => {
    expect(judge({ hash: undefined })).toHaveLength(1);
    expect(judgeKeyspace('s.db', undefined, { revision: 11, keys: 302, hash: 7 })).toHaveLength(1);
  });
});

describe('a check of etcd', () => {
  const run = (command: readonly string[], printed = '', stderr = '') => {
    const ran: (readonly string[])[] = [];
    const exec: Sandbox['exec'] = async (argv, { stdout }) => {
      ran.push(argv);
      stdout?.write(printed);
      return { exitCode: stderr === '' ? 0 : 1, stdout: '', stderr };
    };
    const gone = new AbortController().signal;
    const paths = { data: '/d', scratch: '/s', run: '/r' };
    const sandbox = { exec, paths, gone, binDirs: [] } as unknown as Sandbox;
    const access = checkCommands(sandbox, { user: 'check', password: 'p' }, 11);
    return { ran, answer: access.run(command, { maxBytes: 1000, signal: gone }) };
  };

  it('cannot select another server behind an option that takes `--` as its value', async () => {
    const { ran, answer } = run(['get', '--order', '--', '--endpoints=http://elsewhere', 'a']);
    await expect(answer).rejects.toMatchObject({ code: 'check-malformed' });
    expect(ran).toEqual([]);
    await expect(run(['get', '--', '--endpoints']).answer).resolves.toMatchObject({ text: '' });
  });

  it('returns no number of keys when the server printed none', async () => {
    await expect(run(['get', '', '--prefix', '--count-only'], '"Count" : 5\n').answer).resolves.toMatchObject({
      text: '5',
    });
    const { answer } = run(['get', '', '--prefix', '--count-only'], 'something else\n');
    await expect(answer).rejects.toMatchObject({ code: 'server-failed' });
  });

  it.each([
    ['Error: etcdserver: permission denied', 'check-malformed'],
    ['Error: open /drill/data/client:0: permission denied', 'sandbox-refused'],
  ])('that ends with %s is %s', async (stderr, code) => {
    await expect(run(['get', 'a'], '', stderr).answer).rejects.toMatchObject({ code });
  });
});

describe('CRC-32C', () => {
  it('matches the standard, also when combined from two chunks', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283);
    for (const cut of [0, 1, 300, 4095, WHOLE.length]) {
      const second = WHOLE.subarray(cut);
      expect(combineCrc32c(crc32c(WHOLE.subarray(0, cut)), crc32c(second), second.length)).toBe(crc32c(WHOLE));
    }
  });
});
