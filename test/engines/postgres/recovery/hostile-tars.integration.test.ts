import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupPart } from '../../../../src/engines/postgres/recovery/backup-part.ts';
import { unpackParts } from '../../../../src/engines/postgres/recovery/unpack-parts.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';

const never = new AbortController().signal;

/** Runs commands on this host: whatever a tar can do here, it could also do in a sandbox of the local runtime. */
const here: Sandbox = {
  exec: async ([program = '', ...args]: readonly string[], { stdin }: { stdin?: Readable }) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    if (stdin) stdin.pipe(child.stdin);
    else child.stdin.end();
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exitCode: await ended, stdout, stderr };
  },
} satisfies Partial<Record<keyof Sandbox, unknown>> as unknown as Sandbox;

interface Entry {
  readonly name: string;
  readonly type?: 'directory' | 'symlink' | 'link';
  readonly linkname?: string;
  readonly content?: string;
}

async function partOf(name: string, into: BackupPart['into'], entries: readonly Entry[]): Promise<BackupPart> {
  return compressed(name, into, gzipSync(await tarOf(entries)));
}

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const packing = pack();
  for (const { content = '', ...header } of entries) packing.entry(header, content);
  packing.finalize();
  return buffer(packing);
}

function compressed(name: string, into: BackupPart['into'], bytes: Buffer): BackupPart {
  return {
    name,
    into,
    compressedWith: 'gzip',
    stored: () => Readable.from([bytes]),
    open: () => Promise.reject(new Error('gzip is everywhere')),
  };
}

