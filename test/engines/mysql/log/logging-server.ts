import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { copyOut } from '../../postgres/physical/primary.ts';
import type { Ask } from '../fingerprint.ts';
import { never } from '../restoring.ts';

/** A server with a binary log, in a sandbox of its own. */
export interface LoggingServer {
  /** Runs statements with the product's own client. @returns its output, without column names. */
  sql(text: string): Promise<string>;
  readonly ask: Ask;
  /** @param options options of the product's dump program. */
  dump(file: string, ...options: readonly string[]): Promise<void>;
  /** Copies dumps, log files (closed and open), or the data of the running server to a directory on this host. */
  copy(what: 'dumps' | 'logs' | 'data', directory: string): Promise<void>;
}

/** @param settings server settings, such as `--gtid-mode=ON`. */
export async function startLogging(
  sandbox: Sandbox,
  product: 'mysql' | 'mariadb',
  settings: readonly string[],
): Promise<LoggingServer> {
  const root = `${sandbox.paths.scratch}/logging`;
  const script = async (text: string, input: string, ...argv: readonly string[]): Promise<string> => {
    const setup = `set -eu; cd ${root}; client() { ${product === 'mysql' ? 'mysql' : 'mariadb'} -uroot --default-character-set=utf8mb4 --local-infile=1 -S ${root}/s "$@"; }; `;
    const result = await sandbox.exec(['sh', '-c', setup + text, 'sh', ...argv], {
      signal: never,
      stdin: Readable.from([Buffer.from(input)]),
    });
    if (result.exitCode !== 0) throw new Error(`${input || text}: ${result.stderr}`);
    return result.stdout.trim();
  };
  await sandbox.exec(['mkdir', '-p', `${root}/dumps`, `${root}/logs`], { signal: never });
  // input for LOAD DATA LOCAL, longer than one block in a log
  await script('seq 1 3000 | sed "s/.*/1,&.5,row &/" > rows.csv', '');
  await script(START[product], '', ...COMMON, `--log-bin=${root}/logs/binlog`, ...settings);
  const sql = (text: string): Promise<string> => script('client -Nr', text);
  return {
    sql,
    ask: async (text) => (await sql(text)).split('\n').filter((line) => line !== ''),
    dump: async (file, ...options) => {
      const program = product === 'mysql' ? 'mysqldump -uroot' : 'mariadb-dump -uroot';
      await script(
        `out=$1; shift; ${program} -S ${root}/s --single-transaction "$@" > dumps/"$out"`,
        '',
        file,
        ...options,
      );
    },
    copy: async (what, directory) => {
      await mkdir(directory, { recursive: true });
      const signalServer = (name: string) => script('kill -"$1" "$(cat pid)"', '', name);
      if (what === 'data') await signalServer('STOP'); // so that all files are from the same moment, as in a snapshot
      await copyOut(sandbox, `${root}/${what}`, directory);
      if (what === 'data') await signalServer('CONT');
    },
  };
}

const COMMON = [
  '--skip-networking',
  '--server-id=7',
  '--event-scheduler=OFF',
  '--performance-schema=OFF',
  '--local-infile=ON',
];

const WAIT = `
i=0
until client -e 'SELECT 1' > /dev/null 2>&1; do
  i=$((i+1)); [ $i -lt 600 ] || { cat log >&2; exit 1; }
  sleep 0.05
done
`;
const START = {
  mysql: `mysqld --no-defaults --initialize-insecure --datadir=${'$PWD'}/data > log 2>&1
nohup mysqld --no-defaults --datadir="$PWD/data" --socket="$PWD/s" --pid-file="$PWD/pid" --tmpdir=/tmp --mysqlx=OFF "$@" >> log 2>&1 < /dev/null &
${WAIT}`,
  mariadb: `mariadb-install-db --no-defaults --datadir="$PWD/data" --auth-root-authentication-method=normal > log 2>&1
nohup mariadbd --no-defaults --datadir="$PWD/data" --socket="$PWD/s" --pid-file="$PWD/pid" --tmpdir=/tmp "$@" >> log 2>&1 < /dev/null &
${WAIT}`,
};
