import { describe, expect, it } from 'vitest';
import { classifyError } from '../../../../src/engines/postgres/loading/classify-error.ts';

describe('an error of Postgres', () => {
  it.each([
    ['refused', 'syntax error at or near "<"', '<html>'],
    ['refused', 'relation "public.a" does not exist', 'ALTER TABLE ONLY public.a ADD CONSTRAINT k PRIMARY KEY (id)'],
    ['refused', 'relation "a" already exists', 'CREATE TABLE a ()'],
    ['refused', 'role "x" does not exist', 'ALTER TABLE a OWNER TO x'],
    ['refused', 'unrecognized configuration parameter "x.y"', 'CREATE FUNCTION f() RETURNS int SET x.y = 1 AS $$ $$'],
    ['refused', 'invalid value for parameter "search_path": "…"', 'ALTER DATABASE a SET search_path TO x'],
    [
      'refused',
      'collation "public.german" for encoding "UTF8" does not exist',
      'CREATE TABLE t (a text COLLATE public.german)',
    ],

    ['extension-missing', 'extension "pgaudit" is not available', 'CREATE EXTENSION IF NOT EXISTS pgaudit'],
    [
      'extension-missing',
      'could not open extension control file "/x/y.control": No such file or directory',
      'CREATE EXTENSION y',
    ],
    [
      'extension-missing',
      'invalid value for parameter "default_table_access_method": "columnar"',
      'SET default_table_access_method = columnar',
    ],
    ['preload-missing', 'pg_cron can only be loaded via shared_preload_libraries', 'CREATE EXTENSION pg_cron'],
    ['preload-missing', 'extension "timescaledb" must be preloaded', 'CREATE EXTENSION timescaledb'],
    [
      'library-missing',
      'could not access file "$libdir/mine": No such file or directory',
      'CREATE FUNCTION f() RETURNS int LANGUAGE c',
    ],
    ['library-missing', 'language "plpython3u" does not exist', 'CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u'],
    [
      'dictionary-missing',
      'could not open dictionary file "/x/de_de.dict": No such file or directory',
      'CREATE TEXT SEARCH DICTIONARY d',
    ],
    [
      'dictionary-missing',
      'could not open stop-word file "/x/nl.stop": No such file or directory',
      'CREATE TEXT SEARCH DICTIONARY d',
    ],
    ['collation-missing', 'could not create locale "de_DE.utf8": No such file or directory', 'CREATE COLLATION c'],
    ['collation-missing', 'collation "pg_catalog.de_DE.utf8" for encoding "UTF8" does not exist', 'CREATE TABLE t'],
    [
      'encoding-missing',
      'conversion between MULE_INTERNAL and UTF8 is not supported',
      "SET client_encoding = 'MULE_INTERNAL'",
    ],

    ['unknown-setting', 'unrecognized configuration parameter "transaction_timeout"', 'SET transaction_timeout = 0'],
    [
      'unknown-setting',
      'unrecognized configuration parameter "wal_keep_segments"',
      'ALTER DATABASE a SET wal_keep_segments TO 1',
    ],
    [
      'locale-setting',
      'invalid value for parameter "lc_monetary": "…"',
      "ALTER DATABASE shop SET lc_monetary TO 'de_DE.UTF-8'",
    ],
    ['locale-setting', 'invalid value for parameter "TimeZone": "…"', "ALTER ROLE a SET timezone TO 'Mars/Crater'"],
    ['drop-of-missing', 'table "a" does not exist', 'DROP TABLE a'],
    ['drop-of-missing', 'relation "public.a" does not exist', 'ALTER TABLE ONLY public.a DROP CONSTRAINT k'],
    ['drop-of-missing', 'relation "public.a" does not exist', 'ALTER TABLE public.a ALTER COLUMN id DROP DEFAULT'],
    ['drop-of-missing', 'relation "public.a" does not exist', 'ALTER TABLE IF EXISTS ONLY public.a DROP CONSTRAINT k'],
    [
      'drop-of-missing',
      'relation "x" does not exist',
      'ALTER TABLE ONLY "odd Schema"."Table ""x"".y; é" DROP CONSTRAINT "a b"',
    ],
    ['drop-of-missing', 'relation "x" does not exist', 'ALTER TABLE "s t".u ALTER COLUMN "a b" DROP DEFAULT'],
    ['refused', 'relation "x" does not exist', 'ALTER TABLE "s".u ADD COLUMN "a DROP b" int'],
    ['refused', 'relation "x" does not exist', 'ALTER TABLE s.u ALTER COLUMN a SET DEFAULT 1'],
    ['drop-of-missing', 'large object 16468 does not exist', "SELECT pg_catalog.lo_unlink('16468')"],
    ['drop-of-own', 'cannot drop role postgres because it is required by the database system', 'DROP ROLE postgres'],
    ['drop-of-own', 'database "postgres" is being accessed by other users', 'DROP DATABASE postgres'],
    ['drop-of-own', 'cannot drop the currently open database', 'DROP DATABASE postgres'],
    [
      'drop-of-own',
      'cannot drop language plpgsql because extension plpgsql requires it',
      'DROP PROCEDURAL LANGUAGE plpgsql',
    ],
    ['already-there', 'role "app" already exists', 'CREATE ROLE app'],
    ['already-there', 'role "a "b" c" already exists', 'CREATE ROLE "a ""b"" c"'],
    ['already-there', 'schema "public" already exists', 'CREATE SCHEMA public'],
    ['already-there', 'language "plpgsql" already exists', 'CREATE OR REPLACE PROCEDURAL LANGUAGE plpgsql'],
    ['setting-of-missing', 'database "crm" does not exist', "ALTER ROLE app IN DATABASE crm SET search_path TO 'a'"],
    ['refused', 'database "crm" does not exist', 'ALTER DATABASE crm OWNER TO app'],
    ['own-superuser', 'permission denied to alter role', 'ALTER ROLE postgres WITH NOSUPERUSER INHERIT CREATEROLE'],
    ['outside-data', 'could not connect to server "crm"', 'REFRESH MATERIALIZED VIEW public.mv'],
    ['outside-data', 'could not establish connection', 'REFRESH MATERIALIZED VIEW public.mv'],
    ['outside-data', 'could not open file "/var/log/a.csv" for reading: No such file', 'REFRESH MATERIALIZED VIEW m'],
    [
      'outside-data',
      'could not connect to the publisher: no route',
      "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p",
    ],
    ['refused', 'could not connect to server "crm"', 'INSERT INTO remote VALUES (1)'],
    ['preload-missing', 'security label provider "anon" is not loaded', "SECURITY LABEL FOR anon ON COLUMN t.v IS 'x'"],
    ['preload-missing', 'no security label providers have been loaded', "SECURITY LABEL ON TABLE t IS 'x'"],
    ['foreign-grantor', 'permission denied to grant privileges as role "pontoon"', 'GRANT a TO b GRANTED BY pontoon'],
  ] as const)('%s: %s', (kind, message, statement) => {
    expect(classifyError({ message, statement })).toBe(kind);
  });
});
