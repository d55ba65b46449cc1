import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { never } from '../restoring.ts';

/** A server in its own sandbox, for taking base backups. Its superuser is not called postgres. */
export interface Primary {
  /** Runs statements, each in its own transaction. @returns the output of psql, unaligned. */
  sql(database: string, ...statements: readonly string[]): Promise<string>;
  /** Runs pg_basebackup into a directory on this host; with `-D -`, its output becomes `base.tar` there. */
  backup(directory: string, ...args: readonly string[]): Promise<void>;
  /** Moves its configuration out of the data directory, as Debian does. */
  moveConfiguration(): Promise<void>;
  /** Turns page checksums off. */
  dropChecksums(): Promise<void>;
  /** Resolves once everything up to now has been archived. */
  archived(): Promise<void>;
  /** Copies the archived segments into a directory on this host. */
  copyArchive(directory: string): Promise<void>;
}

/**
 * Starts a server with things that tend to get in the way of a restore: a tablespace, high limits, things that run by
 * themselves.
 * @param segmentMib segment size of its log; in a test that finishes several segments, most of the usual 16 MiB would
 * be copied for nothing.
 * @param settings more lines of its configuration.
 */
export async function startPrimary(sandbox: Sandbox, major: string, segmentMib = 1, settings = ''): Promise<Primary> {
  const root = `${sandbox.paths.scratch}/primary`;
  const quiet = Number(major) >= 17 ? ' PGOPTIONS=-cevent_triggers=off' : ''; // a login trigger in the data may refuse everyone
  const script = async (text: string, ...argv: readonly string[]): Promise<string> => {
    const setup = `set -eu; export PATH=/usr/lib/postgresql/${major}/bin:$PATH PGHOST=${root} PGUSER=boss${quiet}; cd ${root}; `;
    const result = await sandbox.exec(['sh', '-c', setup + text, 'sh', ...argv], { signal: never });
    if (result.exitCode !== 0) throw new Error(`${text}: ${result.stderr}`);
    return result.stdout.trim();
  };
  await sandbox.exec(['mkdir', '-p', `${root}/wal`, `${root}/space`], { signal: never });
  await script(START, `${SETTINGS}${settings}`, String(segmentMib));
  const primary: Primary = {
    sql: (database, ...statements) =>
      script(
        'db=$1; shift; for each in "$@"; do set -- "$@" -c "$each"; shift; done; psql -qXAt -v ON_ERROR_STOP=1 -d "$db" "$@"',
        database,
        ...statements,
      ),
    backup: async (directory, ...args) => {
      const toStdout = args.includes('-');
      const where = toStdout ? '' : '-D out';
      await script(
        `rm -rf out; mkdir -m 700 out; pg_basebackup ${where} -c fast "$@" ${toStdout ? '> out/base.tar' : ''}`,
        ...args,
      );
      await copyOut(sandbox, `${root}/out`, directory);
    },
    moveConfiguration: async () => {
      await script(
        'pg_ctl -D data -w -m fast stop > /dev/null; mkdir etc; mv data/*.conf etc; : > data/postgresql.auto.conf',
      );
      const files = ['config_file=postgresql', 'hba_file=pg_hba', 'ident_file=pg_ident'];
      const options = files.map((file) => `-c ${file.replace('=', `=${root}/etc/`)}.conf`).join(' ');
      await script('pg_ctl -D data -w -l log -o "$1" start > /dev/null', options);
    },
    dropChecksums: async () => {
      await script('pg_ctl -D data -w -m fast stop > /dev/null; pg_checksums --disable -D data > /dev/null');
      await script('pg_ctl -D data -w -l log start > /dev/null');
    },
    archived: async () => {
      await script('pg_ctl -D data -w -m fast stop > /dev/null'); // archives complete segments before it ends
    },
    copyArchive: (directory) => copyOut(sandbox, `${root}/wal`, directory),
  };
  return primary;
}

/** Copies a directory from the sandbox into one on this host. */
export async function copyOut(sandbox: Sandbox, from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true });
  const untar = spawn('tar', ['-x', '-C', to], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve, reject) => {
    untar.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}`))));
  });
  await sandbox.exec(['tar', '-c', '-C', from, '.'], { stdout: untar.stdin, signal: never });
  await finished(untar.stdin).catch(() => undefined);
  await ended;
  execFileSync('chmod', ['-R', 'u+rwX', to]);
}

const SETTINGS = `
wal_level=logical
max_connections=133
max_prepared_transactions=25
max_wal_senders=12
track_commit_timestamp=on
archive_mode=on
fsync=off
listen_addresses=''
`;

const START = `
initdb -D data -U boss --auth=trust -E UTF8 --locale=C --data-checksums --no-sync --wal-segsize="$2" > /dev/null
printf '%s' "$1" >> data/postgresql.conf
echo "unix_socket_directories='$PGHOST'" >> data/postgresql.conf
echo "archive_command='cp %p $PGHOST/wal/%f.part && mv $PGHOST/wal/%f.part $PGHOST/wal/%f'" >> data/postgresql.conf
pg_ctl -D data -w -l log start > /dev/null
`;
