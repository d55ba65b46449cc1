import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { ALL_ENGINES } from '../src/engines/registry.ts';
import { createDockerRuntime } from '../src/sandbox/docker/docker-runtime.ts';
import { createLocalRuntime } from '../src/sandbox/local/runtime.ts';
import type { Sandbox } from '../src/sandbox/sandbox.ts';
import { DrillError } from '../src/support/errors.ts';
import { currentOwner } from '../src/support/owner.ts';
import type { LogCoordinates } from './sample-mysql.ts';

const SERVER = { engine: 'mariadb', major: '10.5' } as const;
const LEASE_MS = 600_000;
const signal = new AbortController().signal;

/** A running MariaDB that writes a binary log, like a production server. */
export interface SampleMariadb extends AsyncDisposable {
  /** Runs statements, each in its own transaction. @returns what the client prints, without headings. */
  sql(text: string | Iterable<string>): Promise<string>;
  /** The current position in its log. */
  coordinates(): Promise<LogCoordinates>;
  /** Backs it up with mariadb-backup, as a compressed stream. @param increment whether to include only changes since the last backup. */
  backUp(file: string, increment: boolean): Promise<void>;
  /** Copies the complete files of its log, and the current one, which is completed by this. */
  archiveLog(directory: string): Promise<void>;
}

/** Where the server runs: `image` for Docker, such as `mariadb:11.8`; undefined for the MariaDB installed on this host. */
export interface SamplePlace {
  readonly image: string | undefined;
}

/** Starts MariaDB in its own sandbox, which is removed with it. */
export async function startSampleMariadb({ image = '' }: SamplePlace): Promise<SampleMariadb> {
  const runtime = image === '' ? createLocalRuntime({ engines: ALL_ENGINES }) : createDockerRuntime({});
  await runtime.ensureImage({ image, server: SERVER }, signal);
  const sandbox = await runtime.start(
    {
      runId: `demo-${randomBytes(4).toString('hex')}`,
      drill: 'demo',
      owner: currentOwner(),
      leaseExpiresAt: new Date(Date.now() + LEASE_MS),
      image,
      server: SERVER,
      serverUser: 'mysql',
      memoryBytes: 2 ** 29,
      cpus: 1,
      pids: 256,
      storage: 'volume',
    },
    signal,
  );
  try {
    const { ended } = await start(sandbox);
    const sql = (text: string | Iterable<string>) => ask(sandbox, text);
    return {
      sql,
      coordinates: async () => {
        const [file = '', position = ''] = (await sql('SHOW MASTER STATUS')).split('\t');
        const [version = ''] = (await sql('SELECT VERSION()')).split('-');
        return { file, position: Number(position), version };
      },
      backUp: (file, increment) => backUp(sandbox, file, increment),
      archiveLog: async (directory) => {
        await sql('FLUSH BINARY LOGS');
        const names = (await sql('SHOW BINARY LOGS')).split('\n').map((line) => line.split('\t')[0] ?? '');
        await mkdir(directory, { recursive: true });
        for (const name of names.slice(0, -1)) await copyOut(sandbox, name, directory);
      },
      [Symbol.asyncDispose]: async () => {
        await sandbox.dispose();
        await ended;
      },
    };
  } catch (error) {
    await sandbox.dispose();
    throw error;
  }
}

/** Whether MariaDB is installed on this host. */
export async function hasMariadb(): Promise<boolean> {
  try {
    await createLocalRuntime({ engines: ALL_ENGINES }).ensureImage({ image: '', server: SERVER }, signal);
    return true;
  } catch (error) {
    if (error instanceof DrillError && error.code === 'tool-missing') return false;
    throw error;
  }
}

/** Whether MariaDB is installed on this host together with its backup tool. */
export async function hasMariadbBackup(): Promise<boolean> {
  const { status } = spawnSync('sh', ['-c', 'PATH="$PATH:/usr/sbin:/usr/bin" command -v mariadb-backup'], {
    stdio: 'ignore',
  });
  return status === 0 && (await hasMariadb());
}

