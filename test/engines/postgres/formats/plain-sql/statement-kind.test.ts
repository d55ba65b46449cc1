import { describe, expect, it } from 'vitest';
import {
  classify,
  endsWaitingSessions,
  makesDataOrderMatter,
  mayEndSessions,
  tableOfCopy,
} from '../../../../../src/engines/postgres/formats/plain-sql/statement-kind.ts';
import { localeOptions } from '../../../../../src/engines/postgres/loading/target-database.ts';
import { rolesNeededBy } from '../../../../../src/engines/postgres/server/dump-names.ts';

describe('the kind of a statement', () => {
  it.each([
    ['SET search_path = public', { kind: 'setting' }],
    ["SELECT pg_catalog.set_config('search_path', '', false)", { kind: 'setting' }],
    ['SET LOCAL x = 1', { kind: 'alone' }],
    ['SET default_tablespace = fast', { kind: 'tablespace' }],
    ["SET default_tablespace = ''", { kind: 'setting' }],
    ['SET SESSION AUTHORIZATION owner', { kind: 'identity' }],
    ['BEGIN', { kind: 'begin' }],
    ['ROLLBACK TO SAVEPOINT a', { kind: 'alone' }],
    ['COMMIT', { kind: 'commit' }],
    ['INSERT INTO public."Big Table" VALUES (1)', { kind: 'insert', table: 'public.Big Table' }],
    [
      'CREATE UNIQUE INDEX i ON public.T USING btree (a)',
      { kind: 'build', tables: ['public.t'], shared: true, cost: 1 },
    ],
    ['CREATE INDEX "i x" ON ONLY s.t USING gin (doc)', { kind: 'build', tables: ['s.t'], shared: true, cost: 4 }],
    ['CREATE INDEX CONCURRENTLY i ON t (a)', { kind: 'alone' }],
    [
      'ALTER TABLE ONLY public.a\n    ADD CONSTRAINT k PRIMARY KEY (id)',
      { kind: 'build', tables: ['public.a'], shared: false },
    ],
    [
      'ALTER TABLE ONLY public.a\n    ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES public.b(id)',
      { kind: 'build', tables: ['public.a', 'public.b'], shared: false },
    ],
    ['CREATE TABLE public.a (\n id integer)', { kind: 'createTable', table: 'public.a', isPlainTable: true }],
    ['CREATE TABLE public.a (id integer) PARTITION BY RANGE (id)', { kind: 'createTable', isPlainTable: false }],
    ['CREATE DATABASE shop WITH TEMPLATE = template0', { kind: 'createDatabase', database: 'shop' }],
    ['CREATE VIEW v AS SELECT 1', { kind: 'ordinary' }],
    ["ALTER TYPE mood ADD VALUE 'x'", { kind: 'alone' }],
    ['ALTER SYSTEM SET fsync = off', { kind: 'serverSetting' }],
    ['REFRESH MATERIALIZED VIEW v', { kind: 'alone' }],
    ["COMMENT ON INDEX i IS 'x'", { kind: 'remark' }],
  ])('is recognised for %j', (text, kind) => {
    expect(classify(text)).toMatchObject(kind);
  });

  it('includes the table that a COPY fills, and whether its rows may be frozen', () => {
    expect(tableOfCopy('COPY public.t (a, b) FROM stdin')).toEqual({
      key: 'public.t',
      written: 'public.t',
      canFreeze: true,
    });
    expect(tableOfCopy('COPY t FROM stdin')).toMatchObject({ canFreeze: false });
    expect(tableOfCopy('COPY public.t FROM stdin WITH (FORMAT csv)')).toMatchObject({ canFreeze: false });
  });

  it('includes whether the order of rows matters from there on', () => {
    expect(makesDataOrderMatter('CREATE TABLE c (id int REFERENCES p(id))')).toBe(true);
    expect(makesDataOrderMatter('CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION f()')).toBe(true);
    expect(makesDataOrderMatter('CREATE TABLE c (id int)')).toBe(false);
  });
});

describe('names in a dump', () => {
  it.each([
    ['ALTER TABLE public.t OWNER TO "Big ""Boss"""', ['Big "Boss"']],
    ['GRANT SELECT,INSERT ON TABLE public.t TO Reader, PUBLIC, pg_monitor', ['reader']],
    ['REVOKE ALL ON SCHEMA public FROM clerk', ['clerk']],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES TO b', ['a', 'b']],
    ["CREATE POLICY p ON t FOR SELECT TO c, d USING ((x = ' TO e'::text))", ['c', 'd']],
    ["SET SESSION AUTHORIZATION 'Own Er'", ['Own Er']],
    ['SET SESSION AUTHORIZATION DEFAULT', []],
    ["COMMENT ON TABLE t IS 'OWNER TO nobody'", []],
    ["ALTER ROLE app IN DATABASE shop SET work_mem TO '8MB'", ['app']],
    ['ALTER ROLE "Odd role" IN DATABASE "my-app" SET search_path TO a', ['Odd role']],
    ["ALTER ROLE ALL IN DATABASE shop SET work_mem TO '8MB'", []],
    ['ALTER ROLE app WITH NOSUPERUSER LOGIN', []],
  ])('include roles: %s', (statement, roles) => {
    expect(rolesNeededBy(statement)).toEqual(roles);
  });

  it('are removed from a CREATE DATABASE, leaving only encoding and locale', () => {
    const statement =
      "CREATE DATABASE x WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de''x' TABLESPACE = fast";
    expect(localeOptions(statement)).toBe(" ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de''x'");
  });
});

it.each([
  ["SET idle_session_timeout = '1min'", true],
  ['SET SESSION transaction_timeout TO 5000', true],
  ['SET transaction_timeout = 0', false],
  ["SET idle_in_transaction_session_timeout TO '0'", false],
  ['SET statement_timeout = 1', false],
])('%s ends idle sessions: %j', (text, expected) => {
  expect(endsWaitingSessions(text)).toBe(expected);
});

it.each([
  ['SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_stat_activity', true],
  ['DO $$BEGIN NULL; END$$', true],
  ['CALL clean_up()', true],
  ["SELECT pg_catalog.setval('s', 1)", false],
])('%s may end other sessions: %j', (text, expected) => {
  expect(mayEndSessions(text)).toBe(expected);
});
