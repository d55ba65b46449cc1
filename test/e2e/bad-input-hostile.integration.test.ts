import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

let workspace: DrillWorkspace;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const CHECKS = [
  { name: 'customers are all there', sql: 'select count(*) from customer', expect: 4 },
  { name: 'the newest id', sql: 'select max(id) from customer', expect: 4 },
  { name: 'a number is itself', sql: 'select id = 3 from customer where id = 3', expect: false },
];

describe('a malicious dump', () => {
  it('cannot run a program or write a file outside its sandbox, or change a verdict', async () => {
    const stolen = `${workspace.directory}/stolen`;
    const { code, run } = await drillOn(`
COPY (SELECT 'x') TO PROGRAM 'cat > ${stolen}-program; cat /etc/shadow > ${stolen}-shadow';
COPY public.customer TO '${stolen}-file';
-- stands in for what checks and the harness call
CREATE SCHEMA evil;
CREATE AGGREGATE public.count(*) (SFUNC = pg_catalog.int8inc, STYPE = pg_catalog.int8, INITCOND = '1');
CREATE AGGREGATE evil.count(*) (SFUNC = pg_catalog.int8inc, STYPE = pg_catalog.int8, INITCOND = '1');
CREATE FUNCTION public.lie(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR public.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.lie);
CREATE VIEW evil.customer AS SELECT 4 AS id FROM pg_catalog.generate_series(1, 4);
CREATE VIEW public.pg_roles AS SELECT NULL::name AS rolname WHERE false;
CREATE VIEW public.pg_class AS SELECT 1 AS oid WHERE false;
-- spoils every later session
CREATE FUNCTION public.locked() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''locked out''; END';
ALTER ROLE ALL SET search_path = evil, public;
ALTER ROLE ALL SET statement_timeout = 1;
ALTER ROLE ALL SET role = 'pg_monitor';
ALTER ROLE postgres NOLOGIN;
ALTER DATABASE restored SET default_transaction_read_only = off;
ALTER DATABASE restored SET session_preload_libraries = 'nothing-here';
ALTER DATABASE restored CONNECTION LIMIT 0;
REVOKE ALL ON DATABASE restored FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE EVENT TRIGGER locked_login ON login EXECUTE FUNCTION public.locked();
ALTER EVENT TRIGGER locked_login ENABLE ALWAYS;
CREATE EVENT TRIGGER locked_ddl ON ddl_command_start EXECUTE FUNCTION public.locked();
ALTER EVENT TRIGGER locked_ddl ENABLE ALWAYS;
`);
    expect(run.error).toBeUndefined();
    expect(run.checks.map(({ name, actual }) => [name, actual])).toEqual([
      ['customers are all there', '3'],
      ['the newest id', '3'],
      ['a number is itself', 'true'],
    ]);
    expect(code).toBe(1);
    expect(['program', 'shadow', 'file'].filter((name) => existsSync(`${stolen}-${name}`))).toEqual([]);
  });

  // For the other commands, see test/engines/postgres/formats/plain-sql/psql-commands.test.ts.
  it('is refused when it makes psql run a shell command', async () => {
    const file = `${workspace.directory}/stolen`;
    const { code, run } = await drillOn(`\\! touch ${file}\n`);
    expect(code).toBe(2);
    expect(run.error).toMatchObject({
      code: 'format-unsupported',
      message: 'line 26 holds the psql command \\!, which a drill does not run',
    });
    expect(existsSync(file)).toBe(false);
  });

  it('cannot break the drill with statistics, which only speed up queries', async () => {
    const { code, run } = await drillOn(
      `
CREATE TABLE public.switch (name text);
CREATE FUNCTION public.moody(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
  IF EXISTS (SELECT FROM public.switch) THEN RAISE EXCEPTION 'not today'; END IF;
  RETURN $1;
END $$;
CREATE INDEX moody ON public.customer (public.moody(id));
INSERT INTO public.switch VALUES ('on');
`,
      [{ name: 'customers are all there', sql: 'select count(*) from customer', expect: 3 }],
    );
    expect(run.error).toBeUndefined();
    expect(code).toBe(0);
  });

  it('cannot replace the role that checks run as', async () => {
    const { run } = await drillOn(
      `
DO $$ BEGIN
  EXECUTE format('CREATE ROLE %I LOGIN SUPERUSER PASSWORD %L', session_user || '_check', 'guessed');
  EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = off', session_user || '_check');
  EXECUTE format('CREATE ROLE %I LOGIN SUPERUSER', session_user || '_x');
END $$;
CREATE FUNCTION public.who() RETURNS text LANGUAGE sql AS 'SELECT usesuper::text FROM pg_catalog.pg_user WHERE usename = session_user';
`,
      [...CHECKS, { name: 'the role is no superuser', sql: 'select public.who()', expect: 'false' }],
    );
    expect(run.error).toBeUndefined();
    expect(run.checks.at(-1)).toMatchObject({ actual: "'false'", passed: true });
  });
});

describe('malicious names', () => {
  const NAME = 'a "b\' $(touch pwned) `id` \\ é %s \u001b[31mred\u001b]0;title\u0007';

  it('reach the terminal without control sequences, and never reach a shell', async () => {
    const quoted = `"${NAME.replaceAll('"', '""')}"`;
    await workspace.write(
      `backups/orders ${NAME.replaceAll('/', '')}.sql`,
      plainDump(`
CREATE ROLE ${quoted};
CREATE SCHEMA ${quoted} AUTHORIZATION ${quoted};
CREATE TABLE ${quoted}.${quoted} (${quoted} text);
ALTER TABLE ${quoted}.${quoted} OWNER TO ${quoted};
COPY ${quoted}.${quoted} (${quoted}) FROM stdin;
\u001b[2Jrow
\\.
INSERT INTO ${quoted}.nowhere VALUES (1);
GRANT SELECT ON ${quoted}.${quoted} TO ${quoted};
`),
    );
    await workspace.writeDrill({
      engine: { type: 'postgres', database: NAME },
      checks: [
        { name: NAME, sql: `select ${quoted} from ${quoted}.${quoted}`, expect: NAME },
        {
          name: 'the name is whole',
          sql: "select nspname from pg_namespace where nspname like 'a \"b%'",
          expect: NAME,
        },
      ],
    });
    const { run, stdout, stderr } = await workspace.drill();
    expect(run.error).toBeUndefined();
    expect(run.checks.map(({ passed }) => passed)).toEqual([false, true]);
    expect(run.restoreErrorCount).toBe(1);
    const shown = await workspace.firedrill(['show', run.id, '--log']);
    const others = await Promise.all(
      [['logs', run.id], ['history'], ['list'], ['plan', 'drill.yaml'], ['doctor', 'drill.yaml']].map((argv) =>
        workspace.firedrill(argv),
      ),
    );
    const printed = [stdout, stderr, ...[shown, ...others].flatMap((result) => [result.stdout, result.stderr])].join(
      '',
    );
    expect(printed).toContain('$(touch pwned)');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(existsSync(`${workspace.directory}/pwned`)).toBe(false);
  });
});

async function drillOn(body: string, checks: readonly unknown[] = CHECKS) {
  await workspace.write('backups/orders.sql', plainDump(body));
  await workspace.writeDrill({ checks });
  return workspace.drill();
}
