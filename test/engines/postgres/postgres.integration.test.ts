import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import type { CheckSession } from '../../../src/engines/sql-access.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { requireSqlAccess } from '../../../src/verify/require-sql-access.ts';
import { bytesContent, fileContent } from '../../support/fake-content.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { inspectLogical } from '../logical.ts';
import { boot, engine, makeWorkDirectory, never, restoreInto, startSandbox } from './restoring.ts';
import { dumpTo, expectSakila, hasSakila, loadSakila, runTool } from './sakila.ts';

const hasDebian = existsSync('/usr/lib/postgresql/15/bin');
if (!hasDebian)
  process.stderr.write('\nSKIPPED: no Postgres 15 of Debian here, so archives are not restored on the host.\n\n');

const rejected = (what: Promise<unknown>): Promise<{ code: string; message: string }> =>
  what.then(
    () => ({ code: 'none', message: 'it went well' }),
    (error: { code: string; message: string }) => error,
  );

describe('a plain dump on the embedded server', () => {
  it('is loaded without client tools, with its roles and database, and its errors are counted', async () => {
    await using sandbox = await startSandbox('local', '18');
    const sql = [
      '--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 17.11',
      "SET standard_conforming_strings = on;\nSET client_encoding = 'UTF8';",
      'CREATE TABLE public.a (id integer NOT NULL, note text);\nALTER TABLE public.a OWNER TO "Clerk No 1";',
      'CREATE TABLE public.b (id integer NOT NULL);',
      'COPY public.a (id, note) FROM stdin;\n1\tx\\ny\n2\t\\N\n3\tä\n\\.',
      'COPY public.b (id) FROM stdin;\n1\nthis is the secret\n\\.',
      'ALTER TABLE ONLY public.a ADD CONSTRAINT a_pkey PRIMARY KEY (id);',
      'CREATE INDEX a_note ON public.a USING btree (note);\nCREATE INDEX b_nope ON public.nope (id);',
      '--\n-- PostgreSQL database dump complete\n--\n',
    ].join('\n\n');
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql)), { database: 'my "db"' });
    expect(restored.outcome).toMatchObject({ database: 'my "db"', errorCount: 2 });
    expect(restored.outcome.errors).toEqual([
      expect.stringMatching(/^line 21: invalid input syntax for type integer: "…" \(COPY public.b/),
      expect.stringMatching(/^line \d+: relation "public.nope" does not exist \(CREATE INDEX b_nope/),
    ]);
    const { rows } = await restored.ask(
      "select count(*), min(note), max(octet_length(note)), (select tableowner from pg_tables where tablename = 'a'), (select count(*) from b), (select count(*) from pg_indexes where tablename = 'a') from a",
    );
    expect(rows).toEqual([[3n, 'x\ny', 3, 'Clerk No 1', 0n, 2n]]);
    expect(restored.progress).toContain('loading public.a');
  });

  it('keeps transactions, roles and order when the dump depends on them', async () => {
    await using sandbox = await startSandbox('local', '18');
    const sql = `-- PostgreSQL database dump\nCREATE ROLE keeper;
      BEGIN; CREATE TABLE kept (id int); COMMIT; BEGIN; CREATE TABLE lost (id int); SELECT 1/0; CREATE TABLE lost2 (id int); COMMIT;
      SET SESSION AUTHORIZATION 'keeper2'; RESET SESSION AUTHORIZATION;
      CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int REFERENCES parent(id));
      COPY parent FROM stdin;\n1\n\\.\nCOPY child FROM stdin;\n1\n\\.\nINSERT INTO child VALUES (1);INSERT INTO child VALUES (7);INSERT INTO child VALUES (1);
-- PostgreSQL database dump complete\n`;
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql)), {
      ignoreErrors: [/current transaction is aborted/],
    });
    expect(restored.outcome.errors.map((line) => line.replace(/ \(.*/, ''))).toEqual([
      'line 3: division by zero',
      'line 12: insert or update on table "child" violates foreign key constraint "child_id_fkey"',
    ]);
    expect(restored.outcome.ignoredCount).toBe(1);
    const { rows } = await restored.ask(
      "select (select count(*) from child), to_regclass('public.kept') is not null, to_regclass('public.lost') is null",
    );
    expect(rows).toEqual([[3n, true, true]]);
  });

  it('counts text that is not SQL as errors, and only warns of text after the last line', async () => {
    await using sandbox = await startSandbox('local', '18');
    const text = [
      '--\n-- PostgreSQL database dump\n--\n\\restrict k\npg_dump: warning: could not resolve dependency loop\n\n',
      ';\nCREATE TABLE a (id int)\n\\echo lost its semicolon\nCREATE TABLE b (id int);\nINSERT INTO b VALUES (1);\nDROP TABLE nowhere;\n\\N\t1\n',
      '--\n-- PostgreSQL database dump complete\n--\n\\unrestrict k\nCREATE TABLE c (id int);\npod "x" deleted\n',
    ].join('');
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(text), 'orders.sql'));
    expect(restored.outcome.errors).toEqual([
      'line 5: the dump holds a message of the program that wrote it: "pg_dump: warning: could not resolve dependency loop". Keep standard error out of the file (2>&1 mixes it in), and fix what it reports',
      'line 8: what begins here has no semicolon at its end, so no server takes it: CREATE TABLE a (id int) ',
      'line 13: text that begins with a backslash is not a psql command; rows without their COPY statement look like this',
    ]);
    expect(restored.outcome.warnings).toEqual([
      'line 12: table "nowhere" does not exist (DROP TABLE nowhere)',
      'line 18: after the dump’s last line the file continues with "CREATE TABLE c (id int)"',
      'line 19: after the dump’s last line the file continues with "pod "x" deleted"',
    ]);
    const { rows } = await restored.ask("select to_regclass('a') is null, to_regclass('public.c') is not null");
    expect(rows).toEqual([[true, true]]);
  });

  it('may be from a SQL_ASCII database whose names and rows are not UTF-8', async () => {
    await using sandbox = await startSandbox('local', '18');
    const sql = [
      '--\n-- PostgreSQL database dump\n--\nSET client_encoding = \'SQL_ASCII\';\nCREATE TABLE public."caf\xe9" (id int, note text);',
      'CREATE FUNCTION public.lower(caf\xe9 integer) RETURNS integer LANGUAGE sql AS $$ SELECT caf\xe9 $$;',
      'COPY public."caf\xe9" FROM stdin;\n1\tJos\xe9\n\\.\n\n--\n-- PostgreSQL database dump complete\n--\n',
    ].join('\n');
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql, 'latin1'), 'legacy.sql'));
    expect(restored.outcome).toMatchObject({ errors: [], warnings: [] });
    const { rows } = await restored.ask(
      "select n_live_tup, relname, current_setting('server_encoding') from pg_stat_user_tables where last_analyze is not null",
    );
    expect(rows).toEqual([[1n, 'caf\ufffd', 'SQL_ASCII']]);
  });

  it('is loaded into its database as the role that it switched to', async () => {
    await using sandbox = await startSandbox('local', '18');
    const sql =
      "--\n-- PostgreSQL database dump\n--\nSET SESSION AUTHORIZATION 'app';\nCREATE TEMP TABLE mine AS SELECT session_user AS by;\nRESET SESSION AUTHORIZATION;\nCREATE TABLE public.who AS SELECT by FROM mine;\n--\n-- PostgreSQL database dump complete\n--\n";
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql)));
    expect(restored.outcome.errors).toEqual([]);
    expect((await restored.ask('select by from who')).rows).toEqual([['app']]);
  });

  it('may end other sessions, and grants by another grantor are restored', async () => {
    await using sandbox = await startSandbox('local', '18');
    const killOthers = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
    const sql = [
      '--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE staff;\nCREATE ROLE "Jo";\nCREATE ROLE clerk;',
      'GRANT staff TO "Jo" WITH ADMIN OPTION, INHERIT TRUE GRANTED BY rdsadmin;\nGRANT staff TO clerk GRANTED BY clerk;\nALTER ROLE clerk RENAME TO cashier;',
      `CREATE DATABASE shop;\n\\connect shop\n--\n-- PostgreSQL database dump\n--\nSET idle_session_timeout = 1;\nCREATE TABLE a (id int);\n${killOthers};`,
      'COPY public.a FROM stdin;\n1\n\\.\nCREATE TABLE b (id int);\nCOPY public.b FROM stdin;\n1\n\\.',
      `DO $$BEGIN PERFORM count(*) FROM (${killOthers}) AS killed; END$$;\nALTER TABLE a OWNER TO newcomer;`,
      'CREATE INDEX a_id ON a (id);\nCREATE INDEX b_id ON b (id);\nGRANT SELECT ON a TO cashier;',
      '--\n-- PostgreSQL database dump complete\n--\n\n--\n-- PostgreSQL database cluster dump complete\n--\n\n\\q\nCREATE TABLE c (id int);\n',
    ].join('\n');
    await using restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql)));
    expect(restored.outcome).toMatchObject({
      errors: [],
      warnings: [
        expect.stringMatching(/^line 7: .*rdsadmin.* \(GRANT staff .*: run as the sandbox’s superuser instead$/),
        expect.stringMatching(/^line 8: .*clerk.* \(GRANT staff .*: run as the sandbox’s superuser instead$/),
        expect.stringMatching(/psql stops at \\q, so what follows in the file is not loaded$/),
      ],
    });
    const { rows } = await restored.ask(
      `select pg_has_role('Jo', 'staff', 'MEMBER WITH ADMIN OPTION'), pg_has_role('cashier', 'staff', 'MEMBER'), has_table_privilege('cashier', 'a', 'SELECT'), to_regclass('c') is null, (select count(*) from a), (select count(*) from b)`,
    );
    expect(rows).toEqual([[true, true, true, true, 1n, 1n]]);
  });

  it('may lack the last line of pg_dump when the drill allows it, with a warning', async () => {
    await using sandbox = await startSandbox('local', '18');
    const sql = '--\n-- PostgreSQL database dump\nCREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\n';
    const content = bytesContent(Buffer.from(sql), 'orders.sql');
    await using restored = await restoreInto(sandbox, content, { completionLine: 'optional' });
    expect(restored.outcome.warnings).toEqual([
      'orders.sql ends without the line that pg_dump ends with, and the drill allows it: there is no way to tell whether it is whole',
    ]);
    expect((await restored.ask('select count(*) from a')).rows).toEqual([[1n]]);
  });
});

