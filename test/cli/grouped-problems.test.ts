import { expect, it } from 'vitest';
import { groupProblems } from '../../src/cli/grouped-problems.ts';

function grouped(found: readonly (readonly [name: string, text: string])[]) {
  return groupProblems(found.map(([name, text]) => ({ name, text })));
}

it('one problem of several drills is shown once, with their names', () => {
  const denied = 'access denied\n→ Allow s3:ListBucket.';
  expect(
    grouped([
      ['orders', denied],
      ['crm', 'no backup'],
      ['billing', denied],
      ['audit', denied],
    ]),
  ).toEqual([
    { name: 'orders', text: `${denied}\nthe same for billing, audit` },
    { name: 'crm', text: 'no backup' },
  ]);
});

it('only a few of very many drills with the same problem are named', () => {
  const names = Array.from({ length: 200 }, (_, index) => `drill-${index}`);
  expect(grouped(names.map((name) => [name, 'no runtime'] as const))).toEqual([
    { name: 'drill-0', text: 'no runtime\nthe same for drill-1, drill-2, drill-3, drill-4, drill-5 and 194 more' },
  ]);
});

it('nothing is shown when there are no problems', () => {
  expect(grouped([])).toEqual([]);
});
