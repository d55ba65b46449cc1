import { describe, expect, it } from 'vitest';
import { type ChunkFinding, judgeChunks } from '../../../../../src/engines/mysql/formats/mydumper/rows-in-chunks.ts';

/** @param chunks the ids in each file that exists, keyed by its number. */
function judge(
  chunks: Record<number, readonly number[]>,
  nextId: number | undefined,
): Promise<ChunkFinding | undefined> {
  const ids = Object.values(chunks).flat();
  const starts = Object.entries(chunks).map(([number, of]) => ({ number: Number(number), first: of[0] ?? Number.NaN }));
  const lastOf = async (before = Number.POSITIVE_INFINITY): Promise<number> =>
    Math.max(...ids.filter((id) => id < before));
  return judgeChunks('shop.t', starts, nextId, lastOf);
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe('numbered files of rows', () => {
  it.each<[string, Record<number, readonly number[]>, number | undefined]>([
    ['all there', { 0: range(1, 10), 1: range(11, 20), 2: range(21, 25) }, 26],
    ['all present, with an end at the boundary', { 0: range(1, 10), 1: range(11, 20) }, 21],
    ['all present, with reused ids', { 0: range(1, 10), 1: range(11, 20) }, 29],
    ['all present, without ids', { 0: [], 1: [] }, undefined],
  ])('are complete: %s', async (_what, chunks, nextId) => {
    expect(await judge(chunks, nextId)).toBeUndefined();
  });

  it.each<[string, Record<number, readonly number[]>, number | undefined, RegExp]>([
    ['one between dense ids', { 0: range(1, 10), 2: range(21, 30), 3: [31] }, 32, /^shop\.t lacks file 00001 of rows/],
    [
      'two',
      { 0: range(1, 10), 1: range(11, 20), 4: [41, 42] },
      43,
      /^shop\.t lacks 2 files of rows, the first is 00002/,
    ],
    ['the last', { 0: range(1, 10), 1: range(11, 20) }, 40, /file 00002 of rows: .*AUTO_INCREMENT is 40$/],
    ['one with unknown ids', { 0: [], 2: [] }, undefined, /^shop\.t lacks file 00001/],
  ])('lack %s', async (_what, chunks, nextId, text) => {
    expect(await judge(chunks, nextId)).toEqual({ isCertain: true, text: expect.stringMatching(text) });
  });

  it('may be missing without an error when ids are far apart', async () => {
    expect(await judge({ 0: [1, 2, 5], 1: [13, 14], 9: [97] }, 98)).toMatchObject({ isCertain: false });
    expect(await judge({ 0: range(1, 300), 5: [1.8e19] }, 1.8e19 + 1)).toMatchObject({ isCertain: false });
  });
});
