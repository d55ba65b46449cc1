import { expect, test } from 'vitest';
import { ListingFold } from '../../../src/backup/discovery/listing-fold.ts';
import type { Recognised } from '../../../src/backup/discovery/recognise.ts';
import { groupSeries } from '../../../src/backup/discovery/series.ts';
import { readDrillText } from '../../../src/config/load-drills.ts';
import type { SeriesFinding } from '../../../src/record/discovery-store.ts';
import { type Coverer, coverDatabases, coverSeries } from '../../../src/run/discover/coverage.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const CONTENT: Recognised = { kind: 'backup', engine: 'postgres', what: 'plain SQL dump', databases: [] };

const { drill: base } = await readDrillText(
  '/w/drills/d.yaml',
  'name: d\nbackup: { source: s3://acme/, match: x }\nengine: { type: postgres }\nobjectives: { rto: 1h }\nchecks: [{ name: c, sql: select 1, expect: 1 }]\n',
  { cwd: '/w', env: {} },
);
if (!base) throw new Error('not a drill');

const valid = base;

function coverer(name: string, match: string, address = 's3  s3://acme/', hasPassed = true): Coverer {
  return { drill: { ...valid, name, backup: { ...valid.backup, match } }, address, hasPassed };
}

function cover(keys: readonly string[], coverers: readonly Coverer[], prefix = ''): SeriesFinding[] {
  const fold = new ListingFold(prefix, NOW);
  for (const key of keys) fold.add({ key, sizeBytes: 9, modifiedAt: NOW, etag: key });
  const where = { source: 's3://acme/', root: 's3  s3://acme/', prefix };
  return groupSeries(fold, { prefix, layouts: [], now: NOW }).map((series) =>
    coverSeries({ ...where, series, content: CONTENT }, coverers),
  );
}

test.each([
  ['its own prefix', coverer('d', 'db-*.sql', 's3  s3://acme/prod/'), ['d']],
  ['the bucket, with a path in its match', coverer('d', 'prod/db-*.sql'), ['d']],
  ['another prefix', coverer('d', 'db-*.sql', 's3  s3://acme/test/'), []],
  ['another endpoint', coverer('d', 'prod/db-*.sql', 's3 https://s3.example.com s3://acme/'), []],
  ['only older backups', coverer('d', 'prod/db-2025*.sql'), []],
])('a drill of %s covers the series only if it selects the newest backup', (_, one, drills) => {
  expect(cover(['prod/db-2026-11-27.sql', 'prod/db-2026-11-28.sql'], [one])).toMatchObject([{ drills }]);
});

test('a split file is covered under any of its names', () => {
  const parts = ['aa', 'ab', 'ac'].map((part) => `db-2026-11-28.sql.gz.${part}`);
  for (const match of ['db-*.sql.gz', 'db-*.sql.gz.*'])
    expect(cover(parts, [coverer('d', match)])).toMatchObject([{ drills: ['d'] }]);
});

test('a drill that never passed proves nothing', () => {
  expect(cover(['db.sql'], [coverer('d', 'db.sql', undefined, false)])).toMatchObject([{ state: 'never-passed' }]);
});

test('a series of merged names is not covered just because its newest backup is', () => {
  const keys = Array.from({ length: 1500 }, (_, n) => `x${n.toString(36)}y.sql`);
  expect(cover(keys, [coverer('d', keys.at(-1) ?? '')])).toMatchObject([{ state: 'not-covered', backups: 1500 }]);
  expect(cover(keys, [coverer('d', 'x*.sql')])).toMatchObject([{ state: 'covered' }]);
});

test('compares the databases of a server with the drills and with the contents of backups', () => {
  const [all] = cover(['all-2026-11-28.sql'], [coverer('all', 'all-*.sql')]);
  if (!all) throw new Error('no series');
  const series = [{ ...all, databases: ['shop', 'crm', 'wiki'] }];
  const whole = coverer('all', 'all-*.sql');
  const named = { ...whole, drill: { ...whole.drill, engine: { ...whole.drill.engine, database: 'shop' } } };
  const server = {
    engine: 'postgres',
    server: 'postgres://db1:5432',
    version: '17.2',
    databases: ['shop', 'crm', 'forgotten'].map((name) => ({ name, sizeBytes: 1 })),
  };
  const found = coverDatabases(series, [server], [named], (a, b) => a === b);
  expect(found.map(({ name, state, server: at }) => [name, state, at])).toEqual([
    ['shop', 'covered', 'postgres://db1:5432'],
    ['crm', 'not-covered', 'postgres://db1:5432'],
    ['forgotten', 'no-backup', 'postgres://db1:5432'],
    ['wiki', 'not-covered', undefined],
  ]);
  const unnamed = coverDatabases(series, [], [whole], (a, b) => a === b);
  expect(new Set(unnamed.map(({ state }) => state))).toEqual(new Set(['not-covered']));
});
