import { expect, it } from 'vitest';
import { readTable, renderTable } from './catch-table.ts';
import { MUTATIONS } from './damages.ts';
import { readResults } from './results.ts';
import { SERVERS } from './subjects.ts';

it('the results are those in docs/testing.md', async () => {
  expect(await readTable()).toBe(renderTable(await readResults()));
});

it('the results cover every server, sample and damage', async () => {
  const results = await readResults();
  const places = Object.keys(SERVERS).flatMap((server) => [`${server}, sakila`, `${server}, shop`]);
  expect(Object.keys(results).toSorted()).toEqual(places.toSorted());
  const tried = new Set(Object.values(results).flatMap((damages) => Object.keys(damages)));
  expect([...tried].toSorted()).toEqual(MUTATIONS.map(({ title }) => title).toSorted());
});

it('the results have a kind of check that catches each damage', async () => {
  for (const [where, damages] of Object.entries(await readResults())) {
    for (const [title, rulings] of Object.entries(damages)) {
      expect(Object.values(rulings), `${where}: ${title}`).toContain('caught');
      expect(Object.values(rulings), `${where}: ${title}`).not.toContain('malformed');
    }
  }
});
