import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../../src/backup/selection/candidates.ts';
import { refuseTabFile } from '../../../src/backup/selection/tab-files.ts';

function refusal(files: Readonly<Record<string, number>>): string {
  const all = Object.entries(files).map(
    ([name, sizeBytes]): Candidate => ({
      kind: 'object',
      key: name,
      name,
      objects: [],
      sizeBytes,
      modifiedAt: new Date(0),
    }),
  );
  const [chosen] = all;
  try {
    if (chosen) refuseTabFile(chosen, all);
    return 'whole';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code}: ${message}`;
  }
}

describe('a file of mysqldump --tab', () => {
  it('is recognised by the pairs in the folder', () => {
    const files = { 'n/orders.sql': 1, 'n/orders.txt': 9, 'n/lines.sql': 1, 'n/lines.txt': 9, 'n/view.sql': 1 };
    expect(refusal(files)).toMatch(/^format-unsupported: n\/orders.sql is one file of a dump by `mysqldump --tab`/);
  });

  it.each([
    ['n/view.sql', {}],
    ['n/audit.sql', {}],
    ['n/lost.txt', {}],
    ['n/orders.txt.gz', { 'n/orders.sql.gz': 1 }],
  ])('is recognised by the pairs beside it: %s', (name, more) => {
    const pairs = { 'n/lines.sql': 1, 'n/lines.txt': 9, 'n/customer.sql': 1, 'n/customer.txt': 9 };
    expect(refusal({ [name]: 1, ...pairs, ...more })).toMatch(/ is one file of a dump by `mysqldump --tab`/);
  });

  it.each([
    { 'o-2026-11-28.sql': 1, 'a.sql': 1, 'a.txt': 9, 'b.sql': 1, 'b.txt': 9 },
    { 'shop.sql': 9, 'a.txt': 1, 'b.txt': 1, 'c.txt': 1, 'a.sql': 9, 'b/c.sql': 1 },
    { 'shop.sql': 9, 'n/a.sql': 1, 'n/a.txt': 9, 'n/b.sql': 1, 'n/b.txt': 9 },
    { 'orders.sql': 1, 'orders.txt': 9 },
    { 'o-2026-11-20.sql': 9, 'o-2026-11-20.txt': 1, 'o-2026-11-21.sql': 9, 'o-2026-11-21.txt': 1 },
    { 'orders.sql': 1, 'orders.txt': 9, 'readme.txt': 1 },
  ])('is not recognised in %j', (files) => {
    expect(refusal(files)).toBe('whole');
  });
});
