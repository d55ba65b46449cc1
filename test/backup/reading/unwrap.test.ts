import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { age } from '../../../src/backup/decryption/age/age.ts';
import { describeLayers, NO_KEYS } from '../../../src/backup/layer.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import type { Backup, StoredObject } from '../../../src/backup/source.ts';
import { failure, never } from '../../contracts/source-contract.ts';
import { ageFor, ageWith, armored, newPair, type Pair, ringOf } from '../decryption/age/age-files.ts';
import { memorySource } from '../memory-source.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await newPair();
});

function backupOf(object: StoredObject): Backup {
  const { key, sizeBytes } = object;
  return { kind: 'object', key, objects: [object], sizeBytes, takenAt: new Date(0), takenAtFrom: 'modified' };
}

async function open(stored: Buffer, keys = ringOf(pair.identity, 'correct horse')) {
  const { source, object } = memorySource(stored);
  const content = await openContent(source, backupOf(object), never(), keys);
  if (content.kind !== 'object') throw new Error('expected an object');
  return content;
}

const inAge = (content: Buffer) => ageFor([pair.recipient], content);

describe('a backup in several layers', () => {
  const body = randomBytes(1_500_000);

  it.each<[string, (content: Buffer) => Promise<Buffer>]>([
    ['age', inAge],
    ['age around zstd', (content) => inAge(zstdCompressSync(content))],
    ['gzip around age', async (content) => gzipSync(await inAge(content))],
    ['zstd around age around gzip', async (content) => zstdCompressSync(armored(await inAge(gzipSync(content))))],
    ['age around age', async (content) => inAge(await ageWith('correct horse', content))],
    [
      'age around gzip around age around zstd',
      async (content) => inAge(gzipSync(await inAge(zstdCompressSync(content)))),
    ],
  ])('is unwrapped on every read, and says so: %s', async (layers, wrap) => {
    const content = await open(await wrap(body));
    expect(describeLayers(content.layers)).toBe(` (${layers})`);
    expect(content.head.equals(body.subarray(0, 2 ** 20))).toBe(true);
    for (let time = 0; time < 2; time += 1) expect((await buffer(content.stream(never()))).equals(body)).toBe(true);
  });

  it('is refused with more than two layers of a kind', async () => {
    const thrice = await inAge(await inAge(await inAge(Buffer.from('rows'))));
    const error = await failure(open(thrice));
    expect([error.code, error.message]).toEqual([
      'format-unsupported',
      'a.dump is encrypted more than twice (age around age around more)',
    ]);
    const apart = await failure(open(gzipSync(await inAge(gzipSync(gzipSync('rows'))))));
    expect(apart.message).toBe('a.dump is compressed more than twice (gzip around age around gzip around more)');
  });

  it('is backup-empty when its innermost layer is empty', async () => {
    for (const stored of [await inAge(Buffer.alloc(0)), await inAge(gzipSync(''))])
      expect((await failure(open(stored))).code).toBe('backup-empty');
  });

  it('is backup-encrypted, with where to set the key, when the drill names no key', async () => {
    for (const stored of [await inAge(body), gzipSync(await inAge(body)), armored(await inAge(body))]) {
      const error = await failure(open(stored, NO_KEYS));
      expect(error.code).toBe('backup-encrypted');
      expect(error.hint).toContain('backup.keys');
    }
  });

  it('does not need the keys of a drill when it is not encrypted', async () => {
    const keys = { isEmpty: false, read: () => Promise.reject(new Error('was read')), noteUse: () => undefined };
    expect((await open(gzipSync(body), keys)).layers).toEqual(['gzip']);
  });

  it('reports damage in the middle to the reader, and never ends early', async () => {
    const stored = await inAge(zstdCompressSync(body));
    stored.writeUInt8((stored[1_300_000] ?? 0) ^ 1, 1_300_000);
    const cut = (await inAge(body)).subarray(0, -20);
    for (const [bytes, code] of [
      [stored, 'backup-corrupt'],
      [cut, 'backup-truncated'],
    ] as const) {
      const outcome = open(bytes).then((content) => buffer(content.stream(never())));
      expect((await failure(outcome)).code).toBe(code);
    }
  });

  it('is unwrapped in a directory, member by member', async () => {
    const { source, object } = memorySource(await inAge(gzipSync('rows')));
    const backup: Backup = { ...backupOf({ ...object, key: 'shop/a.sql' }), kind: 'directory', key: 'shop/' };
    const content = await openContent(source, backup, never(), ringOf(pair.identity));
    if (content.kind !== 'directory') throw new Error('expected a directory');
    expect((await buffer(await content.streamUnwrapped('a.sql', never()))).toString()).toBe('rows');
  });

  it('releases a member that it cannot unwrap', async () => {
    const { source, object } = memorySource(await inAge(randomBytes(30_000_000)));
    const backup: Backup = { ...backupOf({ ...object, key: 'shop/a.sql' }), kind: 'directory', key: 'shop/' };
    const locked = await openContent(source, backup, never());
    if (locked.kind !== 'directory') throw new Error('expected a directory');
    const { signal } = new AbortController();
    const error = await failure(locked.streamUnwrapped('a.sql', signal));
    expect([error.code, error.message]).toEqual(['backup-encrypted', 'shop/a.sql is encrypted with age']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

it('buffers a bounded part of a large age file while its reader is slow', async () => {
  const chunk = await ageFor([pair.recipient], Buffer.alloc(64 * 2 ** 20));
  let given = 0;
  const input = new Readable({
    read() {
      this.push(given < chunk.length ? chunk.subarray(given, given + 65_536) : null);
      given += 65_536;
    },
  });
  const stream = age.open(input, { key: 'a.age', keys: ringOf(pair.identity) });
  let taken = 0;
  for await (const piece of stream) {
    taken += (piece as Buffer).length;
    expect(given - taken).toBeLessThan(4 * 2 ** 20);
  }
  expect(taken).toBe(64 * 2 ** 20);
});