/** Each dump is loaded into its own database on one server; all are refused because of how they are read. */
describe('a plain dump is refused', () => {
  let sandbox: Sandbox;
  let server: Server;
  let loads = 0;

  beforeAll(async () => {
    sandbox = await startSandbox('local', '18');
    server = await boot(sandbox);
  });
  afterAll(() => sandbox?.dispose());

  it.each([
    [
      'COPY a FROM stdin;\n1\n2',
      'backup-truncated',
      /^orders.sql ends in the middle of COPY data, .* \(after line 6, \d+ B of SQL\)$/,
    ],
    [
      "INSERT INTO a VALUES ('x",
      'backup-truncated',
      /^orders.sql ends in the middle of a quoted string, which began at line 4/,
    ],
    ['INSERT INTO a VALUES (1);\n', 'backup-truncated', /^orders.sql ends without the line that pg_dump ends with/],
    [
      '--\n-- PostgreSQL database dump\n--\n--\n-- PostgreSQL database dump complete\n',
      'backup-truncated',
      /the dump that begins at line 2 has no last line before the dump that begins at line 5/,
    ],
    [
      'BEGIN;\nINSERT INTO a VALUES (1);\n--\n-- PostgreSQL database dump complete\n',
      'backup-truncated',
      /^the transaction that begins at line 4 has no COMMIT before the end/,
    ],
    [
      'pg_dump: error: Dumping the contents of table "a" failed\n',
      'backup-truncated',
      /it holds the message "pg_dump: error: Dumping the contents of table "a" failed"$/,
    ],
    ['\\set who t\nCREATE TABLE :who (id int);\n', 'format-unsupported', /uses the psql variable who/],
    ['\\! touch /tmp/pwned\n', 'format-unsupported', /^line 4 holds the psql command \\!, which a drill does not run$/],
    ['\\connect nowhere\n', 'restore-failed', /^line 4: the dump connects to database "nowhere", which does not exist/],
    [
      'SELECT pg_terminate_backend(pg_backend_pid());\nSELECT 1;\n--\n-- PostgreSQL database dump complete\n--\n',
      'restore-failed',
      /^line 4: the dump ended the session that loads it \(SELECT pg_terminate_backend\(pg_backend_pid\(\)\)\)$/,
    ],
  ])('when it continues with %j', async (rest, code, message) => {
    const sql = `--\n-- PostgreSQL database dump\nCREATE TABLE a (id int);\n${rest}`;
    const backup = await inspectLogical(engine, bytesContent(Buffer.from(sql), 'orders.sql'));
    const staged = await backup.stage(sandbox, never);
    const options = { jobs: 2, ignoreErrors: [], signal: never, onProgress: () => undefined };
    const error = await rejected(staged.load(server, { ...options, database: `refused ${++loads}` }));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe.skipIf(!hasDebian || !hasSakila)('Sakila on the host’s own Postgres 15', () => {
  let work: Awaited<ReturnType<typeof makeWorkDirectory>>;
  let source: Sandbox | undefined;
  const at = (name: string): string => join(work.path, name);

  beforeAll(async () => {
    work = await makeWorkDirectory();
    source = await startSandbox('local', '15');
    const server = await boot(source);
    await loadSakila(source, server);
    await dumpTo(at('custom.dump'), source, server, ['pg_dump', '-Fc', 'sakila']);
    await dumpTo(at('plain.sql'), source, server, ['pg_dump', 'sakila']);
    await dumpTo(at('cluster.sql'), source, server, ['pg_dumpall']);
  });

  afterAll(async () => {
    await source?.dispose();
    await work[Symbol.asyncDispose]();
  });

  it('is the same after our own load as after psql', async () => {
    await using sandbox = await startSandbox('local', '15');
    await using restored = await restoreInto(sandbox, fileContent(at('plain.sql')));
    await expectSakila(restored, 'restored');
    const compare = async (database: string): Promise<string> => {
      await dumpTo(at(`${database}.again`), sandbox, restored.server, ['pg_dump', '--no-comments', database]);
      const text = await readFile(at(`${database}.again`), 'utf8');
      return text.replaceAll(/^\\(un)?restrict .*$/gm, '');
    };
    await runTool(sandbox, restored.server, [
      'psql',
      '-qd',
      'postgres',
      '-c',
      'CREATE DATABASE by_psql TEMPLATE template0',
    ]);
    const sink = createWriteStream('/dev/null');
    await runTool(sandbox, restored.server, ['psql', '-qd', 'by_psql'], {
      stdin: createReadStream(at('plain.sql')),
      stdout: sink,
    });
    expect(await compare('restored')).toBe(await compare('by_psql'));
  });

  it('is restored from a custom archive, with durability off only while loading', async () => {
    await using sandbox = await startSandbox('local', '15');
    await using restored = await restoreInto(sandbox, fileContent(at('custom.dump')));
    await expectSakila(restored, 'sakila');
    const { rows } = await restored.ask(
      "select string_agg(setting, ' ' order by name) from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'wal_level', 'listen_addresses')",
    );
    expect(rows).toEqual([['on on  on replica']]);
    expect(restored.progress.some((doing) => doing.startsWith('loading '))).toBe(true);
  });

  it('is restored from a dump of the whole cluster', async () => {
    await using sandbox = await startSandbox('local', '15');
    await using restored = await restoreInto(sandbox, fileContent(at('cluster.sql')), { durability: 'production' });
    await expectSakila(restored, 'sakila');
    expect(restored.outcome.warnings).toEqual([
      expect.stringMatching(/^line \d+: role "postgres" already exists \(CREATE ROLE postgres\)$/),
    ]);
  });

  it('is refused when the archive is truncated or its data has flipped bits', async () => {
    await using sandbox = await startSandbox('local', '15');
    const whole = await readFile(at('custom.dump'));
    const cut = await rejected(restoreInto(sandbox, bytesContent(whole.subarray(0, whole.length * 0.7))));
    expect(cut).toMatchObject({ code: 'backup-truncated' });
    await using other = await startSandbox('local', '15');
    const flipped = Buffer.from(whole);
    for (let at = whole.length >> 1; at < (whole.length >> 1) + 64; at += 1) flipped[at] = (flipped[at] ?? 0) ^ 0x55;
    expect(await rejected(restoreInto(other, bytesContent(flipped)))).toMatchObject({ code: 'backup-corrupt' });
  });

  it('counts the errors of pg_restore exactly, and allowed ones separately', async () => {
    await using sandbox = await startSandbox('local', '15');
    const sql = await readFile(at('plain.sql'), 'utf8');
    await writeFile(at('x.sql'), sql);
    const content = fileContent(at('custom.dump'));
    const backup = await inspectLogical(engine, content);
    const [server, staged] = await Promise.all([boot(sandbox), backup.stage(sandbox, never)]);
    await runTool(sandbox, server, [
      'psql',
      '-qd',
      'postgres',
      '-c',
      'CREATE DATABASE sakila',
      '-c',
      '\\connect sakila',
      '-c',
      'CREATE TABLE film (id int)',
      '-c',
      'CREATE TYPE mpaa_rating AS ENUM ()',
    ]);
    const options = { jobs: 2, database: undefined, signal: never, onProgress: () => undefined };
    const outcome = await staged.load(server, { ...options, ignoreErrors: [/relation "film" already exists/] });
    expect(outcome.ignoredCount).toBe(1);
    expect(outcome.errorCount).toBeGreaterThan(3);
    expect(outcome.errors[0]).toMatch(/^type "mpaa_rating" already exists \(CREATE TYPE public.mpaa_rating/);
    expect(outcome.errors.length).toBe(outcome.errorCount);
  });
});

describe('a check session', () => {
  let sandbox: Sandbox;
  let server: Server;
  let session: CheckSession;
  const ask = (sql: string, changes = {}) =>
    session.query(sql, { timeoutMs: STEP_TIMEOUT_MS, maxRows: 3, signal: never, ...changes });

  beforeAll(async () => {
    sandbox = await startSandbox('local', '18');
    const sql = `-- PostgreSQL database dump
      CREATE ROLE owner; CREATE SCHEMA private; CREATE TABLE private.secret (id int); ALTER TABLE private.secret OWNER TO owner; INSERT INTO private.secret VALUES (1);
      ALTER TABLE private.secret ENABLE ROW LEVEL SECURITY; ALTER DATABASE restored SET search_path = private; ALTER DATABASE restored SET statement_timeout = 1;
      CREATE FUNCTION private.version() RETURNS text LANGUAGE sql AS $$SELECT 'a lie'$$; ALTER DATABASE restored CONNECTION LIMIT 0; REVOKE CONNECT ON DATABASE restored FROM PUBLIC;
-- PostgreSQL database dump complete\n`;
    const restored = await restoreInto(sandbox, bytesContent(Buffer.from(sql)));
    expect(restored.outcome.errors).toEqual([]);
    server = restored.server;
    session = await requireSqlAccess(server).openCheckSession(restored.outcome.database, never);
  });

  afterAll(async () => {
    await session[Symbol.asyncDispose]();
    await sandbox.dispose();
  });

  it('returns exact values', async () => {
    const { columns, rows } = await ask(
      `select 9007199254740993 as big, 1.10::numeric as price, 0.1::float8 as ratio, 'NaN'::float8 as nan, true as yes, null as none, date '2026-02-03' as day,
              timestamp '2026-01-02 03:04:05.678901' as plain, timestamptz '2026-01-02 03:04:05+02' as zoned, 'infinity'::timestamp as never, interval '1 day 02:00' as span, '\\xff'::bytea as bytes, '{"a":1}'::jsonb as doc`,
    );
    expect(columns).toEqual([
      'big',
      'price',
      'ratio',
      'nan',
      'yes',
      'none',
      'day',
      'plain',
      'zoned',
      'never',
      'span',
      'bytes',
      'doc',
    ]);
    expect(rows).toEqual([
      [
        9007199254740993n,
        '1.10',
        0.1,
        'NaN',
        true,
        null,
        '2026-02-03',
        new Date('2026-01-02T03:04:05.678Z'),
        new Date('2026-01-02T01:04:05Z'),
        'infinity',
        'P1DT2H',
        '\\xff',
        '{"a": 1}',
      ],
    ]);
  });

  it('fetches no more rows than requested, and stays usable', async () => {
    expect(await ask('select generate_series(1, 100000000)')).toEqual({
      columns: ['generate_series'],
      rows: [[1], [2], [3]],
      truncated: true,
      tookMs: expect.any(Number),
    });
    expect(await ask('select generate_series(1, 3)')).toMatchObject({ truncated: false });
  });

  it('reads objects of other owners despite row-level security, with the database’s own search path', async () => {
    expect((await ask("select count(*), version() like 'PostgreSQL%' from secret")).rows).toEqual([[1n, true]]);
  });

  it.each([
    ['selec 1', 'check-malformed', 'syntax error at or near "selec" at character 1'],
    ['select 1; select 2', 'check-malformed', 'cannot insert multiple commands into a prepared statement'],
    ['insert into secret values (2)', 'check-malformed', 'the check tries to write'],
    ['create temp table x (a int)', 'check-malformed', ''],
    ['set transaction read write', 'check-malformed', ''],
    ["select nextval('x')", 'wrong-data', 'relation "x" does not exist'],
    ['select * from nowhere', 'wrong-data', 'relation "nowhere" does not exist at character 15'],
    ['select nothing from secret', 'wrong-data', 'column "nothing" does not exist at character 8'],
    ["copy (select 1) to program 'id'", 'check-malformed', ''],
    ["select pg_read_file('/etc/passwd')", 'check-malformed', 'needs EXECUTE on function pg_read_file'],
    ['', 'check-malformed', ''],
  ])('reports %j as %s', async (sql, code, message) => {
    const error = await rejected(ask(sql));
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
    expect((await ask('select 1')).rows).toEqual([[1]]);
  });

  it('stops a query that takes too long, and stays usable', async () => {
    expect(await rejected(ask('select pg_sleep(60)', { timeoutMs: 50 }))).toMatchObject({
      code: 'check-malformed',
      message: 'the check did not finish within 50 ms',
    });
    expect((await ask('select 1')).rows).toEqual([[1]]);
  });

  it('ends at once when canceled', async () => {
    const stop = new AbortController();
    const own = await requireSqlAccess(server).openCheckSession('restored', stop.signal);
    const waiting = own.query('select pg_sleep(60)', { timeoutMs: STEP_TIMEOUT_MS, maxRows: 1, signal: stop.signal });
    setImmediate(() => stop.abort(new Error('given up')));
    expect(await rejected(waiting)).toMatchObject({ message: 'given up' });
    await own[Symbol.asyncDispose]();
  });

  it('reports that the server went away', async () => {
    const own = await requireSqlAccess(server).openCheckSession('restored', never);
    const waiting = rejected(
      own.query('select pg_sleep(60)', { timeoutMs: STEP_TIMEOUT_MS, maxRows: 1, signal: never }),
    );
    await sandbox.exec(['sh', '-c', `kill -QUIT "$(head -1 "${sandbox.paths.data}/postmaster.pid")"`], {
      signal: never,
    });
    expect(await waiting).toMatchObject({ code: 'server-failed' });
    await own[Symbol.asyncDispose]();
  });
});
