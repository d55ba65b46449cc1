import { IMAGE, type Taken, takeBy } from './backups.ts';

const LOCAL = 'clickhouse-local --path=/work/data --config-file=/work/config.xml';
const PLAIN = ['orders', 'empty', 'newest', 'daily', 'totals'];
const WEIRD = "a;\\\\'t/../x é";

/** Files with what `clickhouse-client` prints for each table: `native/` with definitions, `parquet/` without. */
export function takeExports(): Promise<Taken> {
  return takeBy(
    IMAGE,
    `set -e
cd /work/backups; mkdir native parquet
${LOCAL} <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.orders (d Date, id UInt64, v Decimal(18, 4), at DateTime('Europe/Berlin'), tags Array(LowCardinality(String)), note Nullable(String),
  twice UInt64 MATERIALIZED id * 2) ENGINE = MergeTree PARTITION BY toYYYYMM(d) ORDER BY id;
CREATE TABLE shop.empty (x Int8) ENGINE = MergeTree ORDER BY x;
CREATE TABLE shop.newest (id UInt64, v UInt8) ENGINE = ReplacingMergeTree ORDER BY id;
INSERT INTO shop.newest VALUES (1, 1), (2, 1);
CREATE MATERIALIZED VIEW shop.daily ENGINE = SummingMergeTree ORDER BY d AS SELECT d, count() AS n FROM shop.orders GROUP BY d;
INSERT INTO shop.orders SELECT toDate('2026-01-01') + number % 60, number, number / 4, toDateTime(1767225600 + number, 'UTC'), ['a', toString(number)], if(number % 2, NULL, 'x') FROM numbers(20000);
CREATE VIEW shop.totals AS SELECT sum(n) AS n FROM shop.daily;
CREATE TABLE shop.\`${WEIRD}\` (x Int8) ENGINE = MergeTree ORDER BY x;
INSERT INTO shop.\`${WEIRD}\` VALUES (1);
SELECT * FROM shop.orders WHERE d < '2026-02-01' INTO OUTFILE '/work/backups/native/shop.orders.202601.native' FORMAT Native;
SELECT * FROM shop.orders WHERE d >= '2026-02-01' INTO OUTFILE '/work/backups/native/shop.orders.202602.native' FORMAT Native;
SELECT * FROM shop.newest INTO OUTFILE '/work/backups/native/shop.newest.native' FORMAT Native;
SELECT * FROM shop.daily INTO OUTFILE '/work/backups/native/shop.daily.native' FORMAT Native;
SELECT * FROM shop.\`${WEIRD}\` INTO OUTFILE '/work/backups/native/shop.a%3B%27t%2F%2E%2E%2Fx%20%C3%A9.native' FORMAT Native;
SELECT * FROM shop.orders INTO OUTFILE '/work/backups/parquet/shop.orders.parquet' FORMAT Parquet;
${PLAIN.map((table) => `SHOW CREATE TABLE shop.${table} INTO OUTFILE '/work/backups/native/shop.${table}.sql' FORMAT TabSeparated;`).join('\n')}
SHOW CREATE TABLE shop.\`${WEIRD}\` INTO OUTFILE '/work/backups/native/shop.a%3B%27t%2F%2E%2E%2Fx%20%C3%A9.sql' FORMAT TabSeparatedRaw;
SQL
: > native/shop.empty.native
gzip native/shop.orders.202602.native
chmod -R a+rwX /work/data /work/backups/*`,
  );
}
