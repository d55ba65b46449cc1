import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import { EXTRAS } from './extras.ts';
import { type Ask, type Description, describeDatabase } from './fingerprint.ts';
import { writeShellDump } from './formats/mysql-shell/shell-writer.ts';

/** The sample database is next to the checkout, not in it: we may not distribute it. */
const data = fileURLToPath(new URL('../../../../shared/data/sakila-mysql/', import.meta.url));
export const hasSakila = existsSync(`${data}schema.sql`);
if (!hasSakila)
  process.stderr.write(
    '\nSKIPPED: no ../shared/data/sakila-mysql beside the checkout, so no MySQL is drilled with Sakila.\n\n',
  );

export type SourceImage = 'mysql:9.7' | 'mariadb:10.11' | 'mariadb:11.8';

const LOGIN = '--no-defaults -uroot -S /sock/s';
/** Servers with positions in the binary log, GTIDs, and a log that contains both. */
const SERVERS = {
  mysql: {
    make: 'mysqld --no-defaults --initialize-insecure --datadir=/tmp/data',
    start: 'mysqld --no-defaults --mysqlx=OFF --gtid-mode=ON --enforce-gtid-consistency=ON --log-bin=bin',
    ready: '/usr/sbin/mysqld: ready for connections',
    client: 'mysql',
    dump: 'mysqldump',
    position: '--source-data=1',
  },
  mariadb: {
    make: 'mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db --datadir=/tmp/data',
    start: 'mariadbd --no-defaults --log-bin=bin --event-scheduler=ON',
    ready: 'ready for connections',
    client: 'mariadb',
    dump: 'mariadb-dump',
    position: '--master-data=1 --gtid',
  },
};

/** Ways to dump, keyed by file name: the arguments after the program and the login, as typed in a shell. */
const DUMPS = {
  'one.sql': 'sakila',
  'whole.sql': '--single-transaction --routines --events --triggers sakila',
  'databases.sql': '--routines --events --databases sakila shop',
  'all.sql': '--routines --events --flush-privileges --all-databases',
  'position.sql': '$POSITION --routines --events --databases sakila',
  'rows.sql': '--skip-extended-insert --hex-blob --complete-insert --routines --events shop',
  'old.sql': '--skip-opt --create-options --add-drop-table --routines --events shop',
} as const;
const COMPRESSORS = { gz: 'gzip', zst: 'zstd', lz4: 'lz4', xz: 'xz', bz2: 'bzip2' } as const;
/**
 * The version in Debian does not know the routines of MySQL 9 or the names in `shop`, and mistakes MySQL's timestamps
 * for generated columns.
 */
const MYDUMPER = {
  mydumper: { mysql: '--triggers', mariadb: '--triggers --events --routines' },
  'mydumper-packed': {
    mysql: '--compress --rows 5000 --triggers',
    mariadb: '--compress --rows 5000 --triggers --events --routines',
  },
} as const;

/** Dumps in the layout of MySQL Shell. */
const SHELL_DUMPS = {
  shell: { compression: 'zstd', chunks: 3 },
  'shell-gzip': { compression: 'gzip', chunks: 1 },
} as const;

/** A real server with Sakila and a small database `shop`, dumped by its own tools. */
export interface Source {
  /** Contents of the databases, keyed by name, which a restore must reproduce. Empty unless requested. */
  readonly databases: ReadonlyMap<string, Description>;
  readonly serverVersion: string;
}

/**
 * Dumps one server version into `directory`.
 * @param wanted the backups, as a drill would match them: `whole.sql.gz`, `mydumper/`. The names are the same for each
 * version.
 * @param described databases to describe.
 */
