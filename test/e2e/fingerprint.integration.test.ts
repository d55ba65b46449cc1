import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresServer } from '../../src/engines/postgres/server/postgres-server.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { boot, never, startSandbox } from '../engines/postgres/restoring.ts';
import { type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

const MANIFEST = 'backups/orders.sql.fingerprint.json';

describe('a source, its manifest, and a drill of its dump', () => {
  let sandbox: Sandbox;
  let workspace: DrillWorkspace;
  let source: { readonly url: string; readonly password: string };
  beforeAll(async () => {
    sandbox = await startSandbox('local', '18');
    const server = PostgresServer.of(await boot(sandbox));
    await server.withSession('postgres', never, (client) =>
      client.query(
        `CREATE TABLE public.customer (id integer PRIMARY KEY, name text NOT NULL);
         INSERT INTO public.customer VALUES (3, 'Edsger'), (1, 'Ada'), (2, 'Grace')`,
      ),
    );
    const { connection } = server;
    if (connection.kind !== 'path') throw new Error('no socket');
    const { PGUSER = '', PGPASSWORD = '' } = server.toolEnvironment();
    source = {
      url: `postgres://${PGUSER}@/postgres?host=${encodeURIComponent(dirname(connection.path))}`,
      password: PGPASSWORD,
    };
    workspace = await makeDrillWorkspace();
    await workspace.writeDrill({ checks: [{ name: 'every row is as it was dumped', fingerprint: { locate: true } }] });
    await workspace.write('backups/orders.sql', plainDump());
  });
  afterAll(async () => {
    await workspace[Symbol.asyncDispose]();
    await sandbox.dispose();
  });

  const fingerprint = (argv: readonly string[] = [], env: Record<string, string> = {}) =>
    workspace.firedrill(['fingerprint', 'drill.yaml', ...argv], { env });
  const drill = async () => {
    const result = await workspace.firedrill(['run', 'drill.yaml', '--json']);
    const { run } = JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as {
      run: { checks: { actual: string; details?: string[] }[]; error?: { code: string } };
    };
    return { code: result.code, ...run };
  };

  it('are equal until the dump is damaged; without its manifest there is no verdict on the backup', async () => {
    const written = await fingerprint(['--url', source.url, '--out', MANIFEST, '--ready', 'ready', '-j', '2'], {
      PGPASSWORD: source.password,
    });
    expect(written).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^postgres: 1 table, 3 rows, in /),
    });
    expect(await readFile(join(workspace.directory, 'ready'), 'utf8')).toBe('');
    expect(await readFile(join(workspace.directory, MANIFEST), 'utf8')).not.toContain(source.password);
    expect(await drill()).toMatchObject({ code: 0, checks: [{ actual: 'all 3 rows are equal' }] });

    await workspace.write('backups/orders.sql', plainDump().replace('Grace', 'Grbce'));
    expect(await drill()).toMatchObject({
      code: 1,
      checks: [{ details: ['public.customer: has as many rows, with other values', '  keys 2 to 2: other values'] }],
    });
    await rm(join(workspace.directory, MANIFEST));
    expect(await drill()).toMatchObject({ code: 2, error: { code: 'manifest-missing' } });
  });

  it('without --out is written to standard output; the URL may come from the environment and the password from a file', async () => {
    await workspace.write('password', `${source.password}\n`);
    const result = await fingerprint(['--password-file', 'password'], { FIREDRILL_URL: source.url });
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout)).toMatchObject({
      rules: 'postgres/1',
      tables: [{ name: 'public.customer', rows: '3' }],
    });
  });

  it.each<[string, string[], number, RegExp]>([
    ['no URL', [], 64, /no database named/],
    ['a URL of another product', ['--url', 'mysql://root:s3cretword@db/x'], 64, /not for a postgres database/],
    [
      'a host that does not answer',
      ['--url', 'postgres://u:s3cretword@127.0.0.1:1/x'],
      2,
      /^database-failed: x on 127\.0\.0\.1:1: .*ECONNREFUSED/,
    ],
    [
      'a file for the password that is not there',
      ['--url', 'postgres://u@h/x', '--password-file', 'nope'],
      64,
      /config-missing-file/,
    ],
  ])('is refused with %s, without showing a password', async (_what, argv, code, message) => {
    const result = await fingerprint(argv);
    expect(result).toMatchObject({ code, stderr: expect.stringMatching(message) });
    expect(result.stdout + result.stderr).not.toContain('s3cretword');
  });

  it('is refused with a wrong password, another snapshot, or a file that cannot be written', async () => {
    const env = { PGPASSWORD: source.password };
    expect(await fingerprint(['--url', source.url], { PGPASSWORD: 'wrong-one' })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/authentication failed[\s\S]*HINT: Check the user/),
    });
    expect(await fingerprint(['--url', source.url, '--snapshot', "0'1"], env)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/snapshot[\s\S]*HINT: A snapshot lasts/),
    });
    await mkdir(join(workspace.directory, 'closed.json'), { recursive: true });
    expect(await fingerprint(['--url', source.url, '--out', 'closed.json'], env)).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('closed.json cannot be written'),
    });
  });
});
