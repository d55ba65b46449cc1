import { describe, expect, it } from 'vitest';
import type { Ask, DigestTable, KeyRange, TableHasher } from '../../../src/engines/fingerprint.ts';
import { addUp, fingerprintTables, forEachTable } from '../../../src/verify/fingerprint/digest-tables.ts';

const ask: Ask = async () => ({ columns: [], rows: [], truncated: false });

function table(name: string, bytes = 0): DigestTable {
  return { name, sql: name, columns: [], integerKey: { name: 'id', sql: 'id' }, bytes };
}

function hasherWith(keys: { min: bigint; max: bigint } | undefined) {
  const ranges: (KeyRange | undefined)[] = [];
  const hasher: TableHasher = {
    rules: 'test/1',
    listTables: async () => [],
    readKeys: async () => keys,
    digest: async (_ask, _table, range) => {
      ranges.push(range);
      return [];
    },
  };
  return { hasher, ranges };
}

describe('key ranges', () => {
  it.each([
    ['as many as there are keys, up to 256', { min: 1n, max: 10n }, 1, { from: 1n, width: 1n, count: 10 }],
    ['256 of a long table', { min: 1n, max: 16_049n }, 1, { from: 1n, width: 63n, count: 255 }],
    ['fewer where tables are many', { min: 0n, max: 999n }, 3277, { from: 0n, width: 112n, count: 9 }],
    ['negative keys', { min: -5n, max: 4n }, 1, { from: -5n, width: 1n, count: 10 }],
    ['none for one key', { min: 7n, max: 7n }, 1, undefined],
    ['none beyond 64 bits', { min: 0n, max: 2n ** 64n - 1n }, 1, undefined],
    ['none for an empty table', undefined, 1, undefined],
  ])('are %s', async (_what, keys, tables, expected) => {
    const { hasher, ranges } = hasherWith(keys);
    await fingerprintTables(
      Array.from({ length: tables }, (_, index) => table(`t${index}`)),
      { hasher, sessions: [ask] },
    );
    expect(ranges[0]).toEqual(expected);
  });
});

describe('digests of parts', () => {
  it('add up modulo 2^64 in each half, so that the parts equal the whole', () => {
    const parts = [
      { bucket: 0, rows: 2n, hash: 'ffffffffffffffff0000000000000001', filled: { a: 1n } },
      { bucket: 1, rows: 1n, hash: '00000000000000020000000000000003', filled: { a: 1n } },
    ];
    expect(addUp(parts)).toEqual({ rows: '3', hash: '00000000000000010000000000000004', filled: { a: '2' } });
  });
});

describe('work on several tables', () => {
  it('starts with the largest, uses all sessions, and returns results in the order of the tables', async () => {
    const begun: string[] = [];
    const work = async ({ name }: DigestTable) => {
      begun.push(name);
      return name;
    };
    const tables = [table('small', 1), table('large', 3), table('middle', 2)];
    expect(await forEachTable(tables, [ask, ask], work)).toEqual(['small', 'large', 'middle']);
    expect(begun.toSorted()).toEqual(['large', 'middle', 'small']);
    expect(begun[0]).toBe('large');
  });

  it('fails with the first error, once nothing is in progress', async () => {
    let inProgress = 0;
    const work = async ({ name }: DigestTable) => {
      inProgress += 1;
      await Promise.resolve();
      inProgress -= 1;
      if (name === 'bad') throw new Error('lost');
    };
    const tables = ['bad', 'a', 'b', 'c'].map((name, index) => table(name, 9 - index));
    await expect(forEachTable(tables, [ask, ask], work)).rejects.toThrow('lost');
    expect(inProgress).toBe(0);
  });
});
