import { describe, expect, it } from 'vitest';
import { matchTables } from '../../../../src/engines/clickhouse/formats/freeze/freeze-format.ts';
import { readDefinition } from '../../../../src/engines/clickhouse/formats/parts/definition.ts';
import { cpuMsOf } from '../../../support/cpu-time.ts';

const UUID = '3ff0b1c2-0000-4000-8000-0123456789ab';
const create = (text: string) => readDefinition(text, 'shop', 'orders')?.create();

describe('the definition of a table in metadata/', () => {
  it('becomes a statement that creates the table, and yields the UUID of its folder', () => {
    const text = `ATTACH TABLE _ UUID '${UUID}'\n(\n    \`id\` UInt64\n)\nENGINE = MergeTree\nORDER BY id\nSETTINGS index_granularity = 8192\n`;
    const found = readDefinition(text, 'shop', 'a`b');
    expect(found).toMatchObject({ kind: 'table', uuid: UUID, changes: [] });
    expect(found?.create()).toBe(
      'CREATE TABLE `shop`.`a\\`b`\n(\n    `id` UInt64\n)\nENGINE = MergeTree\nORDER BY id\nSETTINGS index_granularity = 8192',
    );
  });

  it.each([
    ['ATTACH TABLE orders (x Int8) ENGINE = Log', 'CREATE TABLE `shop`.`orders` (x Int8) ENGINE = Log'],
    ['CREATE TABLE shop.`or\\`d ers` (x Int8) ENGINE = Log;\n', 'CREATE TABLE `shop`.`orders` (x Int8) ENGINE = Log'],
    ['ATTACH VIEW orders AS SELECT 1', 'CREATE VIEW `shop`.`orders` AS SELECT 1'],
    [
      `ATTACH MATERIALIZED VIEW _ UUID '${UUID}' TO INNER UUID '${UUID}' (x Int8) ENGINE = Log AS SELECT 1`,
      'CREATE MATERIALIZED VIEW `shop`.`orders` (x Int8) ENGINE = Log AS SELECT 1',
    ],
    [
      'ATTACH MATERIALIZED VIEW _ TO shop.t (x Int8) AS SELECT 1',
      'CREATE MATERIALIZED VIEW `shop`.`orders` TO shop.t (x Int8) AS SELECT 1',
    ],
  ])('is read in the syntax of old and new servers: %s', (text, expected) => {
    expect(create(text)).toBe(expected);
  });

  it.each([
    [
      'REFRESH EVERY 2 SECOND TO shop.t\n(\n    `n` UInt64\n)\nAS SELECT 1',
      ' TO shop.t\n(\n    `n` UInt64\n)\nAS SELECT 1',
    ],
    [
      'REFRESH AFTER 1 HOUR 5 MINUTE RANDOMIZE FOR 10 MINUTE DEPENDS ON shop.a, shop.b SETTINGS refresh_retries = 3 APPEND TO shop.t (n UInt64) AS SELECT 1',
      ' APPEND TO shop.t (n UInt64) AS SELECT 1',
    ],
    ['REFRESH EVERY 1 DAY OFFSET 2 HOUR (n UInt64) ENGINE = Log AS SELECT 1', ' (n UInt64) ENGINE = Log AS SELECT 1'],
    ['REFRESH EVERY 1 DAY ENGINE = Log AS SELECT 1', ' ENGINE = Log AS SELECT 1'],
    [
      `REFRESH EVERY 1 DAY TO INNER UUID '${UUID}' (n UInt64) ENGINE = Log DEFINER = \`a b\` SQL SECURITY DEFINER AS SELECT 1`,
      ' (n UInt64) ENGINE = Log EMPTY AS SELECT 1',
    ],
    [
      'REFRESH EVERY 1 DAY TO shop.t (n UInt64) DEFINER = alice SQL SECURITY DEFINER AS SELECT 1',
      ' TO shop.t (n UInt64) EMPTY AS SELECT 1',
    ],
  ])('keeps a view from being refreshed on its schedule, which would change restored rows: %s', (text, expected) => {
    const found = readDefinition(`CREATE MATERIALIZED VIEW shop.orders\n${text}`, 'shop', 'orders');
    const head = 'CREATE MATERIALIZED VIEW `shop`.`orders` REFRESH EVERY 1 YEAR DEPENDS ON system.one';
    expect(found?.create()).toBe(`${head}${expected}`);
    expect(found?.changes).toEqual(['without its refreshes']);
    expect(found?.schedule).toEqual({ appends: expected.startsWith(' APPEND'), paused: false });
    expect(readDefinition(`${head}${expected}`, 'shop', 'orders')?.schedule?.paused).toBe(true);
  });

  it.each([
    ['VIEW shop.orders (n UInt64) DEFINER = alice SQL SECURITY DEFINER', 'without its definer'],
    ['VIEW shop.orders (n UInt64) DEFINER = `a\\`b c`@`10.0.0.%` SQL SECURITY DEFINER', 'without its definer'],
    ['MATERIALIZED VIEW shop.orders (n UInt64) SQL SECURITY NONE', 'without SQL SECURITY NONE'],
  ])('drops the definer or SQL SECURITY NONE of a view, which a sandbox cannot provide: %s', (text, change) => {
    const found = readDefinition(`CREATE ${text} AS SELECT 1`, 'shop', 'orders');
    expect(found?.create()).toMatch(/VIEW `shop`\.`orders` \(n UInt64\) AS SELECT 1$/);
    expect(found?.changes).toEqual([change]);
  });

  it('keeps a definer that exists in every sandbox', () => {
    const text = 'CREATE VIEW `shop`.`orders` (n UInt64) DEFINER = default SQL SECURITY DEFINER AS SELECT 1';
    expect(create(text)).toBe(text);
  });

  it.each([
    ["ENGINE = ReplicatedMergeTree('/ch/{uuid}/{shard}', '{replica}') ORDER BY x", 'ENGINE = MergeTree() ORDER BY x'],
    ["ENGINE = ReplicatedReplacingMergeTree('/a', 'b', ver) ORDER BY x", 'ENGINE = ReplacingMergeTree(ver) ORDER BY x'],
    ['ENGINE = ReplicatedMergeTree ORDER BY x', 'ENGINE = MergeTree ORDER BY x'],
    ["ENGINE = ReplicatedMergeTree('/a', 'b', d, (x), 8192)", 'ENGINE = MergeTree(d, (x), 8192)'],
    ['ENGINE = ReplicatedSummingMergeTree(n) ORDER BY x', 'ENGINE = SummingMergeTree(n) ORDER BY x'],
  ])('drops replicas: %s', (engine, expected) => {
    const found = readDefinition(`ATTACH TABLE _ (x Int8) ${engine}`, 'shop', 'orders');
    expect(found?.create()).toBe(`CREATE TABLE \`shop\`.\`orders\` (x Int8) ${expected}`);
    expect(found?.changes).toEqual(['without replicas']);
  });

  it.each([
    [
      "ORDER BY x SETTINGS storage_policy = 'hot', index_granularity = 1",
      'ORDER BY x SETTINGS index_granularity = 1',
      'on one disk',
    ],
    [
      "ORDER BY x SETTINGS index_granularity = 1, storage_policy = 'hot'",
      'ORDER BY x SETTINGS index_granularity = 1',
      'on one disk',
    ],
    ["ORDER BY x SETTINGS disk = disk(type = 's3', key = 'a)b')", 'ORDER BY x', 'on one disk'],
    [
      "ORDER BY x TTL d + toIntervalDay(1) TO VOLUME 'cold' SETTINGS index_granularity = 1",
      'ORDER BY x SETTINGS index_granularity = 1',
      'without its TTL',
    ],
  ])('drops disks, since a sandbox has only one: %s', (rest, expected, change) => {
    const found = readDefinition(`ATTACH TABLE _ (x Int8 TTL d) ENGINE = MergeTree ${rest}`, 'shop', 'orders');
    expect(found?.create()).toBe(`CREATE TABLE \`shop\`.\`orders\` (x Int8 TTL d) ENGINE = MergeTree ${expected}`);
    expect(found?.changes).toEqual([change]);
  });

  it('is read in one pass, whatever is repeated in it', () => {
    const text = `ATTACH TABLE _ (x Int8) ENGINE = MergeTree ${' SETTINGS  TTL '.repeat(40_000)}`;
    const spentMs = cpuMsOf(() => expect(readDefinition(text, 'shop', 'orders')?.kind).toBe('table'));
    expect(spentMs).toBeLessThan(1000);
    const view = `ATTACH MATERIALIZED VIEW _ REFRESH EVERY ${' '.repeat(200_000)}`;
    expect(cpuMsOf(() => expect(readDefinition(view, 'shop', 'orders')?.kind).toBe('view'))).toBeLessThan(1000);
  });

  it('cannot be read from another statement', () => {
    expect(create('ATTACH DATABASE shop ENGINE = Atomic')).toBeUndefined();
    expect(create('DROP TABLE orders')).toBeUndefined();
  });
});

describe('tables of a FREEZE copy', () => {
  const define = (engine: string) => {
    const definition = readDefinition(`ATTACH TABLE _ (x Int8) ENGINE = ${engine}`, 'shop', 'orders');
    if (!definition) throw new Error('no definition');
    return { database: 'shop', table: 'orders', definition, path: 'shop/orders' };
  };

  it.each(['Log', 'StripeLog', 'Join(ANY, LEFT, x)'])('are reported as empty when their engine is %s', (engine) => {
    const [table] = matchTables('nightly/', [], [define(engine)]);
    expect(table?.definition.changes).toEqual([
      `without rows: FREEZE does not copy tables of the engine ${engine.replace(/\(.*/, '')}`,
    ]);
  });

  it('are restored without changes when their engine has parts', () => {
    expect(matchTables('nightly/', [], [define('MergeTree ORDER BY x')])[0]?.definition.changes).toEqual([]);
  });
});
