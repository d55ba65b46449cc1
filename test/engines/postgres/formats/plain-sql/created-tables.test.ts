import { describe, expect, it } from 'vitest';
import { CreatedTables } from '../../../../../src/engines/postgres/formats/plain-sql/created-tables.ts';
import { classify } from '../../../../../src/engines/postgres/formats/plain-sql/statement-kind.ts';
import { cpuMsOf } from '../../../../support/cpu-time.ts';

/**
 * Reads statements, each on its own line; the server refuses those on the lines in `refused`. @returns the names of
 * tables that must exist.
 */
function tablesAfter(statements: readonly string[], refused: readonly number[] = [], database = 'shop'): string[] {
  const tables = new CreatedTables();
  for (const [index, statement] of statements.entries()) {
    const text = Buffer.from(statement).toString('latin1');
    tables.note(classify(text), text, { database, line: index + 1 });
    if (refused.includes(index + 1)) tables.refused(index + 1);
  }
  return (tables.list().get(database) ?? []).map(({ schema, name }) => (schema ? `${schema}.${name}` : name));
}

describe('the tables that a script leaves', () => {
  it.each([
    ['CREATE TABLE public.orders (\n    id integer\n)', 'public.orders'],
    ['CREATE UNLOGGED TABLE public.cache (id integer)', 'public.cache'],
    ['CREATE FOREIGN TABLE public.far (id integer) SERVER s', 'public.far'],
    ['create table if not exists Orders(id int)', 'orders'],
    ['CREATE TABLE "Sales"."Über "" x" (id int)', 'Sales.Über " x'],
    ['CREATE TABLE p.one PARTITION OF p.all FOR VALUES IN (1)', 'p.one'],
    ['CREATE TABLE public.copy AS SELECT 1', 'public.copy'],
    ['CREATE TABLE public.child () INHERITS (public.parent)', 'public.child'],
  ])('%s', (statement, name) => expect(tablesAfter([statement])).toEqual([name]));

  it.each([
    'CREATE TEMP TABLE a (id int)',
    'CREATE TEMPORARY TABLE a (id int)',
    'CREATE TABLE pg_temp.a (id int)',
    'CREATE TABLE other.public.a (id int)',
    'CREATE TABLE U&"\\0061" (id int)',
    `CREATE TABLE ${'a'.repeat(64)} (id int)`,
    'CREATE SCHEMA a CREATE TABLE b (id int)',
    'CREATE INDEX a ON b (c)',
  ])('do not include any from %s', (statement) => expect(tablesAfter([statement])).toEqual([]));

  it('exclude those whose statement was refused', () =>
    expect(tablesAfter(['CREATE TABLE a (id missing)', 'CREATE TABLE b (id int)'], [1])).toEqual(['b']));

  it('include those committed by a transaction', () => {
    const inside = ['BEGIN', 'CREATE TABLE a (id int)', 'SELECT 1/0'];
    expect(tablesAfter([...inside, 'COMMIT'], [3])).toEqual([]);
    expect(tablesAfter(['BEGIN', 'CREATE TABLE a (id int)', 'COMMIT'])).toEqual(['a']);
    expect(tablesAfter(['BEGIN', 'CREATE TABLE a (id int)', 'ROLLBACK', 'CREATE TABLE b (id int)'])).toEqual(['b']);
    expect(tablesAfter(['BEGIN', 'CREATE TABLE a (id int)', 'ROLLBACK TO SAVEPOINT s', 'COMMIT'])).toEqual([]);
  });

  it.each([
    'DROP TABLE IF EXISTS public.a',
    'drop table other, A',
    'DROP TABLE a CASCADE',
    'DROP SCHEMA IF EXISTS other CASCADE',
    'DROP OWNED BY clerk',
    'ALTER TABLE public.a RENAME TO b',
    'ALTER TABLE a SET SCHEMA old',
    'ALTER SCHEMA public RENAME TO old',
    'DO $$ BEGIN EXECUTE f(); END $$',
    'SELECT public.clean_up()',
    'CALL clean_up()',
    'DROP DATABASE shop',
    'ALTER DATABASE shop RENAME TO old',
  ])('no longer include it after %s', (statement) =>
    expect(tablesAfter(['CREATE TABLE public.a (id int)', statement])).toEqual([]),
  );

  it.each([
    'DROP TABLE IF EXISTS public.b',
    'DROP INDEX public.a_index',
    'ALTER TABLE ONLY public.a ADD CONSTRAINT a_pkey PRIMARY KEY (id)',
    'ALTER TABLE ONLY public.a ALTER COLUMN id SET DEFAULT 1',
    "SELECT pg_catalog.setval('public.a_id_seq', 3, true)",
    "SELECT * FROM pg_catalog.pg_restore_relation_stats('version', 180000)",
    "SELECT pg_catalog.set_config('search_path', '', false)",
    'GRANT SELECT ON TABLE public.a TO clerk',
    'REFRESH MATERIALIZED VIEW public.totals',
    "CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS 'DROP TABLE public.a'",
  ])('still include it after %s', (statement) =>
    expect(tablesAfter(['CREATE TABLE public.a (id int)', statement])).toEqual(['public.a']),
  );

  it('exclude those that may be partitions of a dropped table', () => {
    const partition = 'CREATE TABLE p.one PARTITION OF p.all FOR VALUES IN (1)';
    expect(tablesAfter(['CREATE TABLE p.all (id int)', 'DO $$ BEGIN END $$', partition, 'DROP TABLE p.all'])).toEqual(
      [],
    );
    const attached = ['CREATE TABLE p.one (id int)', 'ALTER TABLE ONLY p.all ATTACH PARTITION p.one DEFAULT'];
    expect(tablesAfter([...attached, 'DROP TABLE p.all'])).toEqual([]);
  });

  it('exclude those that may be named in the unread rest of a long statement', () => {
    const drop = `DROP TABLE ${'other_table, '.repeat(2000)}`.slice(0, 16_384);
    expect(drop).toMatch(/ other_$/);
    expect(tablesAfter(['CREATE TABLE a (id int)', drop])).toEqual([]);
  });

  it('include those committed by a chained transaction', () => {
    const chain = ['BEGIN', 'CREATE TABLE a (id int)', 'COMMIT AND CHAIN', 'CREATE TABLE b (id int)'];
    expect(tablesAfter([...chain, 'ROLLBACK'])).toEqual(['a']);
    expect(tablesAfter([...chain, 'COMMIT AND NO CHAIN'])).toEqual(['a', 'b']);
  });

  it('are found without searching all of them for each that is dropped', () => {
    const tables = new CreatedTables();
    const note = (text: string) => tables.note(classify(text), text, { database: 'shop', line: 1 });
    const spentMs = cpuMsOf(() => {
      for (let index = 0; index < 30_000; index += 1) {
        note(`CREATE TABLE a_${index} (id int)`);
        note(`DROP TABLE b_${index}`);
      }
    });
    expect(spentMs).toBeLessThan(1500);
  });

  it('are listed by database', () => {
    const tables = new CreatedTables();
    const note = (text: string, database: string) => tables.note(classify(text), text, { database, line: 1 });
    note('CREATE TABLE a (id int)', 'shop');
    note('CREATE TABLE b (id int)', 'crm');
    note('DO $$ BEGIN END $$', 'crm');
    expect([...tables.list().keys()]).toEqual(['shop']);
  });

  it('exclude names in another encoding', () => {
    const create = ['CREATE TABLE "é" (id int)', 'CREATE TABLE plain (id int)'];
    expect(tablesAfter(["SET client_encoding = 'LATIN1'", ...create])).toEqual(['plain']);
    expect(tablesAfter(["SET client_encoding = 'UTF8'", ...create])).toEqual(['é', 'plain']);
  });
});
