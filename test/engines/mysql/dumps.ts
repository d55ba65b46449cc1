import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { EXTRAS } from './extras.ts';
import { type Ask, type Description, describeDatabase } from './fingerprint.ts';
import { writeShellDump } from './formats/mysql-shell/shell-writer.ts';

/** The sample database lies beside the checkout, not in it: it is not ours to ship. */
const data = fileURLToPath(new URL('../../../../shared/data/sakila-mysql/', import.meta.url));
export const hasSakila = existsSync(`${data}schema.sql`);
if (!hasSakila)
  process.stderr.write(
    '\nSKIPPED: no ../shared/data/sakila-mysql beside the checkout, so no MySQL is drilled with Sakila.\n\n',
  );

export type SourceImage = 'mysql:9.7' | 'mariadb:10.11' | 'mariadb:11.8';

const LOGIN = '--no-defaults -uroot -S /sock/s';
/** Positions in the binary log, GTIDs, and a log that both of them are in. */
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

/** Ways to dump, by the name of the file: what a shell types after the program and the login. */
const DUMPS = {
  'one.sql': 'sakila',
  'whole.sql': '--single-transaction --routines --events --triggers sakila',
  'databases.sql': '--routines --events --databases sakila shop',
  'all.sql': '--routines --events --flush-privileges --all-databases',
  'position.sql': '$POSITION --routines --events --databases sakila',
  'rows.sql': '--skip-extended-insert --hex-blob --complete-insert --routines --events shop',
  'compact.sql': '--compact shop audit keyless parent',
  'old.sql': '--skip-opt --create-options --add-drop-table --routines --events shop',
  'dump.xml': '--xml shop',
} as const;
const COMPRESSORS = { gz: 'gzip', zst: 'zstd', lz4: 'lz4', xz: 'xz', bz2: 'bzip2' } as const;
/** Its version in Debian knows neither the routines of MySQL 9 nor the names in `shop`, and takes MySQL's timestamps for generated columns. */
const MYDUMPER = {
  mydumper: { mysql: '--triggers', mariadb: '--triggers --events --routines' },
  'mydumper-packed': {
    mysql: '--compress --rows 5000 --triggers',
    mariadb: '--compress --rows 5000 --triggers --events --routines',
  },
} as const;

/** A real server with Sakila and a small database `shop` in it, that has been dumped by its own tools. */
export interface Source {
  /** What the databases hold, by their names: the same must come out of a restore. */
  readonly databases: ReadonlyMap<string, Description>;
  readonly serverVersion: string;
}

/** Makes every dump of one server version in `directory`; the files' names are the same for each version. */
export async function makeDumps(image: SourceImage, directory: string): Promise<Source> {
  const sockets = join(directory, '..', `sock-${image.replaceAll(/\W/g, '-')}`);
  for (const path of [directory, sockets]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
  }
  const sandbox = await startContainer(`firedrill-test/${image}`, directory, sockets);
  const product = image.startsWith('mysql') ? 'mysql' : 'mariadb';
  const server = SERVERS[product];
  const shell = (script: string, options = {}) =>
    execa('docker', ['exec', '-i', sandbox, 'bash', '-ec', script], options);
  const client = `${server.client} ${LOGIN}`;
  try {
    await shell(`(${server.make}) >/tmp/make.log 2>&1 || { cat /tmp/make.log >&2; exit 1; }
      ${server.start} --server-id=7 --datadir=/tmp/data --socket=/sock/s --skip-networking --secure-file-priv= --innodb-flush-log-at-trx-commit=0 --sync-binlog=0 >/tmp/server.log 2>&1 &
      grep -q -m1 '${server.ready}' <(tail -n +1 -F /tmp/server.log 2>/dev/null)`);
    for (const file of ['schema.sql', 'data.sql']) await shell(client, { inputFile: `${data}${file}` });
    await shell(`${client} --default-character-set=utf8mb4`, { input: EXTRAS });
    for (const [name, options] of Object.entries(DUMPS)) {
      await shell(
        `umask 022; POSITION='${server.position}'; ${server.dump} ${LOGIN} ${options} > /out/${name} 2>/tmp/dump.log || { cat /tmp/dump.log >&2; exit 1; }`,
      );
    }
    await compressAll(directory);
    await runMydumper(product, directory, sockets);
    const ask: Ask = async (sql) => {
      const { stdout } = await shell(`${client} --default-character-set=utf8mb4 --raw -N -B`, { input: sql });
      return String(stdout)
        .split('\n')
        .filter((line) => line !== '');
    };
    const databases = new Map<string, Description>();
    for (const name of ['sakila', 'shop']) databases.set(name, await describeDatabase(ask, name));
    const serverVersion = (await ask('SELECT VERSION()'))[0] ?? '';
    const run = (script: string) => shell('bash -e', { input: script });
    const shellSource = { ask, shell: run, client, dump: `${server.dump} ${LOGIN}`, serverVersion };
    for (const [name, compression] of [['shell', 'zstd'] as const, ['shell-gzip', 'gzip'] as const])
      await writeShellDump(shellSource, {
        directory: join(directory, name),
        inside: `/out/${name}`,
        databases: ['sakila', 'shop'],
        compression,
        chunks: name === 'shell' ? 3 : 1,
      });
    return { databases, serverVersion };
  } finally {
    await execa('docker', ['rm', '-f', '-v', sandbox]);
  }
}

async function startContainer(image: string, directory: string, sockets: string): Promise<string> {
  const { stdout } = await execa('docker', [
    ...['run', '-d', '--network', 'none', '--label', 'dev.firedrill.test=1', '--user', 'mysql'],
    ...['-v', `${directory}:/out`, '-v', `${sockets}:/sock`, '--entrypoint', 'sleep', image, '1200'],
  ]);
  return stdout;
}

/** Debian has mydumper beside MariaDB 10.11 only; it dumps any server whose socket it is given. */
async function runMydumper(product: 'mysql' | 'mariadb', directory: string, sockets: string): Promise<void> {
  const sandbox = await startContainer('firedrill-test/mariadb:10.11', directory, sockets);
  try {
    for (const [name, options] of Object.entries(MYDUMPER)) {
      const argv = `mydumper -u root -S /sock/s -t 2 -o /out/${name} --database sakila ${options[product]}`;
      await execa('docker', ['exec', sandbox, 'bash', '-ec', `umask 022; ${argv}; chmod -R a+rX /out/${name}`]);
    }
  } finally {
    await execa('docker', ['rm', '-f', '-v', sandbox]);
  }
}

/** Compressed with the command-line tools, as whoever makes backups does. */
async function compressAll(directory: string): Promise<void> {
  for (const [ending, tool] of Object.entries(COMPRESSORS)) {
    const source = join(directory, 'whole.sql');
    await execa(tool, ['-q', '-k', '-f', source, ...(tool === 'lz4' ? [`${source}.${ending}`] : [])]);
  }
}
