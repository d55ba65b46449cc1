import { mkdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresStore } from '../../../src/record/postgres/postgres-store.ts';
import type { Store } from '../../../src/record/store.ts';
import { scheduleHash } from '../../../src/schedule/schedule-hash.ts';
import { processesOf } from '../../sandbox/local-leftovers.ts';
import { plainDump } from '../cli-drill.ts';
import { startTestPostgres, type TestPostgres } from '../postgres-server.ts';
import { spawnCli } from '../spawn-cli.ts';
import { type FleetProcess, followProcess } from './fleet-process.ts';

export interface HostOptions {
  /** How far its clock is ahead of this machine's, in ms. */
  readonly clockOffsetMs?: number;
  /** Whom its processes are to the server; default: the owner of the store. */
  readonly user?: string;
  /** Address of the server for this host; default: its Unix socket. */
  readonly server?: { readonly host: string; readonly port: number };
  /** A program with arguments that starts its processes in another network. */
  readonly via?: readonly string[];
}

/** A store on its own server, and processes that share it, each of which takes itself to be on a separate machine. */
export interface FleetWorkspace extends AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly store: Store;
  /** All that were started, including those that have ended. */
  readonly processes: readonly FleetProcess[];
  /** Writes drills that have each been due once, since yesterday. */
  oweRuns(drills: Readonly<Record<string, object>>): Promise<void>;
  /** Starts a process on a host: `serve --only scheduler`, `runner --pool eu`. */
  start(host: string, ...argv: readonly string[]): FleetProcess;
  /** Resolves with the result of `find`, which is called again after each line of any log. */
  until<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T>;
  /** Files and processes left by sandboxes of these hosts, one line each. */
  leftovers(): Promise<readonly string[]>;
}

export interface FleetOptions {
  /** Limit of each runner. */
  readonly sandboxes: number;
  readonly hosts?: Readonly<Record<string, HostOptions>>;
  /** Lines of postgresql.conf. */
  readonly settings?: readonly string[];
  /** Addresses that may connect over a network. */
  readonly clients?: string;
}

/** Due once a year, last yesterday. */
const YESTERDAY = yearlyOn(new Date(Date.now() - 86_400_000));

export async function makeFleetWorkspace({
  sandboxes,
  hosts = {},
  settings = [],
  clients,
}: FleetOptions): Promise<FleetWorkspace> {
  const directory = await mkdtemp(join(tmpdir(), 'fd-fleet-'));
  await chmod(directory, 0o711); // a server of another user needs access to it
  for (const name of ['drills', 'hosts', 'files', 'backups']) await mkdir(join(directory, name), { mode: 0o755 });
  for (const name of ['a', 'b', 'c']) await writeFile(join(directory, 'files', name), `${name}\n`.repeat(100));
  await writeFile(join(directory, 'backups', 'orders.sql'), plainDump());
  const serve = { listen: 'off', sandboxes, memory: '64g', cpus: 64 }; // limited only by their number
  await writeFile(join(directory, 'firedrill.yaml'), JSON.stringify({ runtime: 'local', serve }));
  const postgres = await startTestPostgres({ settings, ...(clients !== undefined && { clients }) });
  const store = await openPostgresStore(postgres.address({ schema: 'firedrill' }));
  await store.findJobs(); // creates the queue
  const processes: FleetProcess[] = [];
  const watchers = new Set<() => void>();
  const onLine = () => {
    for (const watcher of [...watchers]) watcher();
  };
  return {
    postgres,
    store,
    processes,
    async oweRuns(drills) {
      for (const [name, drill] of Object.entries(drills)) {
        const text = JSON.stringify({ name, schedule: { cron: YESTERDAY }, ...drill });
        await writeFile(join(directory, 'drills', `${name}.yaml`), text);
        await owe(store, name);
      }
    },
    start(host, ...argv) {
      const { clockOffsetMs, user = 'owner', via = [], ...options } = hosts[host] ?? {};
      const { server = { host: postgres.directory, port: 5432 } } = options;
      const temporary = join(directory, 'hosts', host);
      mkdirSync(temporary, { recursive: true, mode: 0o755 });
      const env = {
        TMPDIR: temporary,
        XDG_CACHE_HOME: join(directory, 'cache'),
        NODE_OPTIONS: `--import=${new URL('other-host.ts', import.meta.url).href}`,
        TEST_HOST: host,
        ...(clockOffsetMs !== undefined && { TEST_CLOCK_OFFSET_MS: String(clockOffsetMs) }),
        FIREDRILL_STORE: `postgres://${user}@localhost:${server.port}/postgres?host=${server.host}&sslmode=disable`,
      };
      const started = followProcess(host, spawnCli(argv, { cwd: directory, env, via }), onLine);
      processes.push(started);
      return started;
    },
    until: (find) => askAgain(find, watchers),
    async leftovers() {
      const left: string[] = [];
      for (const host of await readdir(join(directory, 'hosts'))) {
        const temporary = join(directory, 'hosts', host);
        left.push(...(await readdir(temporary)).map((name) => `${host}: ${name}`), ...(await processesOf(temporary)));
      }
      return left;
    },
    async [Symbol.asyncDispose]() {
      for (const one of processes) one.kill('SIGKILL');
      await Promise.all(processes.map(({ ended }) => ended));
      await store[Symbol.asyncDispose]();
      await postgres[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Calls `find` once at a time; whatever happens meanwhile causes one more call. */
function askAgain<T>(find: () => T | undefined | Promise<T | undefined>, watchers: Set<() => void>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let isAsking = false;
  let isStale = false;
  const ask = async () => {
    isStale = true;
    if (isAsking) return;
    isAsking = true;
    try {
      while (isStale && watchers.has(watcher)) {
        isStale = false;
        const found = await find();
        if (found === undefined) continue;
        watchers.delete(watcher);
        resolve(found);
      }
    } catch (error) {
      watchers.delete(watcher);
      reject(error);
    }
    isAsking = false;
  };
  const watcher = () => void ask();
  watchers.add(watcher);
  watcher();
  return promise;
}

/** As if a scheduler had known the drill for two days, and none had been running since it was due yesterday. */
async function owe(store: Store, drill: string): Promise<void> {
  const since = new Date(Date.now() - 2 * 86_400_000);
  const hash = scheduleHash({ cron: YESTERDAY, timezone: 'UTC' });
  const empty = { newestBackup: undefined, handledBackup: undefined, pollError: undefined, waitsFor: undefined };
  const times = { scheduleHash: hash, scheduledSince: since, handledUntil: since, schedules: [] };
  if (!(await store.saveDrillState({ drill, version: 0, ...times, ...empty }, []))) throw new Error('not stored');
}

function yearlyOn(day: Date): string {
  return `0 0 ${day.getUTCDate()} ${day.getUTCMonth() + 1} *`;
}
