import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type KeyRing, NO_KEYS } from '../../../src/backup/layer.ts';
import { OPENSSL_DEFAULTS } from '../../../src/backup/openssl-spec.ts';
import { openDirectory } from '../../../src/backup/reading/open-directory.ts';
import type { Backup } from '../../../src/backup/source.ts';
import { archive } from '../../../src/engines/postgres/formats/archive/descriptor.ts';
import { failure, never } from '../../contracts/source-contract.ts';
import { ageFor, newPair, type Pair, ringOf } from '../decryption/age/age-files.ts';
import { memorySource } from '../memory-source.ts';

let pair: Pair;
beforeAll(async () => {
  pair = await newPair();
});
const inAge = (content: Buffer) => ageFor([pair.recipient], content);

async function open(files: Readonly<Record<string, Buffer>>, keys: KeyRing = ringOf(pair.identity)) {
  const { source } = memorySource(Buffer.alloc(0));
  const objects = Object.entries(files).map(([name, { length }]) => ({
    key: `night/${name}`,
    sizeBytes: length,
    modifiedAt: new Date(0),
    etag: name,
  }));
  const backup: Backup = {
    kind: 'directory',
    key: 'night/',
    objects,
    sizeBytes: 1,
    takenAt: new Date(0),
    takenAtFrom: 'modified',
  };
  const layouts = [archive.layout ?? []].flat();
  const reading = {
    ...source,
    read: async ({ key }: { readonly key: string }, { start, end }: { readonly start: number; readonly end: number }) =>
      Readable.from([(files[key.slice('night/'.length)] ?? Buffer.alloc(0)).subarray(start, end)]),
  };
  return openDirectory({ source: reading, backup, meter: { bytesRead: 0 }, keys, layouts });
}

describe('a directory whose files a job encrypted', () => {
  it('returns each file as the dump tool wrote it, and says how it was wrapped', async () => {
    const rows = gzipSync(randomBytes(200_000));
    const inside = await inAge(Buffer.from('a large object that is an encrypted file itself'));
    const content = await open({
      'toc.dat.zst.age': await inAge(zstdCompressSync(Buffer.from('the contents'))),
      '1.dat.gz.age': await inAge(rows),
      'blob_2.dat.age': await inAge(inside),
      README: Buffer.from('as it is'),
    });
    expect([...content.members]).toMatchObject([
      ['toc.dat', { exactBytes: undefined }],
      ['1.dat.gz', { exactBytes: undefined }],
      ['blob_2.dat', { exactBytes: undefined }],
      ['README', { exactBytes: 8 }],
    ]);
    expect((await buffer(content.stream('toc.dat', never()))).toString()).toBe('the contents');
    expect(content.layers).toEqual(['age', 'zstd']);
    expect((await buffer(content.stream('1.dat.gz', never()))).equals(rows)).toBe(true);
    expect((await buffer(content.stream('blob_2.dat', never()))).equals(inside)).toBe(true);
    expect((await buffer(content.stream('README', never()))).toString()).toBe('as it is');
    expect((await buffer(await content.streamUnwrapped('toc.dat', never()))).toString()).toBe('the contents');
  });

  it('returns files as stored when the file that marks the directory is not encrypted', async () => {
    const content = await open({
      'toc.dat': Buffer.from('the contents'),
      'toc.dat.asc': Buffer.from('a signature'),
      '1.dat': Buffer.from('rows'),
    });
    expect([...content.members.keys()]).toEqual(['toc.dat', 'toc.dat.asc', '1.dat']);
    expect((await buffer(content.stream('toc.dat', never()))).toString()).toBe('the contents');
  });

  it('blames the key when openssl returns something that is not a table of contents', async () => {
    const random = Buffer.concat([Buffer.from('Salted__'), randomBytes(5000)]);
    for (const cipher of ['aes-256-cbc', 'aes-256-ctr'] as const) {
      const keys = { ...ringOf('wrong'), openssl: { ...OPENSSL_DEFAULTS, cipher, iterations: 2 } };
      const content = await open({ 'toc.dat.enc': random }, keys);
      expect((await failure(buffer(content.stream('toc.dat', never())))).code).toBe('key-wrong');
    }
  });

  it('reports what is wrong with a file, under its stored name', async () => {
    const file = await inAge(randomBytes(1000));
    const damaged = Buffer.from(file);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 500) ^ 1, damaged.length - 500);
    const unlike = Buffer.from(file);
    unlike.writeUInt8(0, 0);
    const files = {
      'toc.dat.age': file,
      '1.dat.age': unlike,
      '2.dat.age': file.subarray(0, -1),
      '3.dat.age': Buffer.alloc(0),
    };
    const content = await open(files);
    const codeOf = async (name: string, from = content) => {
      const { code, message } = await failure(buffer(from.stream(name, never())));
      return [code, /night\/\S+?(?=:? )/.exec(message)?.[0]];
    };
    expect(await codeOf('1.dat')).toEqual(['backup-corrupt', 'night/1.dat.age']);
    expect(await codeOf('2.dat')).toEqual(['backup-truncated', 'night/2.dat.age']);
    expect(await codeOf('3.dat')).toEqual(['backup-truncated', 'night/3.dat.age']);
    expect(await codeOf('toc.dat', await open(files, NO_KEYS))).toEqual(['backup-encrypted', 'night/toc.dat.age']);
    expect(await codeOf('toc.dat', await open(files, ringOf('wrong')))).toEqual(['key-wrong', 'night/toc.dat.age']);
    expect((await failure(content.streamUnwrapped('1.dat', never()))).code).toBe('backup-corrupt');
  });
});
