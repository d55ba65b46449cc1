import { expect, it } from 'vitest';
import { Kept } from '../../src/dashboard/kept.ts';

it('is made once while its key stays the same, also for those who ask meanwhile', async () => {
  const kept = new Kept<number>(10);
  let made = 0;
  const make = async () => ++made;
  expect(await Promise.all([kept.get('a', 'k', make), kept.get('a', 'k', make)])).toEqual([1, 1]);
  expect(await kept.get('a', 'other', make)).toBe(2);
  expect(await kept.get('a', 'k', make)).toBe(3);
});

it('is made again after it could not be made', async () => {
  const kept = new Kept<string>(10);
  await expect(kept.get('a', 'k', () => Promise.reject(new Error('locked')))).rejects.toThrow('locked');
  expect(await kept.get('a', 'k', async () => 'made')).toBe('made');
});

it('lets go what nobody has asked for longest', async () => {
  const kept = new Kept<string>(2);
  const ask = (name: string) => kept.get(name, 'k', async () => name);
  await ask('a');
  await ask('b');
  await ask('a');
  await ask('c');
  expect(['a', 'b', 'c'].map((name) => kept.has(name, 'k'))).toEqual([true, false, true]);
});
