import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { expect, it } from 'vitest';
import {
  failingFrom,
  flipped,
  metered,
  replaced,
  truncated,
  withFaults,
} from '../../../src/backup/faults/faulty-objects.ts';
import { substitute } from '../../../src/backup/faults/substitute.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { memorySource, storedObject } from './memory-source.ts';

const FILES = { 'a.dump': 'abcdefghij', 'b.dump': 'other' };
const A = storedObject('a.dump', FILES);
const B = storedObject('b.dump', FILES);
const NEVER = new AbortController().signal;

async function listAll(source: BackupSource): Promise<readonly StoredObject[]> {
  const found: StoredObject[] = [];
  for await (const object of source.list(NEVER)) found.push(object);
  return found;
}

async function readAll(source: BackupSource, key: string, start = 0, end?: number): Promise<string> {
  const object = (await listAll(source)).find((one) => one.key === key);
  if (!object) throw new Error(`${key} is not listed`);
  return text(await source.read(object, { start, end: end ?? object.sizeBytes }, NEVER));
}

it('a truncated object is listed with its smaller size, and the others unchanged', async () => {
  const source = withFaults(memorySource(FILES), [truncated(A, 4)]);
  expect((await listAll(source)).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
    ['a.dump', 4],
    ['b.dump', 5],
  ]);
  expect(await readAll(source, 'a.dump')).toBe('abcd');
  expect(await readAll(source, 'b.dump')).toBe('other');
});

it.each([
  [0, 10, 'abcdebghij'],
  [4, 7, 'ebg'],
  [0, 5, 'abcde'],
  [6, 10, 'ghij'],
])('a flipped bit shows in each range that contains its byte: %i to %i', async (start, end, seen) => {
  const source = withFaults(memorySource(FILES), [flipped(A, 5, 2)]);
  expect(await readAll(source, 'a.dump', start, end)).toBe(seen);
});

it('a store that fails late returns the bytes before the failure, then its error', async () => {
  const source = withFaults(memorySource(FILES), [failingFrom(A, 8)]);
  expect(await readAll(source, 'a.dump', 0, 8)).toBe('abcdefgh');
  const body = await source.read(A, { start: 2, end: 10 }, NEVER);
  const seen: string[] = [];
  body.on('data', (chunk: Buffer) => seen.push(String(chunk)));
  await expect(finished(body)).rejects.toMatchObject({ code: 'source-failed' });
  expect(seen.join('')).toBe('cdefgh');
  await expect(source.read(A, { start: 8, end: 10 }, NEVER)).rejects.toMatchObject({ code: 'source-failed' });
});

it('a metered object counts the bytes read from it', async () => {
  let bytes = 0;
  const source = withFaults(memorySource(FILES), [
    metered(A, (count) => {
      bytes += count;
    }),
  ]);
  expect(await readAll(source, 'a.dump')).toBe('abcdefghij');
  expect(bytes).toBe(10);
});

it('a substitute has the name, date and tags of the object that it replaces', async () => {
  const source = withFaults(memorySource(FILES), [replaced(A, { store: undefined, object: B })]);
  const [object] = await listAll(source);
  expect(object).toEqual({ ...A, sizeBytes: 5 });
  expect(await source.readTags(object as StoredObject, NEVER)).toEqual({ key: 'a.dump' });
  expect(await readAll(source, 'a.dump')).toBe('other');
});

it('a substitute has no checksums next to it, which would notice it whatever the checks do', async () => {
  const files = { ...FILES, 'a.dump.sha256': 'x', SHA256SUMS: 'y', 'b.dump.sha256': 'z', 'old/SHA256SUMS': 'o' };
  const other = { backup: { kind: 'object', key: 'b.dump', objects: [B] }, store: undefined } as const;
  const source = substitute(memorySource(files), { kind: 'object', key: 'a.dump', objects: [A] }, other);
  const left = ['a.dump', 'b.dump', 'b.dump.sha256', 'old/SHA256SUMS'];
  expect((await listAll(source)).map(({ key }) => key)).toEqual(left);
});

it('a directory from another store replaces one with other files', async () => {
  const own = { 'today/a': '1', 'today/b': '22', 'yesterday/a': '0' };
  const others = { 'theirs/a': 'x', 'theirs/sub/c': 'yz' };
  const objects = (files: Record<string, string>, prefix: string) =>
    Object.keys(files).flatMap((key) => (key.startsWith(prefix) ? [storedObject(key, files)] : []));
  const source = substitute(
    memorySource(own),
    { kind: 'directory', key: 'today/', objects: objects(own, 'today/') },
    {
      backup: { kind: 'directory', key: 'theirs/', objects: objects(others, 'theirs/') },
      store: memorySource(others),
    },
  );
  expect((await listAll(source)).map(({ key }) => key)).toEqual(['today/a', 'today/sub/c', 'yesterday/a']);
  expect(await readAll(source, 'today/sub/c')).toBe('yz');
  expect(await readAll(source, 'yesterday/a')).toBe('0');
});

it('a substitute for a backup that builds on others leaves those in place', async () => {
  const files = { 'full/PG_VERSION': '17', 'inc1/manifest': 'one', 'inc2/manifest': 'second' };
  const at = (key: string) => storedObject(key, files);
  const chosen = { kind: 'directory', key: 'inc2/', objects: [at('full/PG_VERSION'), at('inc2/manifest')] } as const;
  const other = { kind: 'directory', key: 'inc1/', objects: [at('full/PG_VERSION'), at('inc1/manifest')] } as const;
  const source = substitute(memorySource(files), chosen, { backup: other, store: undefined });
  expect((await listAll(source)).map(({ key }) => key).toSorted()).toEqual(Object.keys(files));
  expect(await readAll(source, 'inc2/manifest')).toBe('one');
  expect(await readAll(source, 'full/PG_VERSION')).toBe('17');
});
