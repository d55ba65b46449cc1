import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { formatBytes } from '../../../src/support/quantities.ts';
import { schemaSql, upload } from '../restore/make-dumps.ts';
import { startManualSandbox } from '../restore/manual-sandbox.ts';
import type { Bench, Contest, Product } from './product.ts';
import { stopwatch } from './stopwatch.ts';

const IMAGE = 'firedrill-test/postgres:17';
const ROOT = '/var/lib/drill';
const DATA = `${ROOT}/data`;
/** A restore uses as many processes as Firedrill allows. */
const PROCESSES = 2;

/**
 * A repository with bundles, block incrementals and zst, staged by Firedrill, compared with `pgbackrest restore` and `archive-get` directly over
 * S3.
 */
export const pgbackrest: Product = {
  title: 'full backup and log of a pgBackRest repository, over TLS from the store, to the end of the log',
  tls: true,
  prepare: async (bench) => {
    const { client, bucket, directory, say } = bench;
    const repository = join(directory, 'repository');
    say(`data directory of ${formatBytes(await make(bench, repository))}`);
    let bytes = 0;
    const entries = await readdir(repository, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    for (const file of files) bytes += await upload(client, bucket, `pgbr/${relative(repository, file)}`, file);
    say(`  repository of ${files.length} files, ${formatBytes(bytes)}`);
    return contest(bench);
  },
};

function contest(bench: Bench): Contest {
  const { bucket, storeKeys } = bench;
  const drill = (more: string) => `
name: bench
backup: { source: s3://${bucket}/pgbr/, ${storeKeys}, match: 'backup/bench/*', takenAt: name }
engine: { type: postgres, database: bench }
sandbox: { memory: 4g, cpus: 2 }
objectives: { rto: 1h }
${more}
checks:
  - { name: accounts, sql: select count(*) from account, expect: { min: 1000 } }
  - { name: events, sql: select count(*) from event, expect: { min: 1000 } }
`;
  return {
    drill: drill('restore: { repository: staged }'),
    variants: { 'through the gateway': drill('restore: { repository: gateway }') },
    images: { 'postgres:17': IMAGE },
    phases: ['fetch', 'unpack', 'replay', 'seal'],
    compared: ['unpack', 'replay'],
    other: 'pgbackrest direct',
    recover: () => recoverDirectly(bench),
  };
}

/** What an expert types: `pgbackrest restore`, with segments fetched ahead by `archive-get` with `archive-async`. Sealed like Firedrill's. */
async function recoverDirectly({ bucket, store, tlsPort }: Bench): Promise<Readonly<Record<string, number>>> {
  await using sandbox = await startManualSandbox(IMAGE, 'host'); // the store listens on this host's loopback
  const lap = stopwatch();
  await sandbox.exec([
    ...['sh', '-euc', 'printf %s "$1" > "$2"; exec pgbackrest --config="$2" --stanza=bench restore', 'sh'],
    `[global]
repo1-type=s3
repo1-path=/pgbr
repo1-s3-bucket=${bucket}
repo1-s3-endpoint=127.0.0.1
repo1-s3-region=us-east-1
repo1-s3-uri-style=path
repo1-s3-key=${store.accessKeyId}
repo1-s3-key-secret=${store.secretAccessKey}
repo1-storage-host=127.0.0.1
repo1-storage-port=${tlsPort}
repo1-storage-verify-tls=n
process-max=${PROCESSES}
archive-async=y
archive-mode=off
spool-path=${ROOT}/spool
lock-path=${ROOT}/locks
log-path=${ROOT}
log-level-file=off
log-level-console=warn
[bench]
pg1-path=${DATA}
`,
    `${ROOT}/pgbackrest.conf`,
  ]);
  const unpack = lap();
  await sandbox.exec(['sh', '-euc', `: > ${DATA}/postgresql.conf`]);
  await sandbox.start('load', ['-c', 'hot_standby=off', '-c', 'recovery_target_action=promote']);
  // pg_ctl accepts a server that is still recovering
  await sandbox.exec(['sh', '-c', 'until psql -qd bench -c "select 1"; do sleep 0.05; done 2> /dev/null']);
  const replay = lap();
  await sandbox.stop();
  await sandbox.exec(['initdb', '-D', DATA, '--sync-only']);
  await sandbox.start('serve');
  return { unpack, replay, seal: lap() };
}

/** @returns the bytes of the data directory. */
async function make({ scale, segments }: Bench, repository: string): Promise<number> {
  await using sandbox = await startManualSandbox(IMAGE);
  const sh = async (script: string, ...argv: readonly string[]) => {
    const { stdout } = await execa('docker', [
      ...['exec', '--user', 'postgres', '-e', `PGHOST=${ROOT}`, sandbox.name, 'sh', '-euc', script, 'sh', ...argv],
    ]);
    return stdout.trim();
  };
  const sql = (text: string) => sh('psql -qXAt -v ON_ERROR_STOP=1 -d bench -c "$1"', text);
  const archived = async () => Number(await sql('select archived_count from pg_stat_archiver'));
  await sh(START, CONFIGURATION);
  await sql(schemaSql(scale));
  await sql('vacuum (freeze, analyze)');
  const bytes = Number(await sh(`du -sb ${DATA} --exclude pg_wal | cut -f 1`));
  await sh(BACKUP);
  const before = await archived();
  for (let round = 0; (await archived()) - before < segments; round += 1) {
    await sql(
      `update account set balance = balance + 1 where branch between ${round % 1000} and ${(round % 1000) + 3}`,
    );
    await sql(
      `insert into event select 1000000000 + ${round} * 5000::bigint + i, i, 'late', now(), '{}', repeat(md5(i::text), 8) from generate_series(1, 5000) i`,
    );
  }
  await sh(`pg_ctl -D ${DATA} -m fast -w stop > /dev/null`);
  await execa('bash', [
    '-c',
    `mkdir '${repository}' && docker exec ${sandbox.name} tar -c -C ${ROOT}/repository . | tar -x -C '${repository}'`,
  ]);
  return bytes;
}

const CONFIGURATION = `[global]
repo1-path=${ROOT}/repository
repo1-bundle=y
repo1-block=y
compress-type=zst
process-max=${PROCESSES}
lock-path=${ROOT}/locks
log-level-file=off
log-level-console=warn
start-fast=y
[bench]
pg1-path=${DATA}
pg1-socket-path=${ROOT}
pg1-user=postgres
`;

/** Nothing is archived while the data is created, as if retention had removed it. */
const START = `
cd ${ROOT}
printf %s "$1" > maker.conf
mkdir repository
initdb -D data --no-sync --data-checksums -A trust -E UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C > /dev/null
cat >> data/postgresql.conf <<END
archive_mode=on
archive_command='true'
listen_addresses=''
unix_socket_directories='${ROOT}'
shared_buffers=1GB
max_wal_size=8GB
checkpoint_timeout=1h
fsync=off
autovacuum=off
END
pg_ctl -D data -w -l log start > /dev/null
createdb bench
`;

const BACKUP = `
psql -qX -d bench -c "alter system set archive_command = 'pgbackrest --config=${ROOT}/maker.conf --stanza=bench archive-push %p'" -c 'select pg_reload_conf()' > /dev/null
pgbackrest --config=${ROOT}/maker.conf --stanza=bench stanza-create
pgbackrest --config=${ROOT}/maker.conf --stanza=bench --type=full backup
`;
