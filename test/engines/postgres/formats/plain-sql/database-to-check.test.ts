import { describe, expect, it } from 'vitest';
import { databaseToCheck } from '../../../../../src/engines/postgres/formats/plain-sql/database-to-check.ts';

const choose = (loaded: Readonly<Record<string, number>>, created: readonly string[] = []) =>
  databaseToCheck({
    loaded: Object.keys(loaded),
    created: new Set(created),
    bytesOf: (database) => loaded[database] ?? 0,
  });

describe('the database that checks run in', () => {
  it('is the one that the dump creates', () => {
    expect(choose({ postgres: 10, shop: 0 }, ['shop'])).toEqual({ database: 'shop', warning: undefined });
    expect(choose({ template1: 0, other: 50, shop: 5 }, ['shop'])).toEqual({ database: 'shop', warning: undefined });
  });

  it('is the one with the most data, with a warning, when there are several', () => {
    const chosen = choose({ a: 1, b: 3, c: 2 }, ['a', 'b', 'c']);
    expect(chosen.database).toBe('b');
    expect(chosen.warning).toMatch(/3 databases; checks go to b, .* \(also there: c, a\)/);
  });

  it('is the maintenance database when a cluster keeps its rows there', () => {
    expect(choose({ postgres: 10, template1: 0 })).toEqual({ database: 'postgres', warning: undefined });
  });

  it('comes with a warning when a dump contains only globals, since checks see no data', () => {
    for (const loaded of [{}, { postgres: 0 }, { template1: 0, postgres: 0 }])
      expect(choose(loaded)).toMatchObject({ database: 'postgres', warning: expect.stringMatching(/no rows/) });
  });
});
