import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import { withSourceFiles } from '../../../src/backup/reading/source-files.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import { clickhouse } from '../../../src/engines/clickhouse/descriptor.ts';
import type { Server } from '../../../src/engines/engine.ts';
import type { Restored } from '../../../src/engines/format.ts';
import { createEngine } from '../../../src/engines/open-backup.ts';
import { createDockerRuntime } from '../../../src/sandbox/docker/docker-runtime.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../../src/support/owner.ts';
import { requireSqlAccess } from '../../../src/verify/require-sql-access.ts';
import { INTEGRATION_TIMEOUT_MS } from '../../support/timeouts.ts';
import { NO_PHASES } from '../logical.ts';

export const never = new AbortController().signal;
export const IMAGE = 'firedrill-test/clickhouse-local:26.7';
export const SERVER_IMAGE = 'firedrill-test/clickhouse-server:18.16';
const MEMORY_BYTES = 2 * 2 ** 30;
const ENGINE = createEngine(clickhouse, [clickhouse]);

const LOCAL = 'clickhouse-local --path=/work/data --config-file=/work/config.xml';
const TAKE = `set -e
${LOCAL} <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.orders (d Date, id UInt64, v Decimal(18, 4), at DateTime('Europe/Berlin')) ENGINE = MergeTree PARTITION BY toYYYYMM(d) ORDER BY id;
INSERT INTO shop.orders SELECT toDate('2026-01-01') + number % 60, number, number / 4, toDateTime(1767225600 + number, 'UTC') FROM numbers(20000);
CREATE TABLE shop.log (x Int8) ENGINE = Log;
INSERT INTO shop.log VALUES (1);
ALTER TABLE shop.orders ADD INDEX by_v v TYPE minmax GRANULARITY 4;
CREATE MATERIALIZED VIEW shop.daily ENGINE = SummingMergeTree ORDER BY d POPULATE AS SELECT d, count() AS n FROM shop.orders GROUP BY d;
CREATE TABLE shop.remote (x Int8) ENGINE = URL('http://user:hunter2@127.0.0.1:1/x', 'CSV');
CREATE VIEW shop.totals AS SELECT sum(v) AS total FROM shop.orders;
CREATE TABLE shop.empty (x Int8) ENGINE = MergeTree ORDER BY x;
CREATE TABLE shop.\`a;\\'t/../x é\` (x Int8) ENGINE = MergeTree ORDER BY x;
INSERT INTO shop.\`a;\\'t/../x é\` VALUES (1);
BACKUP DATABASE shop TO File('/work/backups/full');
BACKUP DATABASE shop TO File('/work/backups/all.tar');
INSERT INTO shop.orders SELECT '2026-04-01', 20000 + number, 1, now() FROM numbers(1000);
INSERT INTO shop.log VALUES (2);
BACKUP DATABASE shop TO File('/work/backups/inc1') SETTINGS base_backup = File('/work/backups/full');
INSERT INTO shop.orders SELECT '2026-05-01', 21000 + number, 1, now() FROM numbers(10);
BACKUP DATABASE shop TO File('/work/backups/inc2') SETTINGS base_backup = File('/work/backups/inc1');
CREATE DATABASE reports;
CREATE TABLE reports.totals (n UInt64) ENGINE = MergeTree ORDER BY n;
CREATE TABLE reports.orders (n UInt64) ENGINE = MergeTree ORDER BY n;
INSERT INTO reports.orders SELECT number FROM numbers(42);
CREATE MATERIALIZED VIEW reports.refreshed REFRESH EVERY 1 YEAR TO reports.totals EMPTY AS SELECT count() AS n FROM reports.orders;
INSERT INTO reports.totals VALUES (7);
CREATE TABLE reports.log (at DateTime64(9), n UInt64) ENGINE = MergeTree ORDER BY at;
CREATE MATERIALIZED VIEW reports.appended REFRESH EVERY 1 YEAR APPEND TO reports.log EMPTY AS SELECT now64(9) AS at, count() AS n FROM reports.orders UNION ALL SELECT now64(9), 1;
INSERT INTO reports.log SELECT now64(9), number FROM numbers(3);
CREATE MATERIALIZED VIEW reports.clock REFRESH AFTER 1 YEAR ENGINE = MergeTree ORDER BY at EMPTY AS SELECT now64(9) AS at, n FROM reports.refreshed;
CREATE MATERIALIZED VIEW reports.history REFRESH AFTER 1 YEAR APPEND ENGINE = MergeTree ORDER BY n EMPTY AS SELECT n FROM reports.orders;
INSERT INTO reports.history VALUES (5);
BACKUP DATABASE reports TO File('/work/backups/reports');
BACKUP DATABASE reports TO File('/work/backups/reports.tar');
SQL
cat > /work/users.xml <<'XML'
<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users>
<default><no_password/><networks><ip>::/0</ip></networks><access_management>1</access_management></default>
<alice><no_password/><networks><ip>::/0</ip></networks></alice>
</users></clickhouse>
XML
sed 's#</clickhouse>#<user_directories><users_xml><path>/work/users.xml</path></users_xml></user_directories>&#' /work/config.xml > /work/owned.xml
clickhouse-local --path=/work/data --config-file=/work/owned.xml <<'SQL'
CREATE DATABASE owned;
CREATE TABLE owned.orders (n UInt64) ENGINE = MergeTree ORDER BY n;
INSERT INTO owned.orders SELECT number FROM numbers(42);
CREATE MATERIALIZED VIEW owned.kept ENGINE = MergeTree ORDER BY n POPULATE DEFINER = alice SQL SECURITY DEFINER AS SELECT n FROM owned.orders;
CREATE VIEW owned.above DEFINER = alice SQL SECURITY DEFINER AS SELECT count() AS n FROM owned.kept;
CREATE VIEW owned.open SQL SECURITY NONE AS SELECT count() AS n FROM owned.orders;
CREATE VIEW owned.usual DEFINER = default SQL SECURITY DEFINER AS SELECT n FROM owned.above;
BACKUP DATABASE owned TO File('/work/backups/owned');
SQL
chmod -R a+rwX /work/data /work/backups/*`;

