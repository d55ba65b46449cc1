import { describe, expect, it } from 'vitest';
import { clickhouseCatalog } from '../../../../src/engines/clickhouse/catalog/clickhouse-catalog.ts';
import type { Cell } from '../../../../src/engines/query-result.ts';

const MODERN = ['tables.total_bytes', 'tables.uuid', 'columns.position', 'columns.default_kind'];

/** Answers, keyed by a word in the query. */
function catalogOf(
  answers: Readonly<Record<string, readonly (readonly Cell[])[]>>,
  { has = MODERN, version = '26.7.2.1' } = {},
) {
  const asked: string[] = [];
  const catalog = clickhouseCatalog(async (sql) => {
    asked.push(sql);
    const known = sql.includes("database = 'system'") ? has.map((name) => [name, version]) : undefined;
    const [, rows = []] = Object.entries(answers).find(([word]) => sql.includes(word)) ?? [];
    return { columns: [], rows: known ?? rows, truncated: false };
  });
  return { catalog, asked };
}

describe('the catalog of ClickHouse', () => {
  it('distinguishes tables that store rows from views, in-memory tables and remote tables', async () => {
    const rows = ['MergeTree', 'ReplicatedReplacingMergeTree', 'Log', 'Memory', 'View', 'Distributed', 'Dictionary'];
    const { catalog } = catalogOf({ 'FROM system.tables': rows.map((engine) => ['shop', engine, engine, 1, 2, '']) });
    expect((await catalog.tables()).map(({ kind, transient }) => [kind, transient])).toEqual([
      ['table', undefined],
      ['table', undefined],
      ['table', undefined],
      ['table', 'Memory'],
      ['view', undefined],
      ['foreign', undefined],
      ['foreign', undefined],
    ]);
  });

  it('lists the table of a materialized view under the view’s name, since its own changes with each restore', async () => {
    const { catalog } = catalogOf({
      'FROM system.tables': [
        ['shop', '.inner_id.8a', 'SummingMergeTree', 7, 4096, '1f'],
        ['shop', 'daily', 'MaterializedView', null, null, '8a'],
      ],
      'FROM system.columns': [
        ['shop', '.inner_id.8a', 'day', 'Date'],
        ['shop', 'daily', 'day', 'Date'],
      ],
    });
    expect(await catalog.tables()).toMatchObject([
      { name: 'daily', kind: 'materialized-view', estimatedRows: 7, bytes: 4096 },
    ]);
    expect(await catalog.columns()).toMatchObject([{ table: { name: 'daily' }, name: 'day' }]);
  });

  it('knows what kind of values columns hold', async () => {
    const types = [
      'UInt32',
      'LowCardinality(Nullable(Int8))',
      "Nullable(DateTime64(6, 'Europe/Berlin'))",
      'DateTime',
      'Date32',
      'Nullable(Decimal(5, 0))',
      'Decimal(5, 2)',
      'Array(Nullable(UInt8))',
    ];
    const { catalog } = catalogOf({ 'FROM system.columns': types.map((type) => ['shop', 'all', 'c', type]) });
    const columns = await catalog.columns();
    expect(columns.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(columns.map(({ nullable, integers, time }) => [nullable, integers?.max, time])).toEqual([
      [false, 2n ** 32n - 1n, undefined],
      [true, 127n, undefined],
      [true, undefined, 'absolute'],
      [false, undefined, 'absolute'],
      [false, undefined, 'date'],
      [true, 99_999n, undefined],
      [false, undefined, undefined],
      [false, undefined, undefined],
    ]);
  });

  it('compares the definition of a remote table without showing it, since it may contain a password', async () => {
    const definition = "CREATE TABLE shop.remote (x Int8) ENGINE = MySQL('db:3306', 'a', 'b', 'root', 'hunter2')";
    const { catalog } = catalogOf({
      create_table_query: [['remote', 'MySQL', "MySQL('db:3306', … 'hunter2')", definition]],
    });
    expect(await catalog.schemaObjects()).toEqual([
      { kind: 'foreign table', name: 'remote', table: undefined, definition: 'engine MySQL', body: definition },
    ]);
  });

  it('asks an old server only for what it has', async () => {
    const old = { has: ['tables.engine_full', 'columns.default_type'], version: '18.16.1' };
    const { catalog, asked } = catalogOf({ 'system.parts': [['shop', 'orders', 'MergeTree', 5, 100, '']] }, old);
    expect(await catalog.tables()).toMatchObject([{ name: 'orders', estimatedRows: 5, bytes: 100 }]);
    await catalog.columns();
    await catalog.schemaObjects();
    expect(await catalog.explain('SELECT 1')).toEqual([]);
    expect(asked.filter((sql) => /total_bytes|position|default_kind|skipping|projections FROM/.test(sql))).toHaveLength(
      1,
    );
  });
});
