import { describe, expect, it } from 'vitest';
import type { Relation } from '../../../../src/engines/postgres/log/catalog-rows.ts';
import { addVersion, type RowVersion, versionAt } from '../../../../src/engines/postgres/log/row-versions.ts';

const named = (name: string): Relation => ({ name }) as Relation;

describe('the versions of a row', () => {
  it('are found by bisection, so that a week of a busy table takes only seconds', () => {
    let looks = 0;
    const week = Array.from({ length: 7 * 24 * 60 }, (_, minute) => ({
      minute,
      get at() {
        looks += 1;
        return 1000 * minute;
      },
    }));
    for (const second of Array.from({ length: 1000 }, (_, index) => index * 604)) {
      expect(versionAt(week, Math.floor((second * 1000) / 60))?.minute).toBe(Math.floor(second / 60));
    }
    expect(looks).toBeLessThanOrEqual(1000 * Math.ceil(Math.log2(week.length)));
  });

  it.each([
    { positions: [] },
    { positions: [5] },
    { positions: [0, 0, 0] },
    { positions: [3, 5, 5, 8] },
    { positions: [3, 2, 3, 7, 6, 7] },
    { positions: [4, 9, 0, 0, 12] },
    { positions: [9, 8, 7, 6] },
  ])('yield the newest one valid at or before a position: $positions', ({ positions }) => {
    const said = positions.map((at, index) => ({ at, relation: named(`${index}`) }));
    const versions: RowVersion[] = [];
    for (const version of said) addVersion(versions, { ...version });
    for (const position of Array.from({ length: 15 }, (_, index) => index)) {
      const expected = said.findLast(({ at }) => at <= position) ?? said[0];
      expect(versionAt(versions, position)?.relation).toBe(expected?.relation);
    }
  });
});
