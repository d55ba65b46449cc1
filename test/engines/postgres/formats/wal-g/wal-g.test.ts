import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { brotliCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../../src/backup/content.ts';
import { walGFormat } from '../../../../../src/engines/postgres/formats/wal-g/wal-g-format.ts';
import {
  readMetadata,
  readSentinel,
  readTarNames,
} from '../../../../../src/engines/postgres/formats/wal-g/wal-g-info.ts';
import { findWalGParts } from '../../../../../src/engines/postgres/formats/wal-g/wal-g-parts.ts';
import { DrillError } from '../../../../../src/support/errors.ts';
import { directoryContent, sourceFiles } from '../../../../support/fake-content.ts';

const never = new AbortController().signal;
const KEY = 'basebackups_005/base_000000010000000000000002/';

async function tar(): Promise<Buffer> {
  const packing = pack();
  packing.entry({ name: '/global/pg_control' }, 'x');
  packing.finalize();
  return buffer(packing);
}

/** A directory with these files, given as bytes. */
function bytes(files: Readonly<Record<string, Buffer>>, key = KEY): DirectoryContent {
  const content = directoryContent(
    Object.fromEntries(Object.entries(files).map(([name, each]) => [name, each.toString('latin1')])),
    key,
  );
  const stream = (name: string) => Readable.from([files[name] ?? Buffer.alloc(0)]);
  return { ...content, stream, streamUnwrapped: async (name) => stream(name) };
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'read',
    (error: unknown) => (error instanceof DrillError ? `${error.code}: ${error.message} ${error.hint}` : String(error)),
  );

describe('the metadata of a WAL-G backup', () => {
  it('states the server version and where recovery begins', () => {
    const text = '{"start_lsn":4328521768,"pg_version":150004,"hostname":"a"}';
    expect(readMetadata(text, 'x/base_000000020000000100000002/')).toEqual({
      version: '15.4',
      label: { startLsn: '1/2000028', startSegment: '000000020000000100000002', timeline: 2 },
    });
  });

  it.each([
    ['', KEY],
    ['null', KEY],
    ['{"start_lsn":"0/2","pg_version":170012}', KEY],
    ['{"start_lsn":33554472,"pg_version":90624}', KEY],
    ['{"start_lsn":33554472,"pg_version":170012}', 'nightly/'],
  ])('cannot be read from %j of %s', (text, key) => expect(readMetadata(text, key)).toBeUndefined());

  it('states the base of a delta, and the tars', () => {
    expect(readSentinel('{"LSN":1,"DeltaFrom":"base_1"}')).toEqual({ deltaFrom: 'base_1' });
    expect(readSentinel('{"LSN":1}')).toEqual({ deltaFrom: undefined });
    expect(readSentinel('<html>')).toBeUndefined();
    expect(readTarNames('{"TarFileSets":{"part_001.tar.lz4":["/a"]}}')).toEqual(['part_001.tar.lz4']);
    expect(readTarNames('{}')).toEqual([]);
  });
});

describe('the tars of a WAL-G backup', () => {
  it('are unpacked in order, with pg_control last', async () => {
    const names = ['part_010', 'part_002', 'pg_control', 'part_001', 'backup_label'];
    for (let number = 3; number < 10; number += 1) names.push(`part_00${number}`);
    const content = bytes(
      Object.fromEntries(await Promise.all(names.map(async (name) => [`tar_partitions/${name}.tar`, await tar()]))),
    );
    const parts = (await findWalGParts(content, never)).map(({ name }) =>
      name.replace(/^tar_partitions\/|\.tar$/g, ''),
    );
    expect(parts.slice(0, 3)).toEqual(['part_001', 'part_002', 'part_003']);
    expect(parts.slice(-3)).toEqual(['part_010', 'backup_label', 'pg_control']);
  });

  it('are read when compressed with brotli, unless they are damaged', async () => {
    const packed = brotliCompressSync(await tar());
    const content = bytes({ 'tar_partitions/part_1.tar.br': packed, 'tar_partitions/pg_control.tar.br': packed });
    const [first] = await findWalGParts(content, never);
    expect(first).toMatchObject({ compressedWith: undefined, stored: undefined });
    expect(first && (await text(await first.open(never)))).toContain('global/pg_control');
    const cut = bytes({
      'tar_partitions/part_1.tar.br': packed.subarray(0, 20),
      'tar_partitions/pg_control.tar.br': packed,
    });
    const [damaged] = await findWalGParts(cut, never);
    expect(damaged && (await codeOf(damaged.open(never).then(buffer)))).toMatch(/^backup-truncated: .*brotli/);
  });

  it('are refused with an unsupported compression, with encryption, or with a gap', async () => {
    const whole = await tar();
    const parts = (files: Readonly<Record<string, Buffer>>) =>
      codeOf(
        findWalGParts(
          bytes(Object.fromEntries(Object.entries(files).map(([name, each]) => [`tar_partitions/${name}`, each]))),
          never,
        ),
      );
    expect(await parts({ 'part_001.tar.lzma': whole, 'pg_control.tar.lzma': whole })).toMatch(
      /^format-unsupported: .* is compressed with lzma.* WALG_COMPRESSION_METHOD/,
    );
    expect(await parts({ 'pg_control.tar.lz4': Buffer.alloc(4000, 7) })).toMatch(
      /^format-unsupported: .*encrypted by WAL-G, or damaged.* does not read .* libsodium or a KMS/,
    );
    expect(await parts({ 'pg_control.tar.br': Buffer.alloc(4000, 7) })).toMatch(
      /^format-unsupported: .*encrypted by WAL-G/,
    );
    expect(await parts({ 'part_001.tar': whole })).toMatch(/^backup-truncated: .*pg_control\.tar/);
    expect(await parts({ 'part_001.tar': whole, 'part_003.tar': whole, 'pg_control.tar': whole })).toMatch(
      /^backup-truncated: .*part_002\.tar/,
    );
  });
});

describe('a WAL-G backup in its repository', () => {
  const SENTINEL = `${KEY.slice(0, -1)}_backup_stop_sentinel.json`;
  const open = async (keys: readonly string[], sentinel = '{}', key = KEY) => {
    const files = {
      'metadata.json': Buffer.from('{"start_lsn":33554472,"pg_version":170012}'),
      'tar_partitions/part_001.tar': await tar(),
      'tar_partitions/pg_control.tar': await tar(),
    };
    const content = bytes(files, key);
    const inSource = sourceFiles(keys, { read: async () => Buffer.from(sentinel) });
    return walGFormat.recognise({ ...content, inSource })?.(never) ?? Promise.reject(new Error('not recognised'));
  };

  it('includes its log', async () => {
    expect(await open([SENTINEL, 'wal_005/000000010000000000000002.lz4'])).toMatchObject({
      bringsLog: true,
      replaysLog: true,
      facts: { serverVersion: '17.12', format: 'WAL-G (not compressed)' },
    });
  });

  it('is incomplete without its sentinel, and a delta if the sentinel names another backup', async () => {
    expect(await codeOf(open([]))).toMatch(/^backup-truncated: .* lacks its sentinel.* check the job that writes it/);
    expect(await codeOf(open([SENTINEL], '{"DeltaFrom":"base_1"}'))).toMatch(
      /^format-unsupported: .* is a delta backup, based on base_1/,
    );
    expect(await codeOf(open([SENTINEL], '<html>'))).toMatch(/^backup-corrupt/);
  });

  it('is recognised as a delta by its name', async () => {
    const delta = `${KEY.slice(0, -1)}_D_000000010000000000000001/`;
    expect(await codeOf(open([SENTINEL], '{}', delta))).toMatch(
      /^format-unsupported: .* is a delta backup, .* Drill full backups/,
    );
  });
});
