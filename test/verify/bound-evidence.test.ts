import { describe, expect, it } from 'vitest';
import { boundMeasured } from '../../src/verify/bound-evidence.ts';
import { compareRowCounts } from '../../src/verify/kinds/rows/compare-row-counts.ts';
import { toMeasured } from '../../src/verify/kinds/tables/row-history.ts';

/** Names as long as PostgreSQL has them, with a schema. */
const names = Array.from({ length: 5000 }, (_, index) => `${'s'.repeat(63)}.${String(index).padStart(63, 't')}`);

describe('what later runs compare with', () => {
  const warnings: string[] = [];
  const bound = (passed: boolean, measured: Record<string, string>) =>
    boundMeasured({ passed, measured }, (warning) => warnings.push(warning));

  it('is kept of as many tables as are counted', () => {
    const rows = new Map(names.map((name) => [name, 123_456_789]));
    const { passed, measured } = compareRowCounts({ rows, damaged: [] }, undefined, { low: -0.1, high: 0.1 });
    expect(boundMeasured({ passed, measured }, (warning) => warnings.push(warning))).toEqual({ measured });
    expect(warnings).toEqual([]);
  });

  it('of a check that passes is all kept, or the check is malformed', () => {
    const counts = [...names, 'one.more'].map((name) => ({ name, minRows: 1, rows: 10n }));
    expect(toMeasured(counts)['rows']).toHaveLength(5001);
    expect(() => bound(true, { text: 'x'.repeat(2 ** 21) })).toThrow(
      expect.objectContaining({ code: 'check-malformed', hint: expect.stringContaining('`include` and `exclude`') }),
    );
  });

  it('of a check that failed is left out with a warning', () => {
    expect(bound(false, { text: 'x'.repeat(2 ** 21) })).toEqual({});
    expect(warnings).toEqual([expect.stringContaining('later runs cannot be compared with this one')]);
  });
});
