import { expect, test } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import type { RestoredFile } from '../../../src/engines/restored-files.ts';
import { adviseOn } from '../../../src/verify/prove/advise.ts';
import { describeCopy, isComparable } from '../../../src/verify/prove/describe-copy.ts';

const takenAt = new Date('2026-11-21T03:00:00Z');

function serverOf(tree: Readonly<Record<string, string>>): Server {
  const files = {
    async *list(): AsyncGenerator<RestoredFile> {
      for (const [path, hash] of Object.entries(tree))
        yield { path, kind: 'file', sizeBytes: hash.length, modifiedAt: takenAt };
    },
    hash: async (path: string) => tree[path] ?? '',
  };
  return { files } as unknown as Server;
}

const describe = (tree: Readonly<Record<string, string>>) =>
  describeCopy(serverOf(tree), { database: 'files', takenAt, cpus: 1, signal: new AbortController().signal });

test('distinguishes restored files by name and content, in any order', async () => {
  const whole = await describe({ a: '11', b: '22', empty: '' });
  const adviceOn = async (tree: Readonly<Record<string, string>>) =>
    adviseOn(await describe(tree), whole, { takenAt, mayBeStale: false });
  expect(await adviceOn({ b: '22', empty: '', a: '11' })).toBeUndefined();
  for (const other of [
    { a: '11', b: '23', empty: '' },
    { a: '11', b: '22' },
    { a: '11', c: '22', empty: '' },
  ])
    expect(await adviceOn(other)).toContain('files: { manifest: SHA256SUMS }');
});

test('compares only what is read by SQL or as files, and is the same after each restore', () => {
  expect(isComparable(serverOf({}))).toBe(true);
  expect(isComparable({})).toBe(false);
  const { files } = serverOf({});
  expect(files && isComparable({ files: { ...files, mayDiffer: true } })).toBe(false);
});
