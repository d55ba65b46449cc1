import { expect, it } from 'vitest';
import { VersionedCache } from '../../src/dashboard/versioned-cache.ts';

it('computes a value once per version, even with concurrent callers', async () => {
  const cache = new VersionedCache<number>(10);
  let count = 0;
  const compute = async () => ++count;
  expect(await Promise.all([cache.get('a', 'v1', compute), cache.get('a', 'v1', compute)])).toEqual([1, 1]);
  expect(await cache.get('a', 'v2', compute)).toBe(2);
  expect(await cache.get('a', 'v1', compute)).toBe(3);
});

it('computes a value again after a failure', async () => {
  const cache = new VersionedCache<string>(10);
  await expect(cache.get('a', 'v1', () => Promise.reject(new Error('locked')))).rejects.toThrow('locked');
  expect(await cache.get('a', 'v1', async () => 'computed')).toBe('computed');
});

it('keeps a newer version when an older one fails late', async () => {
  const cache = new VersionedCache<string>(10);
  const older = Promise.withResolvers<string>();
  const failing = cache.get('a', 'v1', () => older.promise);
  await cache.get('a', 'v2', async () => 'newer');
  older.reject(new Error('locked'));
  await expect(failing).rejects.toThrow('locked');
  expect(cache.has('a', 'v2')).toBe(true);
});

it('drops the least recently used name', async () => {
  const cache = new VersionedCache<string>(2);
  const ask = (name: string) => cache.get(name, 'v1', async () => name);
  await ask('a');
  await ask('b');
  await ask('a');
  await ask('c');
  expect(['a', 'b', 'c'].map((name) => cache.has(name, 'v1'))).toEqual([true, false, true]);
});
