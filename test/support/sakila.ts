import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const data = fileURLToPath(new URL('../../../shared/data/sakila-postgres/', import.meta.url));

/** The data is next to the checkout, not in it: it is not ours to ship. */
export const hasSakila = existsSync(`${data}schema.sql`);
if (!hasSakila)
  process.stderr.write(
    'SKIPPED: no ../shared/data/sakila-postgres beside the checkout, so nothing is drilled with Sakila\n',
  );

/** What must hold after a restore, as checks of a drill. */
export const SAKILA_CHECKS = `
checks:
  - { name: customers, sql: select count(*) from customer, expect: 599 }
  - { name: rentals, sql: select count(*) from rental, expect: 16044 }
  - { name: payments in partitions, sql: select count(*) from payment, expect: 16049 }
  - { name: films, sql: select count(*) from film, expect: 1000 }
  - { name: newest payment, sql: select max(payment_date) from payment, expect: { equals: '2006-02-14 15:16:03' } }
  - { name: indexes are there, sql: "select count(*) from pg_index i join pg_class c on c.oid = i.indrelid where c.relname = 'rental'", expect: { min: 3 } }
  - { name: a view answers, sql: select count(*) from film_list, expect: { min: 900 } }
`;

/** Ways to dump, by the name of the result in a directory: what a shell in the sandbox runs, with `$DB` as the database. */
const FORMATS = {
  'custom.dump': 'pg_dump -Fc -f $OUT $DB',
  'directory/': 'pg_dump -Fd -j2 -f $OUT $DB',
  'archive.tar': 'pg_dump -Ft -f $OUT $DB',
  'archive.tar.gz': 'pg_dump -Ft $DB | gzip > $OUT',
  'directory.tar': 'pg_dump -Fd -f /tmp/d $DB && tar -C /tmp -cf $OUT d',
  'plain.sql': 'pg_dump -f $OUT $DB',
  'plain.sql.gz': 'pg_dump $DB | gzip > $OUT',
  'inserts.sql.gz': 'pg_dump --inserts --rows-per-insert=50 $DB | gzip > $OUT',
} as const;

/** Compressed here, since the sandboxes lack these tools. */
const COMPRESSED = { 'plain.sql.zst': 'zstd', 'plain.sql.xz': 'xz' } as const;

export type SakilaBackup = keyof typeof FORMATS | keyof typeof COMPRESSED;

/**
 * Loads Sakila into a server of the image and dumps it with that server's own pg_dump into `directory`.
 * @param directory on this host, writable for everybody.
 */
export async function dumpSakila(image: string, directory: string, backups: readonly SakilaBackup[]): Promise<void> {
  const { stdout: box } = await execa('docker', [
    ...[
      'run',
      '-d',
      '--network',
      'none',
      '--label',
      'dev.firedrill.test=1',
      '--user',
      'postgres',
      '-v',
      `${directory}:/out`,
    ],
    ...['-e', 'PGHOST=/tmp', '--entrypoint', 'sleep', image, 'infinity'],
  ]);
  const shell = (script: string) => execa('docker', ['exec', box, 'sh', '-ec', script]);
  try {
    await shell(
      `initdb -D /tmp/data -A trust --no-sync && pg_ctl -D /tmp/data -o '-k /tmp -c fsync=off' -l /tmp/log -w start && createdb sakila`,
    );
    for (const file of ['schema.sql', 'data-copy.sql']) {
      const load = ['exec', '-i', box, 'psql', '-q', '-v', 'ON_ERROR_STOP=1', '-d', 'sakila'];
      await execa('docker', load, { inputFile: `${data}${file}`, stdout: 'ignore' });
    }
    const isWanted = (name: string): boolean =>
      backups.some((backup) => backup === name || (name === 'plain.sql' && backup in COMPRESSED));
    for (const [name, script] of Object.entries(FORMATS).filter(([name]) => isWanted(name))) {
      await shell(`umask 022; DB=sakila OUT=/out/${name.replace(/\/$/, '')}; ${script}; chmod -R a+rX $OUT`);
    }
    for (const [, tool] of Object.entries(COMPRESSED).filter(([name]) => backups.some((backup) => backup === name)))
      await execa(tool, ['-q', '-k', `${directory}/plain.sql`]);
  } finally {
    await execa('docker', ['rm', '-f', '-v', box]);
  }
}
