import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../../../src/engines/engine.ts';
import { postgresHasher } from '../../../../src/engines/postgres/fingerprint/postgres-hasher.ts';
import { exactTypes } from '../../../../src/engines/postgres/server/check-types.ts';
import { PostgresServer } from '../../../../src/engines/postgres/server/postgres-server.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { requireSqlAccess } from '../../../../src/verify/require-sql-access.ts';
import { type DigestSubject, digestOf, expectEachCaught } from '../../digest-suite.ts';
import { boot, never, startSandbox } from '../restoring.ts';

/** A value of each type, and another that differs from it only slightly. */
const VALUES: Readonly<Record<string, readonly [value: string, other: string]>> = {
  int2: ['-32768', '-32767'],
  int8: ['9223372036854775807', '9223372036854775806'],
  numeric: ["'123456789012345678901234567890.123456'", "'123456789012345678901234567890.123457'"],
  'numeric(12,2)': ['1.50', '1.51'],
  float4: ["'0.1'", "'0.10000001'"],
  float8: ['0.3::float8', '0.1::float8 + 0.2::float8'],
  money: ["'$1,234.56'", "'$1,234.57'"],
  bool: ['true', 'false'],
  'char(5)': ["'ab'", "'aB'"],
  text: [String.raw`E'tab\t\\'`, String.raw`E'tab\t/'`],
  bytea: [String.raw`'\x00ff'`, String.raw`'\x00fe'`],
  date: ["'4713-01-01 BC'", "'4713-01-02 BC'"],
  timestamp: ["'infinity'", "'-infinity'"],
  timestamptz: ["'2026-03-29 01:30:00.123456+00'", "'2026-03-29 01:30:00.123457+00'"],
  timetz: ["'12:00:00+05:30'", "'12:00:00+05:00'"],
  interval: ["'1 mon'", "'30 days'"],
  uuid: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'"],
  json: [`'{"b": 1,  "a": 2}'`, `'{"b": 1, "a": 2}'`],
  jsonb: [`'{"a": 1.50}'`, `'{"a": 1.5}'`],
  xml: ["'<a/>'", "'<b/>'"],
  inet: ["'10.0.0.1/24'", "'10.0.0.1/25'"],
  'bit(5)': ["B'10101'", "B'10100'"],
  tsvector: ["'cat sat'", "'cat'"],
  point: ["'(1.5,2)'", "'(1.5,2.0000000000000004)'"],
  int4range: ["'[1,5)'", "'[1,6)'"],
  nummultirange: ["'{[1,2),[5,9)}'", "'{[1,2),[5,9]}'"],
  'text[]': [`'{a,NULL,"c,d"}'`, `'{a,"NULL","c,d"}'`],
  'timestamptz[]': ["'{2026-01-01 00:00+00}'", "'{2026-01-01 00:00+01}'"],
  mood: ["'ok'", "'sad'"],
  'mood[]': ["'{ok,sad}'", "'{sad,ok}'"],
  pair: ["row(1, '2026-01-01 00:00+00')", "row(1, '2026-01-01 00:00+01')"],
  'pair[]': ["array[row(1, '2026-01-01 00:00+00')::pair]", "array[row(2, '2026-01-01 00:00+00')::pair]"],
  email: ["'a@b.c'", "'a@b.d'"],
  emails: ["'{a,b}'", "'{a,c}'"],
  regclass: ["'moods'", "'pg_class'"],
  regtype: ["'mood'", "'pair'"],
  'regclass[]': ["'{moods,NULL}'", "'{moods,pg_class}'"],
};

const COLUMNS = Object.keys(VALUES).map((type, index) => `c${index} ${type}`);

