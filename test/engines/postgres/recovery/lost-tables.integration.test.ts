import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSampleServer } from '../../../../demo/sample-server.ts';
import type { LoadOutcome } from '../../../../src/engines/engine.ts';
import { flipBytes } from '../physical/flip-bytes.ts';
import { makeWorkDirectory, openBackup, restoreInto, startSandbox } from '../restoring.ts';

let directory: Awaited<ReturnType<typeof makeWorkDirectory>>;
/** Path of the file with the rows of each table or index, below the data directory. */
const files = new Map<string, string>();

beforeAll(async () => {
  directory = await makeWorkDirectory();
  await using server = await startSampleServer();
  await server.sql('postgres', 'create database shop');
  await server.sql(
    'shop',
    'create table orders (id int primary key, note text)',
    'insert into orders select n, repeat(md5(n::text), 500) from generate_series(1, 1000) n',
    'alter table orders alter note set storage external; update orders set note = note || 1',
    'create table fresh (id int primary key) with (autovacuum_enabled = off)',
    'insert into fresh select generate_series(1, 1000)',
    'create table days (day int) partition by range (day)',
    'create table january partition of days for values from (1) to (32)',
    'insert into days select generate_series(1, 31)',
    'create materialized view totals as select count(*) from orders',
    'create materialized view later as select 1 as n with no data',
    'create table emptied (id int primary key); insert into emptied select generate_series(1, 1000)',
    'create table never (id int primary key) with (autovacuum_enabled = off)',
    'create table rolled (id int primary key) with (autovacuum_enabled = off)',
    'begin; insert into rolled select generate_series(1, 1000); rollback',
    'truncate rolled',
    'create table tail (id int primary key, note text); insert into tail select n, repeat(md5(n::text), 5) from generate_series(1, 1000) n',
    'create table unindexed as table tail',
    'create table grown as table tail; alter table grown add primary key (id)',
    'create table keys (id int primary key); insert into keys select generate_series(1, 5000)',
    'vacuum analyze orders, tail, unindexed, grown, keys',
    // as after a VACUUM that was interrupted when it had shortened the table, or after loading a dump of statistics
    "update pg_class set relpages = relpages + 3000 where relname = 'grown'",
    'delete from emptied',
    'vacuum emptied',
  );
  // as TimescaleDB leaves compressed chunks, and as a dump of statistics leaves a table without rows
  await server.sql('postgres', 'create database series');
  await server.sql(
    'series',
    'create table metrics (at int)',
    'create table chunk () inherits (metrics)',
    'create table late () inherits (metrics); insert into late values (1)',
    "update pg_class set relpages = 200000, reltuples = 1e8 where relname in ('chunk', 'late')",
    "insert into pg_extension values (99999, 'timescaledb', 10, 11, false, '2.20.0', null, null)",
    'create table counted (id int primary key)',
    "update pg_class set relpages = 200000, reltuples = 1e8 where relname = 'counted'",
    'create unlogged table sessions (id serial primary key, note text); insert into sessions (note) values (1)',
    'create table without_columns (); insert into without_columns default values',
    'create function fails(int) returns int immutable language sql as $$ select 1 $$',
    'create table guarded (id int); create index on guarded (id) where fails(id) = 1',
    'create or replace function fails(int) returns int immutable language plpgsql as $$ begin raise division_by_zero; end $$',
    'create view broken as select fails(1)',
    'alter database series connection limit 0; revoke all on database series from public',
  );
  const rows = await server.sql(
    'shop',
    "select relname as name, pg_relation_filepath(oid) as path from pg_class where relname in ('orders', 'fresh', 'january', 'totals', 'tail', 'unindexed', 'keys_pkey') union all select 'toast', pg_relation_filepath(reltoastrelid) from pg_class where relname = 'orders'",
  );
  for (const { name = '', path = '' } of rows) files.set(name, path);
  const tar = await server.backup();
  mkdirSync(join(directory.path, 'plain'));
  execFileSync('tar', ['-xzf', tar, '-C', join(directory.path, 'plain')]);
  cpSync(await server.stop(), join(directory.path, 'plain', 'pg_wal'), { recursive: true });
});

afterAll(() => directory[Symbol.asyncDispose]());

const pathOf = (name: string): string => join(directory.path, 'plain', files.get(name) ?? '');

async function restore(): Promise<Pick<LoadOutcome, 'errors' | 'warnings'>> {
  await using box = await startSandbox('local', '18');
  await using restored = await restoreInto(box, await openBackup(directory.path, 'plain/'), { database: 'shop' });
  return restored.outcome;
}

it('fails for a table whose missing end an index refers to, and for such an index, and warns about a table without an index', async () => {
  const names = ['tail', 'unindexed', 'keys_pkey'];
  const whole = new Map(names.map((name) => [name, readFileSync(pathOf(name))]));
  for (const [name, bytes] of whole) truncateSync(pathOf(name), Math.floor(bytes.length / 3 / 8192) * 8192);
  const { errors, warnings } = await restore();
  expect(errors).toEqual([
    expect.stringMatching(/^public\.tail in shop cannot be read: could not read blocks? /),
    expect.stringMatching(/^public\.keys_pkey in shop cannot be read: could not read blocks? /),
  ]);
  expect(warnings.filter((line) => line.includes('its end may be missing'))).toEqual([
    expect.stringMatching(/^public\.unindexed in shop has \d+ pages, and the server had counted \d+: /),
  ]);
  for (const [name, bytes] of whole) writeFileSync(pathOf(name), bytes);
});

it('fails for tables whose file is missing, emptied or damaged, but not for empty tables', async () => {
  const before = await restore();
  expect(before.errors).toEqual([]);
  expect(before.warnings.filter((line) => line.includes('its end may be missing'))).toEqual([]);
  truncateSync(pathOf('orders'));
  truncateSync(pathOf('fresh'));
  truncateSync(pathOf('toast'));
  rmSync(pathOf('january'));
  flipBytes(pathOf('totals'), 8000);
  expect((await restore()).errors).toEqual([
    '4 tables and indexes each have a missing or emptied file in shop: public.fresh, public.january, public.orders and 1 more; a part of the backup is missing, or lacks the file',
    expect.stringMatching(
      /^public\.january in shop cannot be read: could not open file "base\/\d+\/\d+": No such file/,
    ),
    expect.stringMatching(/^public\.totals in shop cannot be read: invalid page in block 0/),
  ]);
});
