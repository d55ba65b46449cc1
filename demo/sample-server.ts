import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { closeClient, openClient } from '../src/engines/postgres/server/connect.ts';
import { ALL_ENGINES } from '../src/engines/registry.ts';
import { createLocalRuntime } from '../src/sandbox/local/runtime.ts';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { currentOwner } from '../src/support/owner.ts';

const LEASE_MS = 600_000;
const signal = new AbortController().signal;

/** A running Postgres that archives its log, like a production server. */
export interface SampleServer extends AsyncDisposable {
  /** Where its files are on this host. */
  readonly dataDirectory: string;
  /** Runs each statement in its own transaction. @returns the rows of the last one. */
  sql(database: string, ...statements: readonly string[]): Promise<Record<string, string>[]>;
  /**
   * @param meanwhile is run between the start and the end of the backup. Default: nothing.
   * @returns a file on this host with a tar of the data directory: what pg_basebackup writes, by the server's low-level calls.
   */
  backup(meanwhile?: () => Promise<void>): Promise<string>;
  /** Stops the server, which archives the rest of its log. @returns the archive's directory on this host. */
  stop(): Promise<string>;
}

/**
 * Starts npm's Postgres 18 in its own directory, which is removed with it.
 * @param settings additional lines of postgresql.conf.
 * @param segmentMib the size of a segment of its log.
 */
export async function startSampleServer(settings: readonly string[] = [], segmentMib = 16): Promise<SampleServer> {
  const runtime = createLocalRuntime({ engines: ALL_ENGINES });
  const server = { engine: 'postgres', major: '18', match: 'exact' } as const;
  await runtime.ensureImage({ image: '', server }, signal);
  const sandbox = await runtime.start(
    {
      runId: `demo-${randomBytes(4).toString('hex')}`,
      drill: 'demo',
      owner: currentOwner(),
      leaseExpiresAt: new Date(Date.now() + LEASE_MS),
      image: '',
      server,
      serverUser: 'postgres',
      memoryBytes: 2 ** 29,
      cpus: 1,
      pids: 256,
      storage: 'volume',
    },
    signal,
  );
  try {
    const script = scriptsIn(sandbox);
    await script(START.replace('SEGMENT_MIB', String(segmentMib)), settings.join('\n'));
    const sql = (database: string, ...statements: readonly string[]) =>
      withSession(sandbox, database, async (client) => {
        let rows: Record<string, string>[] = [];
        for (const statement of statements) ({ rows } = await client.query<Record<string, string>>(statement));
        return rows;
      });
    return {
      ...{ sql, dataDirectory: sandbox.paths.data },
      backup: (meanwhile) => takeBackup(sandbox, script, meanwhile),
      stop: async () => {
        await script('"$bin/pg_ctl" stop --pgdata="$data" --mode=fast --wait > /dev/null');
        return `${sandbox.paths.scratch}/archive`;
      },
      [Symbol.asyncDispose]: () => sandbox.dispose(),
    };
  } catch (error) {
    await sandbox.dispose();
    throw error;
  }
}

/**
 * Source: PostgreSQL's manual, "Making a Base Backup Using the Low Level API": the same session starts and ends the backup, and returns the
 * label.
 */
function takeBackup(sandbox: Sandbox, script: Script, meanwhile?: () => Promise<void>): Promise<string> {
  return withSession(sandbox, 'postgres', async (client) => {
    await client.query("select pg_backup_start('nightly', fast => true)");
    await meanwhile?.();
    await script(COPY_FILES);
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
    await script(ADD_LABEL, rows[0]?.labelfile);
    return `${sandbox.paths.scratch}/base.tar.gz`;
  });
}

async function withSession<T>(sandbox: Sandbox, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const login = { user: 'postgres', password: '', database, settings: {} };
  const client = await openClient(sandbox.connect(`${sandbox.paths.run}/.s.PGSQL.5432`), login, signal);
  try {
    return await work(client);
  } finally {
    await closeClient(client);
  }
}

type Script = (text: string, argument?: string) => Promise<void>;

function scriptsIn(sandbox: Sandbox): Script {
  const { paths } = sandbox;
  return async (text, argument = '') => {
    const setup = 'set -eu; umask 077; bin=$1 data=$2 run=$3 scratch=$4 argument=$5\n';
    const argv = [sandbox.binDirs[0] ?? '', paths.data, paths.run, paths.scratch, argument];
    const options = { signal, env: { LC_ALL: 'C' } };
    const { exitCode, stderr } = await sandbox.exec(['sh', '-c', setup + text, 'sh', ...argv], options);
    if (exitCode !== 0) throw new Error(`the sample server: ${stderr}`);
  };
}

/** The segment appears under its name once it is complete. */
const START = `
mkdir "$scratch/archive"
"$bin/initdb" --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync --wal-segsize=SEGMENT_MIB > /dev/null
cat >> "$data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$run'
shared_buffers = 32MB
dynamic_shared_memory_type = mmap
fsync = off
autovacuum = off
archive_mode = on
archive_command = 'cp "%p" "$scratch/archive/%f.part" && mv "$scratch/archive/%f.part" "$scratch/archive/%f"'
$argument
END
"$bin/pg_ctl" start --pgdata="$data" --log="$scratch/log" --wait > /dev/null
`;

/** The log comes from the archive, so the server's own is omitted. A file that changes meanwhile is repaired by the log (tar exits with 1). */
const COPY_FILES = `
cd "$data"
tar -cf "$scratch/base.tar" --exclude='./pg_wal/*' --exclude=./postmaster.pid --exclude=./postmaster.opts . || [ $? = 1 ]
`;

const ADD_LABEL = `
cd "$scratch"
printf '%s' "$argument" > backup_label
tar -rf base.tar backup_label
gzip base.tar
`;