describe('digests of Postgres tables', () => {
  let sandbox: Sandbox;
  let server: Server;
  let client: pg.Client;
  let subject: DigestSubject;
  beforeAll(async () => {
    sandbox = await startSandbox('local', '18');
    server = await boot(sandbox);
    client = await PostgresServer.of(server).openSession('postgres', never);
    subject = {
      hasher: postgresHasher,
      ask: async (sql) => {
        const { fields, rows } = await client.query({ text: sql, rowMode: 'array', types: exactTypes });
        return { columns: fields.map(({ name }) => name), rows, truncated: false };
      },
      run: async (...statements) => {
        for (const statement of statements) await client.query(statement);
      },
    };
    await subject.run(
      `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b timestamptz); CREATE TABLE moods (m mood);
       CREATE DOMAIN email AS text; CREATE DOMAIN emails AS text[];
       CREATE TABLE every (id int PRIMARY KEY, ${COLUMNS.join(', ')}, made int GENERATED ALWAYS AS (id * 2) STORED);
       INSERT INTO every VALUES (1, ${Object.values(VALUES)
         .map(([value]) => value)
         .join(', ')}); INSERT INTO every VALUES (2)`,
    );
  });
  afterAll(() => sandbox.dispose());

  it('detect a changed value and a NULL in a column of each type', async () => {
    const changes = Object.entries(VALUES).flatMap(([type, [, other]], index) => [
      [`${type}: ${other}`, `UPDATE every SET c${index} = ${other} WHERE id = 1`],
      [`${type}: NULL`, `UPDATE every SET c${index} = NULL WHERE id = 1`],
    ]);
    await expectEachCaught(subject, 'public.every', Object.fromEntries(changes));
  });

  it('detect swapped values, duplicated rows, equal edits, and a value in the wrong column', async () => {
    await subject.run(
      `CREATE TABLE pairs (id int, a text, b text);
       INSERT INTO pairs SELECT i, 'a' || i, 'b' || i % 2 FROM generate_series(1, 100) i`,
    );
    await expectEachCaught(subject, 'public.pairs', {
      'swapped between rows': `UPDATE pairs SET a = CASE id WHEN 1 THEN 'a2' ELSE 'a1' END WHERE id IN (1, 2)`,
      'swapped between columns': 'UPDATE pairs SET a = b, b = a WHERE id = 1',
      'a row twice': 'INSERT INTO pairs SELECT * FROM pairs WHERE id = 1',
      'two rows twice': 'INSERT INTO pairs SELECT * FROM pairs WHERE id IN (1, 2)',
      'equal edits': `UPDATE pairs SET b = 'x' WHERE id IN (2, 4)`,
      'a character moved to the next column': `UPDATE pairs SET a = 'a', b = '1b1' WHERE id = 1`,
      'one row for another': 'UPDATE pairs SET (id, a, b) = (SELECT id, a, b FROM pairs WHERE id = 2) WHERE id = 1',
      'empty text for NULL': `UPDATE pairs SET a = '' WHERE id = 1`,
      'a lost row': 'DELETE FROM pairs WHERE id = 50',
      'no rows': 'DELETE FROM pairs',
    });
    expect(await digestOf(subject, 'public.pairs')).toMatchObject([{ rows: 100n, filled: { a: 100n, b: 100n } }]);
  });

  it('detect a changed byte in any part of a large object, even from a read-only session', async () => {
    const mebibyte = "decode(repeat('ab', 1048576), 'hex')";
    await subject.run(
      `SELECT lo_from_bytea(70001, ${mebibyte} || ${mebibyte} || 'rest'), lo_from_bytea(70002, ${mebibyte}), lo_create(70003)`,
    );
    await expectEachCaught(subject, 'large objects', {
      'a byte in the second part': "SELECT lo_put(70001, 1500000, 'x')",
      'a byte at the end': "SELECT lo_put(70001, 2097155, 'x')",
      'a byte more': "SELECT lo_put(70002, 1048576, 'x')",
      'content in an empty one': "SELECT lo_put(70003, 0, 'x')",
      'an empty one less': 'SELECT lo_unlink(70003)',
    });
    const [own] = await digestOf(subject, 'large objects');
    expect(own?.rows).toBe(6n); // 3, 2 and 1 parts: a full part is followed by an empty one
    await using session = await requireSqlAccess(server).openCheckSession('postgres', never);
    const ask: DigestSubject['ask'] = (sql) => session.query(sql, { timeoutMs: 60_000, maxRows: 10, signal: never });
    expect(await digestOf({ ...subject, ask }, 'large objects')).toEqual([own]);
  });

  it('are the same for a different order of rows and of columns', async () => {
    const names = [...COLUMNS.keys()].map((index) => `c${index}`).join(', ');
    const before = await digestOf(subject, 'public.every');
    await subject.run(
      'BEGIN',
      `CREATE TABLE moved (${[...COLUMNS].reverse().join(', ')}, id int PRIMARY KEY)`,
      `INSERT INTO moved (id, ${names}) SELECT id, ${names} FROM every ORDER BY id DESC`,
    );
    const after = await digestOf(subject, 'public.moved');
    await subject.run('ROLLBACK');
    expect(after.map(({ hash }) => hash)).toEqual(before.map(({ hash }) => hash));
  });

  it('are the same under other settings, except for composite values, whose text every session pins', async () => {
    const composites = Object.keys(VALUES).flatMap((type, index) =>
      type.startsWith('pair') ? [`DROP c${index}`] : [],
    );
    await subject.run('BEGIN', `ALTER TABLE every ${composites.join(', ')}`);
    const before = await digestOf(subject, 'public.every');
    await subject.run(
      `SET timezone = 'Asia/Tokyo'; SET datestyle = 'German'; SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape'`,
      `SET extra_float_digits = -15; SET lc_monetary = 'C'; SET xmlbinary = 'hex'; SET search_path = pg_catalog`,
    );
    const after = await digestOf(subject, 'public.every');
    await subject.run('ROLLBACK');
    expect(after).toEqual(before);
  });

  it('cover each partitioned table as a whole, parents without their children, and nothing else', async () => {
    await subject.run(
      `CREATE SCHEMA "o""dd"; CREATE TABLE "o""dd"."t'a\\ble" (); INSERT INTO "o""dd"."t'a\\ble" DEFAULT VALUES;
       CREATE TABLE parted (id int8 PRIMARY KEY) PARTITION BY HASH (id);
       CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO parted SELECT generate_series(1, 10);
       CREATE TABLE parent (id int); CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (1);
       CREATE VIEW shown AS SELECT 1; CREATE MATERIALIZED VIEW kept AS SELECT 1; CREATE TEMP TABLE mine (id int);
       CREATE TABLE ends (id int8 PRIMARY KEY); INSERT INTO ends VALUES (-9223372036854775808), (9223372036854775807)`,
    );
    const tables = await postgresHasher.listTables(subject.ask);
    expect(tables.map(({ name }) => name)).toEqual([
      String.raw`o"dd.t'a\ble`,
      ...['child', 'ends', 'every', 'moods', 'pairs', 'parent', 'parted'].map((name) => `public.${name}`),
    ]);
    const rows = await Promise.all(tables.map(async ({ name }) => (await digestOf(subject, name))[0]?.rows ?? 0n));
    expect(rows).toEqual([1n, 1n, 2n, 2n, 0n, 100n, 0n, 10n]);
    const parted = tables.find(({ name }) => name === 'public.parted');
    if (!parted) throw new Error('not listed');
    expect(await postgresHasher.readKeys(subject.ask, parted)).toEqual({ min: 1n, max: 10n });
    const buckets = await postgresHasher.digest(subject.ask, parted, { from: 3n, width: 3n, count: 2 });
    expect(new Map(buckets.map(({ bucket, rows: count }) => [bucket, count]))).toEqual(
      new Map([
        [-1, 2n],
        [0, 3n],
        [1, 3n],
        [2, 2n],
      ]),
    );
    const ends = tables.find(({ name }) => name === 'public.ends');
    expect(ends && (await postgresHasher.readKeys(subject.ask, ends))).toEqual({
      min: -(2n ** 63n),
      max: 2n ** 63n - 1n,
    });
  });
});