/**
 * Real backups of a database (`full/`, `inc1/` based on it, `inc2/` based on that, and `all.tar`), of one with views
 * refreshed on a schedule (`reports/`, `reports.tar`), and of one whose views have a definer (`owned/`).
 */
export function takeBackups(): Promise<Taken> {
  return takeBy(IMAGE, TAKE);
}

export type Taken = { readonly path: string } & AsyncDisposable;

/** @param script bash script that writes backups to /work/backups. */
export async function takeBy(image: string, script: string): Promise<Taken> {
  const work = await mkdtemp(join(tmpdir(), 'fd-clickhouse-'));
  await chmod(work, 0o777);
  await mkdir(join(work, 'backups'));
  await chmod(join(work, 'backups'), 0o777);
  const config = '<clickhouse><backups><allowed_path>/work/backups/</allowed_path></backups></clickhouse>';
  await writeFile(join(work, 'config.xml'), config);
  const argv = ['run', '--rm', '--network=none', '--user=101', '-v', `${work}:/work`, image, 'bash', '-c', script];
  await execa('docker', argv);
  return { path: join(work, 'backups'), [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }) };
}

export async function startSandbox(image = IMAGE): Promise<Sandbox> {
  const wanted = { image, server: { engine: 'clickhouse', major: image.split(':')[1] ?? '' } };
  const runtime = createDockerRuntime({});
  await runtime.ensureImage(wanted, never);
  return runtime.start(
    {
      runId: `t${randomBytes(6).toString('hex')}`,
      drill: 'engine-test',
      owner: currentOwner(),
      leaseExpiresAt: new Date(Date.now() + 3_600_000), // the tests of a file share it; if they leave it behind, another test's sweep removes it once it expires
      memoryBytes: MEMORY_BYTES,
      cpus: 2,
      pids: 512,
      storage: 'volume',
      serverUser: 'clickhouse',
      ...wanted,
    },
    never,
  );
}

/** Inspects and restores the one backup below the directory that matches, as a drill does. */
export async function restore(sandbox: Sandbox, directory: string, match: string): Promise<Server> {
  return (await restoreWhole(sandbox, directory, match)).server;
}

export async function restoreWhole(sandbox: Sandbox, directory: string, match: string): Promise<Restored> {
  const backup = await inspect(directory, match);
  const context = { phases: NO_PHASES, onBooted: () => undefined, signal: never };
  const boot = { durability: 'relaxed', memoryBytes: MEMORY_BYTES, cpus: 2, preload: [], settings: {} } as const;
  const restoration = await backup.provision(sandbox, { ...context, boot });
  const ignored = { onLoaded: () => undefined, onProgress: () => undefined };
  const load = { jobs: 2, database: undefined, ignoreErrors: [] };
  return restoration.run({ ...context, ...load, ...ignored });
}

export async function inspect(directory: string, match: string) {
  const source = openDirectorySource(directory);
  const spec = { match, select: { by: 'latest' }, takenAt: 'modified', layouts: ENGINE.layouts } as const;
  const { backup, listed } = await locateBackup(source, spec, new Date(), 'seed', never);
  const content = await openContent(source, backup, never);
  const whole = withSourceFiles(content, { source, listed, keys: NO_KEYS, layouts: spec.layouts });
  return ENGINE.inspect(whole, never);
}

/** One result from a check's session. */
export async function ask(server: Server, sql: string, database = 'shop') {
  await using session = await requireSqlAccess(server).openCheckSession(database, never);
  return (await session.query(sql, { timeoutMs: INTEGRATION_TIMEOUT_MS, maxRows: 10, signal: never })).rows;
}
