import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupFiles, readFiles, writeFiles } from '../backup-files.ts';
import { fileNameOf, type Recipe } from '../recipes/recipe.ts';
import { fingerprintOf, TABLES_SQL } from './mysql-fingerprint.ts';
import type { RealServer } from './real-server.ts';
import { must, type Ran, type Shell } from './shell.ts';

const BASE = new URL('../base/mysql.sql', import.meta.url);
const TARGET = 'restored';
const ODD_NAME = 'odd `é.;';
const DATABASES_SQL =
  'CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE DATABASE `my-app`; CREATE DATABASE `odd ``é.;`; CREATE DATABASE simple; CREATE DATABASE old CHARACTER SET latin1';
const LOGIN = '--no-defaults -uroot -S "$SOCKET"';

const PRODUCTS = {
  mysql: {
    make: 'mysqld --no-defaults --initialize-insecure --datadir',
    start: 'mysqld --no-defaults --mysqlx=OFF --skip-log-bin --secure-file-priv=',
    client: 'mysql',
    admin: 'mysqladmin',
  },
  mariadb: {
    make: 'mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db --datadir',
    start: 'mariadbd --no-defaults',
    client: 'mariadb',
    admin: 'mariadb-admin',
  },
};

/**
 * One server that is dumped, and one that is restored into, which is recreated from an empty data directory each time the system's tables are restored.
 */
export async function startMysql(
  shell: Shell,
  directory: string,
  product: 'mysql' | 'mariadb',
  version: string,
): Promise<RealServer> {
  const { make, client } = PRODUCTS[product];
  const ask = (name: string) =>
    `SOCKET='${directory}/${name}.sock'; ${client} ${LOGIN} --default-character-set=utf8mb4`;
  await must(
    shell.run(
      `cd '${directory}' && mkdir dumps && (${make}='${directory}/empty') >make.log 2>&1 && cp -r empty source && cp -r empty target`,
    ),
  );
  await must(shell.run(`${startScript(product, directory, 'source')}; ${startScript(product, directory, 'target')}`));
  await copyFile(BASE, join(directory, 'base.sql'));
  await must(
    shell.run(
      `set -e; ${ask('source')} -e "$1"
    for name in simple shop my-app "$2"; do ${client} ${LOGIN} "$name" < base.sql; done
    sed 's/☃ 😀/ß/; s/utf8mb4/latin1/' base.sql | ${client} ${LOGIN} old
    ${client} ${LOGIN} simple -e "$3"`,
      DATABASES_SQL,
      ODD_NAME,
      'DROP TABLE `odd ``name;. é`',
    ),
  );
  const query = (database: string, sql: string) => shell.run(`${ask('target')} -N -B "$1" -e "$2"`, database, sql);
  let restores = 0;
  return {
    product,
    version,
    fingerprintSql: async ({ database = TARGET }) =>
      fingerprintOf(product, (await must(query(database, TABLES_SQL))).split('\n')),
    dump: async (recipe) => {
      const out = join(directory, 'dumps', recipe.name.replaceAll(/[^\w.-]+/g, '_'));
      await must(
        shell.run(
          `umask 022; mkdir '${out}'; SOCKET='${directory}/source.sock'; LOGIN="${LOGIN.replaceAll('"', '')}"; ${recipe.script}`,
          join(out, fileNameOf(recipe)),
        ),
      );
      const files = await readFiles(out);
      const { reshape } = recipe;
      return reshape ? new Map([...files].map(([name, bytes]) => [name, reshape(bytes)])) : files;
    },
    restore: async (recipe, files) => {
      const work = join(directory, `restore-${++restores}`);
      await mkdir(work);
      await chmod(work, 0o777);
      await writeFiles(work, files);
      try {
        await must(shell.run(emptyScript(product, directory), DROPS_SQL));
        return complaintOf(
          await shell.run(`SOCKET='${directory}/target.sock'; ${restoreScript(client, recipe, files)}`, work),
        );
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
    ask: async ({ database = TARGET }, sql) => {
      const { code, stdout } = await query(database, sql);
      return code === 0 ? stdout.trim() : undefined;
    },
    [Symbol.asyncDispose]: async () => {
      await shell.run(
        `for name in source target; do ${PRODUCTS[product].admin} --no-defaults -uroot -S '${directory}'/$name.sock shutdown; done`,
      );
    },
  };
}

function startScript(product: 'mysql' | 'mariadb', directory: string, name: string): string {
  const { start, admin } = PRODUCTS[product];
  const options = `--datadir='${directory}/${name}' --socket='${directory}/${name}.sock' --pid-file='${directory}/${name}.pid' --skip-networking --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M`;
  return `(setsid ${start} ${options} >'${directory}/${name}.log' 2>&1 </dev/null &); ${admin} --no-defaults -uroot -S '${directory}/${name}.sock' --silent --wait=60 ping`;
}

/** Generates statements that drop every database of a restore. */
const DROPS_SQL = `SELECT CONCAT('DROP DATABASE \`', REPLACE(schema_name, '\`', '\`\`'), '\`;') FROM information_schema.schemata
  WHERE schema_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')`;

/** Drops databases; a server whose accounts were restored, or that went away, is discarded. */
function emptyScript(product: 'mysql' | 'mariadb', directory: string): string {
  const { client } = PRODUCTS[product];
  const ask = `${client} --no-defaults -uroot -S '${directory}/target.sock' -N -B`;
  return `cd '${directory}'
    names=$(${ask} -e "$1") &&
    [ ! -e '${directory}/spoilt' ] && printf '%s\\nCREATE DATABASE ${TARGET} CHARACTER SET utf8mb4;' "$names" | ${ask} ||
    { kill -9 $(cat '${directory}/target.pid') 2>/dev/null; rm -rf target spoilt target.sock target.sock.lock; cp -r empty target; ${startScript(product, directory, 'target')} && ${ask} -e 'CREATE DATABASE ${TARGET} CHARACTER SET utf8mb4'; }`;
}

/** As users type it. `$1` is the location of the files. */
function restoreScript(client: string, recipe: Recipe, files: BackupFiles): string {
  const name = [...files.keys()][0]?.split('/')[0] ?? 'nothing';
  const spoil = /all databases|system/.test(recipe.name) ? `touch "$1/../spoilt";` : '';
  if (recipe.layout === 'mydumper') return `${spoil} myloader -u root -S "$SOCKET" -o -B ${TARGET} -d "$1/${name}"`;
  const database = recipe.database === undefined ? TARGET : '';
  return `${spoil} ${client} ${LOGIN} --default-character-set=utf8mb4 --force ${database} < "$1/${name}" >/dev/null`;
}

function complaintOf(ran: Ran): string | undefined {
  const complaint = ran.stderr.split('\n').find((line) => /error|critical|unexpected|corrupt/i.test(line));
  return complaint ?? (ran.code === 0 ? undefined : `exit ${ran.code}`);
}
