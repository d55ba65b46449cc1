import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { unpackAtOnce } from '../../../../../src/engines/postgres/formats/wal-g/unpack-at-once.ts';
import type { BackupPart } from '../../../../../src/engines/postgres/recovery/backup-part.ts';
import type { Sandbox } from '../../../../../src/sandbox/sandbox.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../../../support/temporary-directory.ts';

interface Entry {
  readonly name: string;
  readonly type?: 'directory' | 'symlink';
  readonly linkname?: string;
}

const never = new AbortController().signal;
let directory: TemporaryDirectory;
const at = (...names: readonly string[]): string => join(directory.path, 'data', ...names);

beforeEach(() => {
  directory = makeTemporaryDirectory();
  mkdirSync(at(), { mode: 0o700 });
  mkdirSync(join(directory.path, 'outside'));
});
afterEach(() => directory[Symbol.dispose]());

async function partOf(index: number, entries: readonly Entry[]): Promise<BackupPart> {
  const packing = pack();
  for (const header of entries) packing.entry(header, header.type ? '' : `in ${index}`);
  packing.finalize();
  const bytes = gzipSync(await buffer(packing));
  const stored = () => Readable.from([bytes]);
  return { name: `part_${index}`, into: 'data', compressedWith: 'gzip', stored, open: async () => stored() };
}

async function unpack(...parts: readonly (readonly Entry[])[]): Promise<string> {
  const exec: Sandbox['exec'] = async ([program = '', ...args], { stdin }) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    child.stdin.on('error', () => undefined); // it may end before it has read everything
    if (stdin) stdin.pipe(child.stdin);
    else child.stdin.end();
    const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { exitCode: await ended, stdout, stderr };
  };
  const sandbox = { exec, paths: { data: at(), run: '', scratch: '' } } as unknown as Sandbox;
  const made = await Promise.all(parts.map((entries, index) => partOf(index, entries)));
  return unpackAtOnce({ key: 'base_1/', parts: made }, { sandbox }, () => undefined, never).then(
    () => 'unpacked',
    (error: { code?: string; message?: string }) => `${error.code}: ${error.message}`,
  );
}

it('tars for one directory are merged, including directories that several tars contain', async () => {
  const said = await unpack(
    [{ name: '/base/', type: 'directory' }, { name: '/base/1/1259' }, { name: '/.hidden' }],
    [{ name: '/base/1/1260' }, { name: '/global/pg_filenode.map' }],
    [{ name: 'backup_label' }],
    [{ name: '/global/pg_control' }],
  );
  expect(said).toBe('unpacked');
  expect(readdirSync(at(), { recursive: true }).sort()).toEqual([
    '.hidden',
    'backup_label',
    'base',
    'base/1',
    'base/1/1259',
    'base/1/1260',
    'global',
    'global/pg_control',
    'global/pg_filenode.map',
  ]);
  expect(readFileSync(at('base/1/1260'), 'utf8')).toBe('in 1');
});

it('a link through which another tar would be unpacked is refused', async () => {
  const link = { name: 'base', type: 'symlink', linkname: '../../../outside' } as const;
  expect(await unpack([link], [{ name: 'base/evil' }])).toMatch(
    /^backup-corrupt: base_1\/ holds a link \(base\): refused/,
  );
  expect(existsSync(join(directory.path, 'outside', 'evil'))).toBe(false);
});

it('a name in two tars is refused, as is one that leads out', async () => {
  expect(await unpack([{ name: 'base/1' }], [{ name: '/base/1' }])).toBe(
    'backup-corrupt: base_1/ holds a name twice (./base/1): refused',
  );
  expect(await unpack([{ name: '../outside/evil' }])).toMatch(/^backup-corrupt/);
  expect(existsSync(join(directory.path, 'outside', 'evil'))).toBe(false);
});