describe('tars of a crafted backup', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'fd-tars-'));
    mkdirSync(join(root, 'outside'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const unpack = async (...parts: readonly BackupPart[]): Promise<string> => {
    const paths = { data: join(root, 'data'), tablespaces: join(root, 'tablespaces') };
    return unpackParts(parts, paths, { sandbox: here, onPart: () => undefined, signal: never }).then(
      (warnings) => ['unpacked', ...warnings].join('; '),
      (error: { code?: string; message?: string }) => `${error.code}: ${error.message}`,
    );
  };
  const outside = () => readdirSync(join(root, 'outside'));
  const link = (name: string): Entry => ({ name, type: 'symlink', linkname: join(root, 'outside') });

  it('are merged into one directory, volume by volume', async () => {
    const first = await partOf('1.tar.gz', 'data', [{ name: 'base', type: 'directory' }, { name: 'base/1' }]);
    const second = await partOf('2.tar.gz', 'data', [{ name: './base/', type: 'directory' }, { name: '/base/2' }]);
    expect(await unpack(first, second)).toBe('unpacked');
    expect(readdirSync(join(root, 'data', 'base')).sort()).toEqual(['1', '2']);
  });

  it.each([
    ['a volume', 'data', 'base'],
    ['the log', 'log', 'pg_wal'],
  ] as const)('cannot write through a link from an earlier tar: %s', async (_what, into, name) => {
    const first = await partOf('1.tar.gz', 'data', [{ name: 'PG_VERSION' }, link(name)]);
    const file = into === 'log' ? 'stolen' : 'base/stolen';
    const second = await partOf('2.tar.gz', into, [{ name: file, content: 'x' }]);
    expect(await unpack(first, second)).toBe(
      `backup-corrupt: a tar before 2.tar.gz holds ${name}, which is a link: refused`,
    );
    expect(outside()).toEqual([]);
  });

  it.each([
    ['a link in itself', [link('evil'), { name: 'evil/stolen', content: 'x' }]],
    ['dots', [{ name: 'base/../../outside/stolen', content: 'x' }]],
    ['a hard link', [{ name: 'stolen', type: 'link', linkname: '../outside/secret' }]],
  ] satisfies readonly [string, readonly Entry[]][])(
    'cannot leave the directory through %s',
    async (_what, entries) => {
      expect(await unpack(await partOf('1.tar.gz', 'data', entries))).toMatch(/^backup-corrupt: 1\.tar\.gz/);
      expect(outside()).toEqual([]);
    },
  );

  it('lose unneeded links, with a warning, before anything can follow them', async () => {
    const first = await partOf('1.tar.gz', 'data', [{ name: 'PG_VERSION' }, link('log'), link('pg_log'), link('.x y')]);
    const second = await partOf('2.tar.gz', 'data', [{ name: 'log/stolen', content: 'x' }]);
    expect(await unpack(first, second)).toBe(
      'unpacked; log in 1.tar.gz is a link, and was left out; pg_log in 1.tar.gz is a link, and was left out; .x y in 1.tar.gz is a link, and was left out',
    );
    expect(outside()).toEqual([]);
  });

  it.each(['main', './var/lib/postgresql/15/main', '-x'])(
    'are unpacked without the folder around their data directory: %s',
    async (folder) => {
      const files = ['PG_VERSION', '.hidden', 'global/pg_control', 'base/1/2'].map((name) => ({
        name: `${folder}/${name}`,
      }));
      const part = await partOf('1.tar.gz', 'data', [...files, { name: 'etc/pg_hba.conf' }, link(`${folder}/log`)]);
      expect(await unpack({ ...part, isInFolder: true })).toBe('unpacked; log in 1.tar.gz is a link, and was left out');
      expect(readdirSync(join(root, 'data')).sort()).toEqual(['.hidden', 'PG_VERSION', 'base', 'global']);
    },
  );

  it('are refused when a folder contains no data directory, or two', async () => {
    const one = { name: 'a/global/pg_control' };
    const none = await partOf('1.tar.gz', 'data', [{ name: 'a/PG_VERSION' }]);
    expect(await unpack({ ...none, isInFolder: true })).toBe('backup-truncated: 1.tar.gz lacks global/pg_control');
    const two = await partOf('2.tar.gz', 'data', [one, { name: 'b c/global/pg_control' }]);
    expect(await unpack({ ...two, isInFolder: true })).toBe('format-unsupported: 2.tar.gz holds 2 data directories');
    expect(outside()).toEqual([]);
  });

  it('keep absolute names within the directory', async () => {
    const name = `${join(root, 'outside')}/stolen`;
    expect(await unpack(await partOf('1.tar.gz', { tablespace: '16384' }, [{ name, content: 'x' }]))).toBe('unpacked');
    expect(outside()).toEqual([]);
    expect(existsSync(join(root, 'tablespaces', '16384', name))).toBe(true);
  });

  it.each([
    ['between two members', (tar: Buffer) => tar.subarray(0, 1024)],
    ['before its last block', (tar: Buffer) => tar.subarray(0, -512)],
    ['to nothing', () => Buffer.alloc(0)],
    ['to nothing but 1024 digits', () => Buffer.alloc(1024, '0')],
  ])('are detected as truncated when cut %s before compression', async (_what, cut) => {
    const tar = await tarOf([
      { name: 'PG_VERSION', content: '17' },
      { name: 'lost', content: 'x' },
    ]);
    const found = await unpack(compressed('1.tar.gz', 'data', gzipSync(cut(tar))));
    expect(found).toMatch(/^backup-(truncated: 1\.tar\.gz has no end-of-archive mark|corrupt)/);
  });

  it('are complete when padded, and truncated when a gzip member is missing', async () => {
    const tar = await tarOf([{ name: 'PG_VERSION', content: '17' }, { name: 'lost' }]);
    const [head, rest] = [gzipSync(tar.subarray(0, 1024)), gzipSync(tar.subarray(1024))];
    expect(await unpack(compressed('1.tar.gz', 'data', head))).toMatch(/^backup-truncated/);
    const padded = Buffer.concat([head, rest, gzipSync(Buffer.alloc(20_480))]);
    expect(await unpack(compressed('2.tar.gz', { tablespace: '16384' }, padded))).toBe('unpacked');
  });

  it('cannot overwrite files from another tar', async () => {
    const once = await partOf('1.tar.gz', 'data', [{ name: 'PG_VERSION', content: '17' }]);
    const again = await partOf('2.tar.gz', 'data', [{ name: './PG_VERSION', content: '18' }]);
    expect(await unpack(once, again)).toMatch(/^backup-corrupt: 2\.tar\.gz/);
    expect(await unpack(again)).toMatch(/^backup-corrupt: 2\.tar\.gz/);
  });
});
