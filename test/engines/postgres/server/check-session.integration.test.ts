import { describe, expect, it } from 'vitest';
import { bytesContent } from '../../../support/fake-content.ts';
import { STEP_TIMEOUT_MS } from '../../../support/timeouts.ts';
import { restoreInto, startSandbox } from '../restoring.ts';

describe('a check session', () => {
  it('sees all restored data, whatever roles and databases define, and lists its stand-ins', async () => {
    await using sandbox = await startSandbox('local', '18');
    const sql = `-- PostgreSQL database dump
CREATE ROLE alice; CREATE ROLE bob; CREATE ROLE bad;
CREATE TABLE t (id int primary key, n text); INSERT INTO t VALUES (1, 'a'), (2, 'b'); ALTER TABLE t OWNER TO bob;
CREATE VIEW v AS SELECT * FROM t; ALTER VIEW v OWNER TO alice;
CREATE SCHEMA hidden; CREATE TABLE hidden.h (id int); INSERT INTO hidden.h VALUES (1);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER tr AFTER INSERT ON t EXECUTE FUNCTION f();
CREATE FUNCTION secret() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION secret() FROM PUBLIC;
CREATE FUNCTION lower(integer) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$;
CREATE FUNCTION canceled() RETURNS int LANGUAGE plpgsql AS 'BEGIN PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN 1; END';
SELECT lo_from_bytea(9999, 'abc');
CREATE TABLE r (id int); INSERT INTO r VALUES (1); ALTER TABLE r ENABLE ROW LEVEL SECURITY; ALTER TABLE r FORCE ROW LEVEL SECURITY;
CREATE VIEW rv AS SELECT * FROM r;
ALTER ROLE ALL SET statement_timeout = 1; ALTER ROLE ALL SET role = 'bad'; ALTER ROLE ALL SET search_path = 'hidden';
ALTER ROLE ALL SET default_transaction_isolation = 'serializable'; ALTER ROLE ALL SET default_transaction_read_only = on;
ALTER ROLE ALL SET exit_on_error = on; ALTER ROLE ALL SET temp_file_limit = 0; ALTER ROLE ALL SET transform_null_equals = on;
ALTER ROLE ALL SET session_preload_libraries = 'nope'; ALTER ROLE ALL SET idle_session_timeout = 1; ALTER ROLE ALL SET transaction_timeout = 1;
ALTER ROLE ALL SET array_nulls = off; ALTER ROLE ALL SET gin_fuzzy_search_limit = 1; ALTER ROLE ALL SET xmlbinary = hex; ALTER ROLE ALL SET xmloption = document;
-- PostgreSQL database dump complete
`;
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql), 'orders.sql'));
    expect(restored.outcome.errors).toEqual([]);
    const one = async (text: string) => (await restored.ask(text)).rows[0]?.[0];
    expect(await one('select count(*) from t')).toBe(2n);
    expect(await one('select count(*) from hidden.h')).toBe(1n);
    expect(await one('select (select count(*) from r) + (select count(*) from rv)')).toBe(2n);
    expect(await one("select count(*) from information_schema.triggers where trigger_name = 'tr'")).toBe(1n);
    expect(await one("select count(*) from information_schema.table_constraints where table_name = 't'")).not.toBe(0n);
    expect(await one('select lo_get(9999)')).toBe('\\x616263');
    expect(await one('select count(*) from (select a from generate_series(1, 300000) a order by random()) x')).toBe(
      300000n,
    );
    expect((await restored.ask('select count(*) from v')).warnings).toEqual([expect.stringContaining('alice')]);
    expect((await restored.ask('select lower(7)')).warnings).toEqual([
      expect.stringContaining('public.lower(integer)'),
    ]);
    await expect(one('select secret()')).rejects.toMatchObject({
      message: 'the check needs EXECUTE on function secret, which its role does not have',
    });
    await expect(one('select canceled()')).rejects.toMatchObject({
      code: 'server-failed',
      message: expect.stringContaining('before its timeout'),
    });
    await expect(one("insert into t values (3, 'c')")).rejects.toMatchObject({
      code: 'check-malformed',
      message: expect.stringContaining('tries to write'),
    });
    await expect(one("select lo_put(9999, 0, 'x')")).rejects.toMatchObject({ code: 'check-malformed' });
    expect(
      await one(
        "select string_agg(name || '=' || setting, ' ' order by name) from pg_settings where name in ('array_nulls','gin_fuzzy_search_limit','xmlbinary','xmloption','statement_timeout','transform_null_equals','default_transaction_isolation','temp_file_limit','lc_messages')",
      ),
    ).toBe(
      `array_nulls=on default_transaction_isolation=read committed gin_fuzzy_search_limit=0 lc_messages=C statement_timeout=${STEP_TIMEOUT_MS} temp_file_limit=-1 transform_null_equals=off xmlbinary=base64 xmloption=content`,
    );
  });
});
