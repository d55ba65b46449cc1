import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import { formatBytes } from '../../../src/support/quantities.ts';
import { upload } from '../restore/make-dumps.ts';
import type { Bench, Contest, Product } from './product.ts';
import { stopwatch } from './stopwatch.ts';

const IMAGE = 'firedrill-test/mariadb:11.8';
const KEY = 'shop/2026-11-20T00-00-00Z.mb.zst';
const ROOT = '/var/lib/drill';
const MEMORY = '4g';
/** As Firedrill sets them for such a sandbox. */
const SERVER = `--no-defaults --datadir=${ROOT}/data --socket=${ROOT}/socket --pid-file=${ROOT}/pid --skip-networking --skip-name-resolve --innodb-buffer-pool-size=1920M --innodb-log-buffer-size=32M --innodb-io-capacity=2000`;

/** A stream of mariadb-backup compared with manual commands, along with the time that the client takes for a dump of the same data. */
export const mysql: Product = {
  title: 'mariadb-backup stream (zstd) from the store, MariaDB 11.8',
  prepare: async (bench) => {
    const { client, bucket, directory, say } = bench;
    const stream = join(directory, 'full.mb.zst');
    const dump = join(directory, 'dump.sql.zst');
    say(`data directory of ${formatBytes(await make(bench, stream, dump))}`);
    say(`  ${KEY}: ${formatBytes(await upload(client, bucket, KEY, stream))}`);
    say(`  a dump of the same data, loaded by the client: ${(await loadDump(dump)).toFixed(1)} s`);
    return contest(bench);
  },
};

function contest({ bucket, storeKeys, curl }: Bench): Contest {
  return {
    drill: `
name: bench
backup: { source: s3://${bucket}/shop/, ${storeKeys}, match: '*', takenAt: name }
engine: { type: mariadb, version: '11.8', database: bench }
sandbox: { memory: 4g, cpus: 2 }
objectives: { rto: 1h }
checks:
  - { name: accounts, sql: select count(*) from account, expect: { min: 1000 } }
`,
    images: { 'mariadb:11.8': IMAGE },
    phases: ['unpack', 'replay', 'seal'],
    other: 'by hand',
    recover: () => recoverByHand(`${curl}/${KEY}'`),
  };
}

/** `curl | zstd -d | mbstream -x`, prepare, flush, boot. Nothing is verified. */
async function recoverByHand(get: string): Promise<Readonly<Record<string, number>>> {
  await using server = await startContainer();
  const lap = stopwatch();
  await pipe(`${get} | zstd -dcq | docker exec -i ${server.name} mbstream -x -C ${ROOT}/data`);
  const unpack = lap();
  await server.sh(`mariadb-backup --no-defaults --prepare --target-dir=${ROOT}/data --use-memory=2G`);
  const replay = lap();
  await server.sh(`find ${ROOT}/data -exec sync {} +`);
  await boot(server, '--skip-grant-tables');
  await server.sh(`mariadb --no-defaults -S ${ROOT}/socket -e 'select 1 from bench.event limit 1'`);
  return { unpack, replay, seal: lap() };
}

async function loadDump(dump: string): Promise<number> {
  await using server = await startContainer();
  await server.sh(INSTALL);
  await boot(server, '--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF');
  const lap = stopwatch();
  await pipe(`zstd -dcq '${dump}' | docker exec -i ${server.name} mariadb --no-defaults -S ${ROOT}/socket -u root`);
  return lap();
}

async function make({ scale }: Bench, stream: string, dump: string): Promise<number> {
  await using server = await startContainer();
  await server.sh(INSTALL);
  await boot(server, '--innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF');
  const client = `mariadb --no-defaults -S ${ROOT}/socket -u root`;
  await execa('docker', ['exec', '-i', server.name, 'sh', '-c', client], { input: rows(scale) });
  const login = `--no-defaults -S ${ROOT}/socket -u root`;
  await pipe(`docker exec ${server.name} mariadb-dump ${login} --databases bench | zstd -q > '${dump}'`);
  await pipe(
    `docker exec ${server.name} sh -c 'mariadb-backup ${login} --backup --stream=mbstream --datadir=${ROOT}/data --target-dir=/tmp 2> /dev/null' | zstd -q > '${stream}'`,
  );
  const { stdout } = await execa('docker', ['exec', server.name, 'du', '-sb', `${ROOT}/data`]);
  return Number.parseInt(stdout, 10);
}

/** About 1 GB at scale 1, with four secondary indexes. */
function rows(scale: number): string {
  return `
create database bench; use bench; set unique_checks = 0;
create table account (id int primary key, branch int, balance int, filler char(84), key (branch));
insert into account select seq, seq % 1000, (seq * 7919) % 100000, '' from seq_1_to_${Math.round(2_500_000 * scale)};
create table event (id bigint primary key, account int, kind varchar(20), created datetime, note text, key (account), key (kind), key (created));
insert into event select seq, seq * 31 % 2500000, concat('kind-', seq % 50), '2026-01-01' + interval seq second, repeat(md5(seq), 8) from seq_1_to_${Math.round(1_200_000 * scale)};
`;
}

const INSTALL = `mariadb-install-db --no-defaults --datadir=${ROOT}/data --auth-root-authentication-method=normal --skip-test-db > /dev/null 2>&1`;

interface Container extends AsyncDisposable {
  readonly name: string;
  sh(script: string): Promise<void>;
}

async function startContainer(): Promise<Container> {
  const name = `firedrill-bench-${randomBytes(4).toString('hex')}`;
  await execa('docker', [
    ...[
      'run',
      '-d',
      '--name',
      name,
      '--label',
      'dev.firedrill.test=1',
      '--network',
      'none',
      '--init',
      '--user',
      'root',
    ],
    ...['--memory', MEMORY, '--cpus', '2', '-v', ROOT, '--entrypoint', 'sleep', IMAGE, 'infinity'],
  ]);
  const sh = async (script: string): Promise<void> => {
    await execa('docker', ['exec', name, 'sh', '-euc', script], { stdout: 'ignore' });
  };
  await sh(`mkdir -p ${ROOT}/data`);
  return {
    name,
    sh,
    [Symbol.asyncDispose]: async () => {
      await execa('docker', ['rm', '-f', '-v', name]);
    },
  };
}

/** Waits for the server's own message. */
async function boot({ sh }: Container, more: string): Promise<void> {
  await sh(
    `mkfifo ${ROOT}/log; mariadbd ${SERVER} --user=root ${more} > /dev/null 2> ${ROOT}/log & while read -r line; do case $line in *'ready for connections'*) break ;; esac; done < ${ROOT}/log; cat ${ROOT}/log > /dev/null 2>&1 &`,
  );
}

async function pipe(script: string): Promise<void> {
  await execa('bash', ['-o', 'pipefail', '-euc', script], { stdout: 'ignore' });
}
