import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Ask, TableHasher } from '../../../src/engines/fingerprint.ts';
import { mysqlHasher } from '../../../src/engines/mysql/fingerprint/mysql-hasher.ts';
import { postgresHasher } from '../../../src/engines/postgres/fingerprint/postgres-hasher.ts';
import { exactTypes } from '../../../src/engines/postgres/server/check-types.ts';
import { PostgresServer } from '../../../src/engines/postgres/server/postgres-server.ts';
import { bootIn, startServerSandbox, type Target } from '../../engines/mysql/server/server-sandboxes.ts';
import { boot, startSandbox } from '../../engines/postgres/restoring.ts';

const never = new AbortController().signal;
const ROUNDS = 3;
const GOAL_GB_PER_MINUTE = 1;

/**
 * `npm run bench fingerprint -- --rows 1000000`: how fast one session hashes a table of eight columns in the server, without parallel workers, so
 * on one core. Table data is the size of the table according to the server, without indexes.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { rows: { type: 'string', default: '1000000' } } });
  const rows = Number(values.rows);
  process.stdout.write(`${rows} rows, best of ${ROUNDS}, goal ${GOAL_GB_PER_MINUTE} GB/min on one core\n`);
  await benchPostgres(rows);
  await benchMysql(rows, { runtime: 'docker', type: 'mysql', major: '9.7' });
  await benchMysql(rows, { runtime: 'docker', type: 'mariadb', major: '11.8' });
}

async function benchPostgres(rows: number): Promise<void> {
  await using sandbox = await startSandbox('docker', '17');
  const server = PostgresServer.of(await boot(sandbox));
  await server.withSession('postgres', never, async (client) => {
    await client.query(
      `CREATE TABLE public.acc AS SELECT i AS id, (i::int8 * 7919) % 100003 AS n, (i * 1.37)::numeric(12,2) AS amount, md5(i::text) AS name,
         timestamptz '2020-01-01' + i * interval '13 s' AS at, (i * 0.1)::float8 AS f, i % 2 = 0 AS b, repeat('x', 84)::char(84) AS filler
       FROM generate_series(1, ${rows}) i; ALTER TABLE public.acc ADD PRIMARY KEY (id); SET max_parallel_workers_per_gather = 0`,
    );
    const ask: Ask = async (sql) => {
      const result = await client.query({ text: sql, rowMode: 'array', types: exactTypes });
      return { columns: [], rows: result.rows, truncated: false };
    };
    await measure(`postgres ${server.version}`, postgresHasher, ask, 'public.acc');
  });
}

async function benchMysql(rows: number, target: Target): Promise<void> {
  await using sandbox = await startServerSandbox(target);
  const server = await bootIn(sandbox, target);
  const depth = target.type === 'mysql' ? 'cte_max_recursion_depth' : 'max_recursive_iterations';
  await server.adminSession.execute('CREATE DATABASE bench');
  await server.withSession('bench', never, async (session) => {
    await session.execute(`SET SESSION ${depth} = ${rows + 1}`);
    await session.execute(
      'CREATE TABLE acc (id INT PRIMARY KEY, n BIGINT NOT NULL, amount DECIMAL(12,2) NOT NULL, name VARCHAR(64) NOT NULL, at DATETIME(3), f DOUBLE, flag TINYINT, filler CHAR(84))',
    );
    await session.execute(
      `INSERT INTO acc WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < ${rows})
       SELECT i, (i * 7919) % 100003, i * 1.37, SHA2(i, 256), DATE_ADD('2020-01-01', INTERVAL i SECOND), i * 0.1, i % 2, REPEAT('x', 84) FROM s`,
    );
    await session.execute('ANALYZE TABLE acc');
    const ask: Ask = async (sql) => ({ columns: [], rows: await session.ask(sql), truncated: false });
    await measure(`${target.type} ${server.version}`, mysqlHasher(target.type), ask, 'acc');
  });
}

async function measure(server: string, hasher: TableHasher, ask: Ask, name: string): Promise<void> {
  const table = (await hasher.listTables(ask)).find((each) => each.name === name);
  if (!table) throw new Error(`no table ${name}`);
  const keys = await hasher.readKeys(ask, table);
  const width = keys ? (keys.max - keys.min + 256n) / 256n : 1n;
  for (const [how, range] of [
    ['whole', undefined],
    ['256 ranges', keys && { from: keys.min, width, count: 256 }],
  ] as const) {
    let leastMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      await hasher.digest(ask, table, range);
      leastMs = Math.min(leastMs, performance.now() - startedAt);
    }
    const gigabytesPerMinute = (table.bytes / 1e9 / leastMs) * 60_000;
    const load = loadavg()[0]?.toFixed(1);
    process.stdout.write(
      `${server.padEnd(18)} ${how.padEnd(10)} ${(table.bytes / 1e6).toFixed(0)} MB in ${(leastMs / 1000).toFixed(2)} s: ${gigabytesPerMinute.toFixed(1)} GB/min (load ${load})\n`,
    );
  }
}
