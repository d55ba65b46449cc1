import type { Server } from '../../../src/engines/engine.ts';
import { MysqlServer } from '../../../src/engines/mysql/server/mysql-server.ts';
import { PostgresServer } from '../../../src/engines/postgres/server/postgres-server.ts';
import { openSessionPool } from '../../../src/verify/session-pool.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';

/**
 * The hash of a table of all types, the same on every server of the product. Seen on Postgres 15.18, 16.14, 17.12 and 18.6; MySQL 9.7.4; MariaDB 10.11.18 and
 * 11.8.9.
 */
export const TYPED_HASHES: Readonly<Record<string, string>> = {
  postgres: '3cb6a59c99ba14fe62993797a66c6d8a',
  mysql: '7fab2261d5a9c2b1',
  mariadb: 'b1ead6ff293bb908',
};

const POSTGRES = [
  "CREATE TYPE mood AS ENUM ('b', 'a')",
  'CREATE TYPE pair AS (a int, b text)',
  'CREATE DOMAIN dom AS numeric(6,2)',
  'CREATE EXTENSION hstore',
  'CREATE TABLE typed (id bigint primary key, f4 float4, f8 float8, n numeric, m money, ts timestamp, tz timestamptz, d date, t time, ttz timetz, iv interval, j json, jb jsonb, x xml, by bytea, arr float8[], tarr timestamptz[], e mood, p pair, dm dom, u uuid, ip inet, c cidr, mac macaddr, r tstzrange, nr numrange, bit5 bit(5), txt text, vc varchar(10), ch char(5), tsv tsvector, pt point, b bool, o oid, hs hstore, ir int4range, mr int4multirange, bx box, pth path, l text collate "C")',
  `INSERT INTO typed SELECT i, (i*1.1)::float4, i/3.0::float8, (i*1.23456789)::numeric, (i*1.5)::numeric::money, timestamp '2026-03-29 01:59:59.123456' + i * interval '1 hour', timestamptz '2026-03-29 01:00+00' + i*interval '17 min', date '0001-01-01' + i*1000, time '00:00' + i*interval '1 s', '10:00:00+02', make_interval(months => i, days => i, secs => i*1.5), ('{"b":1,"a":'||i||'}')::json, ('{"b":1.50,"a":'||i||'}')::jsonb, ('<a>'||i||'</a>')::xml, decode(lpad(to_hex(i),8,'0'),'hex'), ARRAY[0.1,i/7.0,'NaN','-Infinity']::float8[], ARRAY[timestamptz '2026-07-01 12:00+00'], (CASE WHEN i%2=0 THEN 'a' ELSE 'b' END)::mood, ROW(i,'ä"'||i)::pair, i%100+0.25, md5(i::text)::uuid, ('10.0.'||i%250||'.1/24')::inet, '10.0.0.0/8', '08:00:2b:01:02:03', tstzrange(timestamptz '2026-01-01 00:00+00', null), numrange(0.5,i), B'10101', 'Zoë straße '||i||E'\\n\\t', left('ẞé'||i,10), 'x', to_tsvector('simple','foo bar '||i), point(i,0.1), i%3=0, i, 'a=>1,b=>NULL'::hstore, int4range(1,i+1), '{[1,3),[5,9)}', box(point(0,0),point(i,1.1)), path '((0,0),(1,1.5))', 'Z' FROM generate_series(1,500) i`,
  "INSERT INTO typed (id,f8,f4,tz,d) VALUES (-1,'NaN','Infinity','infinity','-infinity'),(-2,-0.0,1e-45,'0044-03-15 BC','0044-03-15 BC'),(-3,1e308,3.4e38,null,null)",
  "ALTER DATABASE typed SET TimeZone = 'America/St_Johns'",
  "ALTER DATABASE typed SET DateStyle = 'SQL, DMY'",
  "ALTER DATABASE typed SET IntervalStyle = 'sql_standard'",
  'ALTER DATABASE typed SET extra_float_digits = -5',
  "ALTER DATABASE typed SET bytea_output = 'escape'",
];

const MYSQL = [
  "SET SESSION time_zone = '+00:00'",
  "CREATE TABLE typed (id BIGINT UNSIGNED PRIMARY KEY, t TINYINT, m MEDIUMINT UNSIGNED, n DECIMAL(20,4), f FLOAT, d DOUBLE, b BIT(5), dt DATE, dtm DATETIME(6), ts TIMESTAMP(3) NULL, tm TIME(2), y YEAR, c CHAR(5), v VARCHAR(20) CHARACTER SET latin1, v2 VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, tx MEDIUMTEXT CHARACTER SET utf8mb4, bi BINARY(4), vb VARBINARY(10), bl BLOB, e ENUM('b','a'), s SET('x','y','z'), j JSON, g POINT)",
  'CREATE TEMPORARY TABLE numbers (i INT)',
  `INSERT INTO numbers VALUES ${Array.from({ length: 400 }, (_, index) => `(${index + 1})`).join(',')}`,
  `INSERT INTO typed SELECT i, i % 100, i * 3, i * 1.2345, i * 1.1, i / 3, i % 32, DATE_ADD('2026-01-01', INTERVAL i DAY), DATE_ADD('2026-03-29 01:59:59.123456', INTERVAL i HOUR), DATE_ADD('2026-03-29 00:30:00', INTERVAL i HOUR), SEC_TO_TIME(i*77), 1990 + i % 50, 'x', CONCAT('Zoë', i), CONCAT('Straße', i), CONCAT('😀', i), LPAD(i, 4, '0'), LPAD(i, 5, 'a'), REPEAT('q', i), IF(i % 2, 'a', 'b'), 'x,z', CONCAT('{"b": 1, "a": ', i, '.5}'), ST_GeomFromText(CONCAT('POINT(', i, ' 0.1)')) FROM numbers`,
  'INSERT INTO typed (id) VALUES (18446744073709551615)',
  "SET GLOBAL time_zone = '+05:30'",
];

/** Hashes, like a check, a table of all types in its own database, under settings that change how its values are written. */
export async function hashTypedTable(server: Server): Promise<string | undefined> {
  const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
  if (server instanceof PostgresServer) {
    const template = "TEMPLATE template0 ENCODING 'UTF8'";
    await server.withSession('postgres', signal, (client) => client.query(`CREATE DATABASE typed ${template}`));
    await server.withSession('typed', signal, async (client) => {
      await client.query('SET search_path = public');
      for (const statement of POSTGRES) await client.query(statement);
    });
  } else {
    const mysql = MysqlServer.of(server);
    await mysql.withSession(undefined, signal, (session) => session.execute('CREATE DATABASE typed'));
    await mysql.withSession('typed', signal, async (session) => {
      for (const statement of MYSQL) await session.execute(statement);
    });
  }
  await using pool = openSessionPool(server, { defaultDatabase: 'typed', cpus: 2, signal });
  const options = { database: undefined, maxRows: 200_000, timeoutMs: STEP_TIMEOUT_MS, signal };
  const ask = (sql: string) => pool.query(sql, options);
  const table = (await pool.hasher.listTables(ask)).find(({ name }) => name === 'typed' || name === 'public.typed');
  return table && (await pool.hasher.digest(ask, table, undefined))[0]?.hash;
}
