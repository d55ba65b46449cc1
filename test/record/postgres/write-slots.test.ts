import { afterEach, expect, test, vi } from 'vitest';
import { createWriteSlots } from '../../../src/record/postgres/write-slots.ts';

afterEach(() => vi.useRealTimers());

test('writers proceed in order, a limited number at once, even after one has failed', async () => {
  const inTurn = createWriteSlots(2, 1000);
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const all = [0, 1, 2, 3].map((index) =>
    inTurn(() => {
      begun.push(index);
      return new Promise<number>((resolve, reject) => {
        ends.push(() => (index === 0 ? reject(new Error('failed')) : resolve(index)));
      });
    }),
  );
  expect(begun).toStrictEqual([0, 1]);
  ends[0]?.();
  await expect(all[0]).rejects.toThrow('failed');
  expect(begun).toStrictEqual([0, 1, 2]);
  ends[1]?.();
  ends[2]?.();
  await all[2];
  expect(begun).toStrictEqual([0, 1, 2, 3]);
  ends[3]?.();
  expect(await Promise.all(all.slice(1))).toStrictEqual([1, 2, 3]);
  expect(await inTurn(async () => 'free')).toBe('free');
});

test('a writer that waits too long gives up, and does not use up a slot', async () => {
  vi.useFakeTimers();
  const inTurn = createWriteSlots(1, 1000);
  const ended = Promise.withResolvers<void>();
  const first = inTurn(() => ended.promise);
  const late = inTurn(async () => 'late');
  const refused = expect(late).rejects.toThrow('earlier writes did not end within 1000 ms');
  await vi.advanceTimersByTimeAsync(1000);
  await refused;
  const third = inTurn(async () => 'third');
  ended.resolve();
  await first;
  expect(await third).toBe('third');
});