/** @returns `ended`, which settles when the server has ended. */
async function start(sandbox: Sandbox): Promise<{ readonly ended: Promise<unknown> }> {
  const { data, run } = sandbox.paths;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const lines: string[] = [];
  const ended = sandbox
    .exec(['sh', '-c', START, 'sh', data, run, sandbox.binDirs.join(':')], {
      signal,
      env: { LC_ALL: 'C' },
      onStderrLine: (line) => {
        lines.push(line);
        if (line.includes('ready for connections')) resolve();
      },
    })
    .catch(() => undefined); // its sandbox was removed
  const failed = ended.then(() =>
    Promise.reject(new Error(`the sample server did not start: ${lines.slice(-5).join('\n')}`)),
  );
  failed.catch(() => undefined); // it ends when its sandbox is removed
  await Promise.race([ready, failed]);
  return { ended };
}

const PATHS = 'PATH="$3:$PATH:/usr/sbin:/usr/bin"; export PATH';

const START = `
set -eu
${PATHS}
mariadb-install-db --no-defaults --datadir="$1" --auth-root-authentication-method=normal --skip-test-db --force > /dev/null
exec mariadbd --no-defaults --datadir="$1" --socket="$2/sample.sock" --pid-file="$1/sample.pid" --skip-networking --log-bin="$1/binlog" --server-id=1 --binlog-format=ROW --innodb-flush-log-at-trx-commit=0 --sync-binlog=0
`;

async function ask(sandbox: Sandbox, text: string | Iterable<string>): Promise<string> {
  const { data, run } = sandbox.paths;
  const client = `${PATHS}; exec mariadb --no-defaults --socket="$2/sample.sock" --user=root --batch --skip-column-names --default-character-set=utf8mb4`;
  const { stdout, stderr, exitCode } = await sandbox.exec(
    ['sh', '-c', client, 'sh', data, run, sandbox.binDirs.join(':')],
    {
      signal,
      env: { LC_ALL: 'C' },
      stdin: Readable.from(typeof text === 'string' ? [text] : text),
    },
  );
  if (exitCode !== 0) throw new Error(`the sample server: ${stderr}`);
  return stdout.trimEnd();
}

/** `--extra-lsndir` saves what an increment needs to know about the previous backup. */
const BACK_UP = `
set -eu
${PATHS}
mkdir -p "$4/backup"
[ -z "$5" ] || set -- "$@" --incremental-basedir="$4/last"
data=$1 run=$2 scratch=$4
shift 5
mariadb-backup --no-defaults --backup --stream=mbstream --datadir="$data" --socket="$run/sample.sock" --user=root --target-dir="$scratch/backup" --extra-lsndir="$scratch/next" "$@"
rm -rf "$scratch/last"
mv "$scratch/next" "$scratch/last"
`;

async function backUp(sandbox: Sandbox, file: string, increment: boolean): Promise<void> {
  const { data, run, scratch } = sandbox.paths;
  await mkdir(dirname(file), { recursive: true });
  const compressed = createZstdCompress();
  const written = pipeline(compressed, createWriteStream(file));
  const argv = ['sh', '-c', BACK_UP, 'sh', data, run, sandbox.binDirs.join(':'), scratch, increment ? 'increment' : ''];
  const { exitCode, stderr } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' }, stdout: compressed });
  await written;
  if (exitCode !== 0) throw new Error(`mariadb-backup: ${stderr.slice(-1000)}`);
}

async function copyOut(sandbox: Sandbox, name: string, directory: string): Promise<void> {
  const stdout = createWriteStream(join(directory, name));
  const { exitCode, stderr } = await sandbox.exec(['cat', `${sandbox.paths.data}/${name}`], { signal, stdout });
  if (exitCode !== 0) throw new Error(`the sample server: ${stderr}`);
}