export async function makeDumps(
  image: SourceImage,
  directory: string,
  wanted: readonly string[],
  described: readonly string[] = [],
): Promise<Source> {
  const sockets = join(directory, '..', `sock-${image.replaceAll(/\W/g, '-')}`);
  for (const path of [directory, sockets]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
  }
  const sandbox = await startContainer(`firedrill-test/${image}`, directory, sockets);
  const product = image.startsWith('mysql') ? 'mysql' : 'mariadb';
  const server = SERVERS[product];
  const shell = (script: string) => execa('docker', ['exec', '-i', sandbox, 'bash', '-e'], { input: script });
  const client = `${server.client} ${LOGIN}`;
  try {
    await shell(`(${server.make}) >/tmp/make.log 2>&1 || { cat /tmp/make.log >&2; exit 1; }
      ${server.start} --server-id=7 --datadir=/tmp/data --socket=/sock/s --skip-networking --secure-file-priv= --innodb-flush-log-at-trx-commit=0 --sync-binlog=0 </dev/null >/tmp/server.log 2>&1 &
      grep -q -m1 '${server.ready}' <(tail -n +1 -F /tmp/server.log 2>/dev/null)
      for file in schema data; do ${client} </sample/$file.sql; done
      ${client} --default-character-set=utf8mb4 <<'EOS'\n${EXTRAS}\nEOS`);
    const isWanted = (name: string): boolean =>
      wanted.some((match) => match === name || (match.startsWith(`${name}.`) && compressorOf(match) !== undefined));
    const dumps = Object.entries(DUMPS).filter(([name]) => isWanted(name));
    await shell(
      [`umask 022; POSITION='${server.position}'`]
        .concat(dumps.map(([name, options]) => `${server.dump} ${LOGIN} ${options} </dev/null >/out/${name}`))
        .join('\n'),
    );
    for (const match of wanted) await compress(directory, match);
    await runMydumper(product, directory, sockets, wanted);
    await using session = await openSession(join(sockets, 's'));
    const { ask } = session;
    const databases = new Map<string, Description>();
    for (const name of described) databases.set(name, await describeDatabase(ask, name));
    const serverVersion = (await ask('SELECT VERSION()'))[0] ?? '';
    const source = { ask, shell, client, dump: `${server.dump} ${LOGIN}`, serverVersion };
    for (const [name, how] of Object.entries(SHELL_DUMPS).filter(([name]) => wanted.includes(`${name}/`)))
      await writeShellDump(source, {
        directory: join(directory, name),
        inside: `/out/${name}`,
        databases: ['sakila', 'shop'],
        ...how,
      });
    return { databases, serverVersion };
  } finally {
    await execa('docker', ['rm', '-f', '-v', sandbox]);
  }
}

/** Keeps its data in memory: no test here depends on how it is written. */
async function startContainer(image: string, directory: string, sockets: string): Promise<string> {
  const { stdout } = await execa('docker', [
    ...['run', '-d', '--init', '--network', 'none', '--label', 'dev.firedrill.test=1', '--user', 'mysql'],
    ...['--tmpfs', '/tmp:mode=1777', '-v', `${data}:/sample:ro`],
    ...['-v', `${directory}:/out`, '-v', `${sockets}:/sock`, '--entrypoint', 'sleep', image, '1200'],
  ]);
  return stdout;
}

/** One session for all queries: a client process in the container for each would take longer than the dumps. */
async function openSession(socketPath: string): Promise<AsyncDisposable & { readonly ask: Ask }> {
  const connection = await createConnection({ socketPath, user: 'root', charset: 'utf8mb4' });
  return {
    ask: async (sql) => {
      const typeCast = (field: { string(): string | null }): string => field.string() ?? 'NULL';
      const [rows] = await connection.query({ sql, rowsAsArray: true, typeCast });
      return (rows as string[][]).map((row) => row.join('\t'));
    },
    [Symbol.asyncDispose]: () => connection.end(),
  };
}

/** Debian has mydumper only in the release with MariaDB 10.11; it dumps any server through its socket. */
async function runMydumper(
  product: 'mysql' | 'mariadb',
  directory: string,
  sockets: string,
  wanted: readonly string[],
): Promise<void> {
  const chosen = Object.entries(MYDUMPER).filter(([name]) => wanted.includes(`${name}/`));
  if (chosen.length === 0) return;
  const sandbox = await startContainer('firedrill-test/mariadb:10.11', directory, sockets);
  try {
    for (const [name, options] of chosen) {
      const argv = `mydumper -u root -S /sock/s -t 2 -o /out/${name} --database sakila ${options[product]}`;
      await execa('docker', ['exec', sandbox, 'bash', '-ec', `umask 022; ${argv}; chmod -R a+rX /out/${name}`]);
    }
  } finally {
    await execa('docker', ['rm', '-f', '-v', sandbox]);
  }
}

function compressorOf(match: string): string | undefined {
  return new Map(Object.entries(COMPRESSORS)).get(match.split('.').at(-1) ?? '');
}

/** Uses the command-line tools, as people who make backups do. */
async function compress(directory: string, match: string): Promise<void> {
  const tool = compressorOf(match);
  if (tool === undefined) return;
  const path = join(directory, match);
  await execa(tool, ['-q', '-k', '-f', path.replace(/\.\w+$/, ''), ...(tool === 'lz4' ? [path] : [])]);
}
