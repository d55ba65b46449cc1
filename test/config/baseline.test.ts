import { expect, test } from 'vitest';
import { loadDrills } from '../../src/config/load-drills.ts';
import { drillText, problemsOf, workspace } from './loading.ts';

async function load(baseline: string) {
  const cwd = await workspace({ 'drills/orders.yaml': drillText({ baseline: `baseline: ${baseline}` }) });
  const [drill] = await loadDrills(['drills/orders.yaml'], { cwd, env: {} });
  return drill;
}

test('expands to a check of the rows and a comparison of the size', async () => {
  const drill = await load("{ rows: -10%..+25%, size: 50%, since: 7d, exclude: ['tmp_*'] }");
  expect(drill?.checks.at(-1)).toMatchObject({
    kind: 'rows',
    name: 'rows of each table (baseline)',
    rows: { low: -0.1, high: 0.25 },
    sinceMs: 7 * 86_400_000,
    exclude: ['tmp_*'],
  });
  expect(drill?.baseline).toEqual({ size: { low: -0.5, high: 0.5 }, sinceMs: 7 * 86_400_000 });
  expect(drill?.place.checkLines).toHaveLength(2);
});

test('compares only what it names', async () => {
  expect((await load('{ size: 50% }'))?.checks).toHaveLength(1);
  expect((await load('{ rows: 50% }'))?.baseline).toBeUndefined();
});

test('expands to checks of the schema and of the size of the database', async () => {
  const drill = await load('{ databaseSize: 20%, schema: additive, since: 7d }');
  expect(drill?.checks.slice(-2)).toMatchObject([
    { kind: 'size', name: 'size of the database (baseline)', size: { low: -0.2, high: 0.2 }, sinceMs: 7 * 86_400_000 },
    { kind: 'schema', name: 'schema (baseline)', schema: 'additive' },
  ]);
});

test('holds each timed query to its usual time, unless its check says otherwise', async () => {
  const checks = 'checks: [{ name: a, latency: select 1 }, { name: b, latency: select 1, maxIncrease: 10% }]';
  const cwd = await workspace({ 'orders.yaml': drillText({ baseline: 'baseline: { latency: 50% }', checks }) });
  const [drill] = await loadDrills(['orders.yaml'], { cwd, env: {} });
  expect(drill?.checks).toMatchObject([{ maxIncrease: 0.5 }, { maxIncrease: 0.1 }]);
});

test.each([
  ['{ latency: 50% }', 'baseline.latency: compares nothing: the drill has no check of kind latency'],
  ['{ schema: frozen }', 'baseline.schema: must be locked, additive or shown'],
  ['{}', 'baseline: says nothing to compare; write rows, size, databaseSize, schema or latency'],
  ['{ rows: 10 }', 'baseline.rows: must be a range of change such as -10%..+25%, -10%.. or 10%, not 10'],
  ['{ rows: -100%.. }', 'baseline.rows: "-100%.." allows losing everything; the limit is -99.9%'],
  ['{ row: 10% }', 'baseline: "row" is not known here; did you mean "rows"?'],
])('refuses %s', async (baseline, problem) => {
  const [first = ''] = await problemsOf({ 'orders.yaml': drillText({ baseline: `baseline: ${baseline}` }) });
  expect(first).toContain(problem);
});
