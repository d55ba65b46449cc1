import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import type { DirectoryContent } from '../../../src/backup/content.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { bytesContent } from '../../support/fake-content.ts';
import { makeArchive } from './formats/archive/archive-bytes.ts';

const never = new AbortController().signal;
const postgres = engineOf('postgres');
const inspect = (bytes: Buffer | string) => postgres.inspect(bytesContent(Buffer.from(bytes), 'orders.dump'), never);
const failure = (bytes: Buffer | string) =>
  inspect(bytes).then(
    () => 'nothing',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

const DATA = [
  { desc: 'TABLE DATA', tag: 'a', hasData: true, file: '1.dat' },
  { desc: 'TABLE DATA', tag: 'b', hasData: true, file: '2.dat' },
];

async function tar(files: Record<string, Buffer>): Promise<Buffer> {
  const packing = pack();
  for (const [name, bytes] of Object.entries(files)) packing.entry({ name }, bytes);
  packing.finalize();
  return buffer(Readable.from(packing));
}

describe('a backup is recognised by its content', () => {
  it('as a custom archive', async () => {
    const { facts, needs } = await inspect(makeArchive());
    expect({ ...facts, ...needs }).toMatchObject({
      format: 'pg_dump custom archive',
      major: '17',
      database: 'orders',
    });
  });

  it('as a custom archive whose table of contents is longer than the head', async () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => ({
      desc: 'TABLE',
      tag: `table_${index}`,
      defn: 'x'.repeat(100),
    }));
    const { needs } = await inspect(makeArchive({ entries: [...entries, { desc: 'EXTENSION', tag: 'hstore' }] }));
    expect(needs.extensions).toEqual(['hstore']);
  });

  it('as a pg_dump tar, and as a tar of a directory with its table of contents last', async () => {
    const toc = makeArchive({ layout: 3, entries: DATA });
    const rows = Buffer.alloc(3 * 2 ** 20, 'x');
    expect((await inspect(await tar({ 'toc.dat': toc, '1.dat': rows }))).facts.format).toBe('pg_dump tar');
    expect((await inspect(await tar({ 'dump/1.dat.gz': rows, 'dump/toc.dat': toc }))).facts.tableCount).toBe(2);
  });

  it('as plain SQL, with the facts in its head', async () => {
    const { facts, needs } = await inspect(
      '--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 16.4 (Debian 16.4-1)\n-- Dumped by pg_dump version 17.0\n\n' +
        'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public;\nALTER TABLE public.t OWNER TO "Shop";\nGRANT SELECT,INSERT ON TABLE public.t TO reader,PUBLIC;\n' +
        '-- CREATE EXTENSION no;\nALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA public GRANT SELECT ON TABLES TO viewer;\n\\connect -reuse-previous=on "dbname=\'my shop\'"\n',
    );
    expect({ ...facts, ...needs }).toMatchObject({
      format: 'plain SQL dump',
      serverVersion: '16.4',
      major: '16',
      dumpedBy: 'pg_dump 17.0',
      extensions: ['uuid-ossp'],
      roles: ['Shop', 'maker', 'reader', 'viewer'],
      database: 'my shop',
    });
  });

  it('as SQL of unknown origin, by its first statement', async () => {
    const { facts } = await inspect('\n-- made by hand\nCREATE TABLE a (id int);');
    expect(facts).toMatchObject({ format: 'plain SQL dump', serverVersion: 'unknown', dumpedBy: 'unknown' });
  });

  it.each([
    ['an empty file', '', /^backup-empty: orders.dump holds nothing/],
    ['zeros', Buffer.alloc(5000), /^backup-empty: orders.dump holds only zero bytes/],
    ['age', 'age-encryption.org/v1\n-> X25519 abc', /^backup-encrypted: .* age/],
    ['openssl', 'Salted__12345678', /^backup-encrypted: .* OpenSSL/],
    ['armoured PGP', '-----BEGIN PGP MESSAGE-----\n', /^backup-encrypted: .* OpenPGP/],
    ['HTML', '<!DOCTYPE html><html><body>502 Bad Gateway', /^backup-unrecognised: .* an HTML page/],
    [
      'an S3 error',
      '<?xml version="1.0"?>\n<Error><Code>SlowDown</Code></Error>',
      /^backup-unrecognised: .* object store \(SlowDown\)/,
    ],
    ['JSON', '{"message": "Server Error"}', /^backup-unrecognised: .* a JSON document/],
    ['MySQL', '-- MySQL dump 10.13\nCREATE TABLE a (id int);\n', /^engine-mismatch: .* a MySQL or MariaDB dump/],
    [
      'MariaDB',
      '/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\n',
      /^engine-mismatch: .* a MySQL or MariaDB dump/,
    ],
    ['SQLite', 'SQLite format 3\0....', /^format-unsupported: .* an SQLite database/],
    ['zip', 'PK\u0003\u0004....', /^format-unsupported: .* a zip archive/],
    ['prose', 'connection to server failed', /^backup-unrecognised: .* text, but not SQL/],
    [
      'anything',
      Buffer.from('deadbeef0011223344', 'hex'),
      /^backup-unrecognised: .* binary data that begins with deadbeef00112233$/,
    ],
    [
      'a header without its contents',
      makeArchive({ entries: DATA }).subarray(0, 100),
      /^backup-truncated: orders.dump ends after 100 B, inside its table of contents/,
    ],
  ])('but %s is not', async (_what, bytes, expected) => {
    expect(await failure(bytes)).toMatch(expected);
  });

  it('but a tar without a table of contents is not', async () => {
    expect(await failure(await tar({ PG_VERSION: Buffer.from('17\n') }))).toMatch(
      /^format-unsupported: orders.dump is a tar of a PostgreSQL data directory .* that holds PG_VERSION, which/,
    );
  });

  it.each(['3565.dat', 'nightly/3565.dat.gz', 'blobs_3566.toc', './blob_16500.dat'])(
    'but a dump’s tar without its table of contents is truncated: %s',
    async (name) => {
      expect(await failure(await tar({ [name]: Buffer.from('1\n') }))).toMatch(
        /^backup-truncated: orders.dump is a tar of a pg_dump dump without toc.dat/,
      );
    },
  );

  it('but a truncated tar is reported', async () => {
    const bytes = await tar({ '1.dat': Buffer.alloc(3 * 2 ** 20, 'x'), 'toc.dat': makeArchive({ layout: 3 }) });
    expect(await failure(bytes.subarray(0, 2 * 2 ** 20))).toMatch(/^backup-truncated: the tar ends in the middle/);
  });

  it('but a directory that lacks files from its table of contents is reported before a server starts', async () => {
    const content: DirectoryContent = {
      kind: 'directory',
      backup: {
        kind: 'directory',
        key: 'nightly/',
        objects: [],
        sizeBytes: 0,
        takenAt: new Date(),
        takenAtFrom: 'name',
      },
      meter: { bytesRead: 0 },
      members: new Map([
        ['toc.dat', { sizeBytes: 500, exactBytes: 500 }],
        ['1.dat.zst', { sizeBytes: 10, exactBytes: 10 }],
      ]),
      layers: [],
      stream: () => Readable.from([makeArchive({ layout: 3, entries: DATA })]),
      streamUnwrapped: () => Promise.reject(new Error('pg_restore reads members by itself')),
      decompress: (_compression, input) => input,
      close: () => undefined,
    };
    await expect(postgres.inspect(content, never)).rejects.toMatchObject({
      code: 'backup-truncated',
      message: 'nightly/ lacks 1 of the 2 data files that toc.dat names; the first is 2.dat',
    });
  });
});
