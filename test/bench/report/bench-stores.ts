import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import { openSqliteStore } from '../../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { describeStore, type StoreAddress } from '../../../src/record/store-address.ts';
import { startTestPostgres } from '../../support/postgres-server.ts';
import { spawnCli } from '../../support/spawn-cli.ts';
import type { HistoryPlan } from './history-plan.ts';
import { makeHistory } from './make-history.ts';
import { timed } from './readers.ts';
import { writeWorkspace } from './real-server.ts';

/** A store with the generated history, and a directory whose settings name it. */
export interface BenchStore {
  readonly name: 'SQLite' | 'PostgreSQL';
  readonly address: StoreAddress;
  readonly directory: string;
}

export interface BenchStores extends AsyncDisposable {
  /** That of SQLite is first. */
  readonly stores: readonly BenchStore[];
  readonly sqlitePath: string;
}

interface HistoryOptions {
  readonly plan: HistoryPlan;
  readonly seed: number;
  /** A file with the history that an earlier bench has made, or that this one is to make; undefined: it is removed afterwards. */
  readonly keep: string | undefined;
  /** Whether to copy it to a PostgreSQL server, which is started for that. */
  readonly postgres: boolean;
  readonly say: (text: string) => void;
}

/** Settings of a small server; flushes as one with real history does. */
const SETTINGS = ['fsync = on', 'shared_buffers = 256MB', 'max_wal_size = 2GB'];

/** @param directory an empty one. */
export async function openBenchStores(
  directory: string,
  { plan, seed, keep, postgres, say }: HistoryOptions,
): Promise<BenchStores> {
  const path = keep ?? join(directory, 'history.db');
  if (!existsSync(path)) say(`  made in ${await seconds(async () => makeHistory(path, plan, seed))}`);
  const sqlite = { kind: 'sqlite', path } as const;
  const open = async () => (await openStore(sqlite))[Symbol.asyncDispose]();
  say(`  opened, and brought to this schema, in ${await seconds(open)}`);
  say(`  ${(statSync(path).size / 1e9).toFixed(2)} GB`);
  const own = join(directory, 'sqlite');
  await writeWorkspace(own, path, plan);
  const first: BenchStore = { name: 'SQLite', address: sqlite, directory: own };
  if (!postgres) return { stores: [first], sqlitePath: path, [Symbol.asyncDispose]: async () => undefined };

  const server = await startTestPostgres({ settings: SETTINGS });
  try {
    const address = server.address({ schema: 'firedrill' });
    const shared = join(directory, 'postgres');
    await writeWorkspace(shared, describeStore(address), plan);
    say(`  copied to PostgreSQL in ${await seconds(() => copy(shared, path, describeStore(address)))}`);
    await server.query('vacuum analyze');
    const [{ bytes } = { bytes: 0 }] = await server.query('select pg_database_size(current_database()) as bytes');
    say(`  ${(Number(bytes) / 1e9).toFixed(2)} GB in PostgreSQL`);
    const second: BenchStore = { name: 'PostgreSQL', address, directory: shared };
    return {
      stores: [first, second],
      sqlitePath: path,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

export function openStore(address: StoreAddress): Promise<Store> {
  return address.kind === 'sqlite' ? openSqliteStore(address.path) : openPostgresStore(address);
}

/** With the command that users have for it. */
async function copy(cwd: string, from: string, to: string): Promise<void> {
  await using command = spawnCli(['store', 'copy', from, to], { cwd });
  const { code, stderr } = await command.ended;
  if (code !== 0) throw new Error(`the history was not copied: ${stderr}`);
}

async function seconds(work: () => Promise<void>): Promise<string> {
  return `${((await timed(work)) / 1000).toFixed(1)} s`;
}
