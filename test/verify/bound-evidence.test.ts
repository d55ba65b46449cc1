import { describe, expect, it } from 'vitest';
import { boundMeasured } from '../../src/verify/bound-evidence.ts';
import { compareRowCounts } from '../../src/verify/kinds/rows/compare-row-counts.ts';
import { toMeasured } from '../../src/verify/kinds/tables/row-history.ts';

/** Names of the maximum length in PostgreSQL, with a schema. */
const names = Array.from({ length: 5000 }, (_, index) => `${'s'.repeat(63)}.${String(index).padStart(63, 't')}`);

describe('the measurements that later runs compare with', () => {
  const warnings: string[] = [];
  const bound = (passed: boolean, measured: Record<string, string>) =>
    boundMeasured({ passed, measured }, (warning) => warnings.push(warning));

  it('are recorded for as many tables as are counted', () => {
    const rows = new Map(names.map((name) => [name, 123_456_789]));
    const { passed, measured } = compareRowCounts({ rows, damaged: [] }, undefined, { low: -0.1, high: 0.1 });
    expect(boundMeasured({ passed, measured }, (warning) => warnings.push(warning))).toEqual({ measured });
    expect(warnings).toEqual([]);
  });

  it('are recorded completely for a passed check, or the check is malformed', () => {
    const counts = [...names, 'one.more'].map((name) => ({ name, minRows: 1, rows: 10n }));
    expect(toMeasured(counts)['rows']).toHaveLength(5001);
    expect(() => bound(true, { text: 'x'.repeat(2 ** 21) })).toThrow(
      expect.objectContaining({ code: 'check-malformed', hint: expect.stringContaining('`include` and `exclude`') }),
    );
  });

  it('are omitted with a warning when a failed check has too many', () => {
    expect(bound(false, { text: 'x'.repeat(2 ** 21) })).toEqual({});
    expect(warnings).toEqual([expect.stringContaining('later runs cannot be compared with this one')]);
  });
});
