import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BackupFiles, readFiles, writeFiles } from '../backup-files.ts';
import { fileNameOf, type Recipe } from '../recipes/recipe.ts';
import { postgresFingerprint } from './postgres-fingerprint.ts';
import type { RealServer } from './real-server.ts';
import { must, type Ran, type Shell } from './shell.ts';

const BASE = new URL('../base/postgres.sql', import.meta.url);
const TARGET = 'restored';

/**
 * Two clusters in `directory`: one is dumped, the other is restored into and emptied again.
 * @param directory writable by the shell's user, under the same path there as here.
 */
export async function startPostgres(shell: Shell, directory: string, version: string): Promise<RealServer> {
  const psql = `psql -X -q -v ON_ERROR_STOP=1 -h '${directory}' -U postgres`;
  await must(
    shell.run(`cd '${directory}' && mkdir dumps && initdb -D source -U postgres -E UTF8 --locale=C.UTF-8 --no-sync -A trust >/dev/null
    cp -r source target
    for port in 1:source 2:target; do
      pg_ctl -w -s -D "\${port#*:}" -l "\${port#*:}.log" -o "-k '${directory}' -h '' -p \${port%:*} -c fsync=off -c autovacuum=off -c shared_buffers=16MB" start >/dev/null
    done`),
  );
  await loadBase(shell, `${psql} -p 1`, directory);
  let restores = 0;
  return {
    product: 'postgres',
    version,
    fingerprintSql: async () => postgresFingerprint(),
    dump: async (recipe) => {
      const out = join(directory, 'dumps', recipe.name.replaceAll(/[^\w.-]+/g, '_'));
      await must(
        shell.run(
          `mkdir '${out}' && export PGHOST='${directory}' PGPORT=1 PGUSER=postgres && ${recipe.script}`,
          join(out, fileNameOf(recipe)),
        ),
      );
      return readFiles(out);
    },
    restore: async (recipe, files) => {
      const work = join(directory, `restore-${++restores}`);
      await mkdir(work);
      await chmod(work, 0o777);
      await writeFiles(work, files);
      try {
        await must(shell.run(emptyScript(`${psql} -p 2`, recipe)));
        return complaintOf(await shell.run(restoreScript(recipe, directory, files), work));
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
    ask: async ({ database = TARGET }, sql) => {
      const { code, stdout } = await shell.run(`${psql} -p 2 -At -d "$1" -c "$2"`, database, sql);
      return code === 0 ? stdout.trim() : undefined;
    },
    [Symbol.asyncDispose]: async () => {
      await shell.run(`cd '${directory}' && for data in source target; do pg_ctl -s -m immediate -D $data stop; done`);
    },
  };
}

async function loadBase(shell: Shell, psql: string, directory: string): Promise<void> {
  const base = join(directory, 'base.sql');
  await copyFile(BASE, base);
  // LATIN1 cannot represent all of it. Databases with odd names contain the same rows.
  await must(
    shell.run(`set -e
    ${psql} -d postgres -c 'CREATE ROLE clerk LOGIN' -c "CREATE ROLE \\"odd role\\"" -c 'GRANT clerk TO "odd role"' -c 'CREATE DATABASE shop'
    ${psql} -d shop -f '${base}' >/dev/null
    ${psql} -d postgres -c 'CREATE DATABASE "my-app" TEMPLATE shop' -c "CREATE DATABASE \\"it's \\"\\"odd\\"\\" é\\" TEMPLATE shop"
    ${psql} -d postgres -c "CREATE DATABASE latin ENCODING LATIN1 LOCALE 'C' TEMPLATE template0" -c "CREATE DATABASE ascii ENCODING SQL_ASCII LOCALE 'C' TEMPLATE template0"
    sed 's/☃ 😀/ß/' '${base}' | ${psql} -d latin >/dev/null
    sed '/SET client_encoding/d' '${base}' | PGCLIENTENCODING=SQL_ASCII ${psql} -d ascii >/dev/null
    ${psql} -d shop -c 'GRANT SELECT ON sales.orders TO clerk' -c 'ALTER TABLE audit OWNER TO clerk'`),
  );
}

/**
 * Drops what a restore left, including roles, under names of our own, since theirs need not be valid in any encoding; then creates the database that single
 * databases are restored into.
 */
function emptyScript(psql: string, { database, encoding = 'UTF8' }: Recipe): string {
  const make =
    database === undefined
      ? `-c 'CREATE ROLE clerk LOGIN' -c "CREATE DATABASE ${TARGET} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'"`
      : '';
  return `set -e
    ${psql} -d template1 -c "UPDATE pg_database SET datname = 'drop' || oid WHERE datname NOT IN ('template0', 'template1')"
    ${psql} -d template1 -c "UPDATE pg_authid SET rolname = 'drop' || oid WHERE rolname !~ '^(pg_|postgres$)'"
    ${psql} -d template1 -At -c "SELECT format('DROP DATABASE %I WITH (FORCE);', datname) FROM pg_database WHERE datname NOT IN ('template0', 'template1')" > empty.sql
    ${psql} -d template1 -f empty.sql
    ${psql} -d template1 -At -c "SELECT format('DROP ROLE %I;', rolname) FROM pg_roles WHERE rolname !~ '^(pg_|postgres$)'" > empty.sql
    ${psql} -d template1 -f empty.sql -c 'CREATE DATABASE postgres TEMPLATE template0' ${make}`;
}

/** As users type it. `$1` is the location of the files. */
function restoreScript(recipe: Recipe, directory: string, files: BackupFiles): string {
  const name = [...files.keys()][0]?.split('/')[0] ?? 'nothing';
  const input = `"$1/${name}"`;
  const login = `-h '${directory}' -p 2 -U postgres -d ${recipe.database === undefined ? TARGET : 'postgres'}`;
  const into = recipe.database === undefined ? '' : '--create';
  switch (recipe.layout) {
    case 'plain':
      return `psql -X -q -v ON_ERROR_STOP=0 ${login} -f ${input} >/dev/null`;
    case 'tar-of-directory':
      return `mkdir "$1/out"; tar -C "$1/out" -xf ${input}; unpacked=$?; pg_restore ${login} ${into} "$1/out/"*/; exit $(($? + unpacked))`;
    default:
      return `pg_restore ${login} ${into} ${input}`;
  }
}

/** Messages in every restore of a cluster. */
const HARMLESS =
  /role "postgres" already exists|errors ignored on restore|database "(postgres|template1)" (already exists|is used)/;

function complaintOf(ran: Ran): string | undefined {
  const complaint = ran.stderr
    .split('\n')
    .find((line) => /error|fatal|unexpected|truncated|corrupt|warning|invalid/i.test(line) && !HARMLESS.test(line));
  return complaint ?? (ran.code === 0 ? undefined : `exit ${ran.code}`);
}
