import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { schemaSql } from '../restore/make-dumps.ts';
import type { ManualSandbox } from '../restore/manual-sandbox.ts';

export interface PhysicalBackup {
  /** `base.tar.zst`, `pg_wal.tar`, `backup_manifest`. */
  readonly base: string;
  /** The archived segments. */
  readonly log: string;
  readonly dataBytes: number;
  readonly segments: number;
}

const SETTINGS = {
  archive_mode: 'on',
  archive_command:
    'cp %p /var/lib/drill/archive/%f.part && mv /var/lib/drill/archive/%f.part /var/lib/drill/archive/%f',
  listen_addresses: '',
  unix_socket_directories: '/var/lib/drill',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  fsync: 'off',
  autovacuum: 'off',
};

/**
 * Creates a database once, takes a base backup of it with pg_basebackup, and continues to write until this many segments have been
 * archived.
 */
export async function makePhysical(
  sandbox: ManualSandbox,
  directory: string,
  { scale, segments }: { scale: number; segments: number },
): Promise<PhysicalBackup> {
  const run = async (script: string, ...argv: readonly string[]) => {
    const { stdout } = await execa('docker', [
      ...['exec', '--user', 'postgres', '-e', 'PGHOST=/var/lib/drill', sandbox.name, 'sh', '-euc', script, 'sh'],
      ...argv,
    ]);
    return stdout.trim();
  };
  const sql = (text: string) => run('psql -qXAt -v ON_ERROR_STOP=1 -d bench -c "$1"', text);
  const configuration = Object.entries(SETTINGS).map(([name, value]) => `${name} = '${value}'\n`);
  await run(START, configuration.join(''));
  await sql(schemaSql(scale));
  await sql('vacuum (freeze, analyze)');
  const dataBytes = Number(await run('du -sb /var/lib/drill/data --exclude pg_wal | cut -f 1'));
  await run('rm -f /var/lib/drill/archive/*'); // like retention: whatever is older than the backup
  await run('pg_basebackup -D /var/lib/drill/base -Ft --compress=client-zstd -X stream -c fast');
  for (let round = 0; ; round += 1) {
    const written = await sql(
      "select count(*) from pg_ls_dir('/var/lib/drill/archive') name where name ~ '^[0-9A-F]{24}$'",
    );
    if (Number(written) >= segments) break;
    await sql(
      `update account set balance = balance + 1 where branch between ${round % 1000} and ${(round % 1000) + 3}`,
    );
    await sql(
      `insert into event select 1000000000 + ${round} * 5000::bigint + i, i, 'late', now(), '{}', repeat(md5(i::text), 8) from generate_series(1, 5000) i`,
    );
  }
  await run('pg_ctl -D /var/lib/drill/data -m fast -w stop > /dev/null');
  const [base, log] = [join(directory, 'base'), join(directory, 'log')];
  await mkdir(base);
  await mkdir(log);
  for (const [from, to] of [
    ['base', base],
    ['archive', log],
  ] as const) {
    await execa('bash', ['-c', `docker exec ${sandbox.name} tar -c -C /var/lib/drill/${from} . | tar -x -C '${to}'`]);
  }
  await execa('bash', ['-c', `rm -f '${log}'/*.backup`]);
  const { stdout: archived } = await execa('bash', ['-c', `ls '${log}' | wc -l`]);
  return { base, log, dataBytes, segments: Number(archived) };
}

const START = `
cd /var/lib/drill
mkdir archive
initdb -D data --no-sync --data-checksums -A trust -E UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C > /dev/null
printf '%s' "$1" >> data/postgresql.conf
pg_ctl -D data -w -l log start > /dev/null
createdb bench
`;
