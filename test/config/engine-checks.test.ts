import { expect, it } from 'vitest';
import { drillText, problemsOf } from './loading.ts';

const asked = (type: string, check: string) => ({
  'd.yaml': drillText({ engine: `engine: { type: ${type} }`, checks: `checks:\n  - ${check}` }),
});

it.each([
  ['integrity: all', 'needs keys and references that the database keeps'],
  ['headroom: all', 'needs keys and references that the database keeps'],
  ['fingerprint: {}', 'needs a database that hashes its rows'],
  [
    'http: /health, image: "acme/shop:1", port: 8080, env: { DATABASE_URL: db }',
    'needs a database that applications log in to',
  ],
])('refuses, at its line, a check that no restored database of the product can answer: %s', async (check, why) => {
  const problems = await problemsOf(asked('clickhouse', `{ name: it, ${check} }`));
  const [first] = problems.filter((line) => line.includes('which `engine.type: clickhouse`'));
  expect(first, problems.join()).toContain(`${why}, which`);
  expect(first).toMatch(/^d\.yaml:6:17: .*it takes `sql`.*`tables`/s);
});

it.each(['tables: [orders]', 'rows: -10%..', 'size: -10%..', 'schema: locked', 'freshness: orders.at, within: 1h'])(
  'accepts checks that read the catalog wherever there is one: %s',
  async (check) => {
    for (const type of ['clickhouse', 'postgres']) {
      expect(await problemsOf(asked(type, `{ name: it, ${check} }`))).toEqual([]);
    }
    expect(await problemsOf(asked('redis', `{ name: it, ${check} }`))).toEqual([
      expect.stringContaining('needs a database whose catalog is read'),
    ]);
  },
);
