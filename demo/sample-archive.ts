import { copyFile, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startSampleServer } from './sample-server.ts';

/** The times of events in the sample shop. */
export interface DroppedShop {
  /** The last instant at which everything was there. */
  readonly droppedAt: Date;
}

/**
 * What is left of a web shop whose database was dropped: `base/` with an earlier backup, and `log/` with the archived log, including the
 * drop. No transaction commits between the last payment and the drop.
 */
export async function writeDroppedShop(directory: string): Promise<DroppedShop> {
  await rm(directory, { recursive: true, force: true });
  await using server = await startSampleServer();
  await server.sql('postgres', 'create database shop');
  await server.sql('shop', ...SCHEMA, customers(1, 5000), payments(1, 20_000));
  const takenAt = new Date();
  const base = await server.backup();
  await server.sql('shop', 'select pg_switch_wal()', customers(5001, 5200), payments(20_001, 21_000));
  await server.sql('postgres', "select pg_create_restore_point('before_cleanup')");
  const [{ now = '' } = {}] = await server.sql(
    'postgres',
    'select pg_sleep(0.01)', // instants have milliseconds, and this one must be later than the last payment
    'select to_char(clock_timestamp() at time zone \'UTC\', \'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\') as now',
  );
  await server.sql('postgres', 'drop database shop');
  await mkdir(join(directory, 'base'), { recursive: true });
  await copyFile(
    base,
    join(directory, 'base', `shop-${takenAt.toISOString().slice(0, 19).replaceAll(':', '')}Z.tar.gz`),
  );
  await cp(await server.stop(), join(directory, 'log'), { recursive: true });
  return { droppedAt: new Date(now) };
}

const SCHEMA = [
  'create table customer (id integer primary key, name text not null, created_at timestamptz not null)',
  'create table payment (id integer primary key, customer_id integer not null references customer, amount numeric(10,2) not null, paid_at timestamptz not null)',
];

function customers(from: number, to: number): string {
  return `insert into customer select n, 'Customer ' || n, clock_timestamp() from generate_series(${from}, ${to}) n`;
}

function payments(from: number, to: number): string {
  return `insert into payment select n, n % 5000 + 1, n % 90 + 9.5, clock_timestamp() from generate_series(${from}, ${to}) n`;
}
