import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { expect } from 'vitest';
import type { Server } from '../../../src/engines/engine.ts';
import { PostgresServer } from '../../../src/engines/postgres/server/postgres-server.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { never, type Restored } from './restoring.ts';

/** The sample database is next to the project, not in it. */
const SAKILA = process.env['FIREDRILL_SAKILA'] ?? join(process.cwd(), '..', 'shared', 'data', 'sakila-postgres');
export const hasSakila = existsSync(join(SAKILA, 'schema.sql'));
if (!hasSakila) process.stderr.write(`\nSKIPPED: no Sakila under ${SAKILA}; set FIREDRILL_SAKILA to where it is.\n\n`);

/** Runs a client tool in the sandbox, as a superuser of its server. */
export async function runTool(
  sandbox: Sandbox,
  server: Server,
  argv: readonly string[],
  streams: { stdin?: Readable; stdout?: Writable } = {},
): Promise<void> {
  const env = PostgresServer.of(server).toolEnvironment();
  const result = await sandbox.exec(argv, { signal: never, env, ...streams });
  if (result.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
}

/** Loads Sakila with psql, as its README says, along with an extension, a role and grants as in real databases. */
export async function loadSakila(sandbox: Sandbox, server: Server): Promise<void> {
  await runTool(sandbox, server, [
    'psql',
    '-qd',
    'postgres',
    '-c',
    'CREATE ROLE "Billing Team"',
    '-c',
    'CREATE DATABASE sakila',
  ]);
  const psql = ['psql', '-q', '-d', 'sakila', '-v', 'ON_ERROR_STOP=1'];
  const quiet = () => new Writable({ write: (_chunk, _encoding, done) => done() });
  for (const file of ['schema.sql', 'data-copy.sql']) {
    await runTool(sandbox, server, psql, { stdin: createReadStream(join(SAKILA, file)), stdout: quiet() });
  }
  const extras = `CREATE EXTENSION pg_trgm; GRANT SELECT ON customer TO "Billing Team"; ALTER TABLE country OWNER TO "Billing Team";`;
  await runTool(sandbox, server, psql, { stdin: Readable.from([extras]) });
}

/** Writes the output of a dump tool to a file on this host. */
export async function dumpTo(path: string, sandbox: Sandbox, server: Server, argv: readonly string[]): Promise<void> {
  await runTool(sandbox, server, argv, { stdout: createWriteStream(path) });
}

/** Makes a directory dump in the sandbox and copies it to this host, both packed as one tar and as files. */
export async function dumpDirectoryTo(path: string, sandbox: Sandbox, server: Server): Promise<void> {
  const inside = `${sandbox.paths.scratch}/dump`;
  await runTool(sandbox, server, ['pg_dump', '-Fd', '--jobs=2', '-f', inside, 'sakila']);
  await runTool(sandbox, server, ['tar', '-C', sandbox.paths.scratch, '-cf', '-', 'dump'], {
    stdout: createWriteStream(`${path}.tar`),
  });
  await runTool(sandbox, server, ['rm', '-rf', inside]);
  await mkdir(path, { recursive: true });
  const members = extract();
  const unpacking = pipeline(createReadStream(`${path}.tar`), members);
  for await (const entry of members) {
    if (entry.header.type === 'file')
      await writeFile(join(path, entry.header.name.split('/').at(-1) ?? ''), await buffer(Readable.from(entry)));
    else entry.resume();
  }
  await unpacking;
}

/** Expects the row counts in the data's README, and that nothing was lost in the restore. */
export async function expectSakila(restored: Restored, database: string): Promise<void> {
  expect(restored.outcome.errors).toEqual([]);
  expect(restored.outcome).toMatchObject({ database, errorCount: 0, ignoredCount: 0 });
  const { rows } = await restored.ask(
    `select (select count(*) from customer), (select count(*) from rental), (select count(*) from payment), (select count(*) from film),
            (select max(payment_date) from payment), (select count(*) from pg_indexes where schemaname = 'public'),
            (select count(*) from pg_constraint where contype = 'f' and convalidated), (select tableowner from pg_tables where tablename = 'country')`,
  );
  expect(rows).toEqual([[599n, 16_044n, 16_049n, 1000n, new Date('2006-02-14T15:16:03Z'), 44n, 40n, 'Billing Team']]);
}
