import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { SkipRecord } from '../../src/record/schedule-store.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import type { Store } from '../../src/record/store.ts';
import { scheduleHash } from '../../src/schedule/schedule-hash.ts';
import { type DrillOptions, makeProcessWorkspace, type ProcessWorkspace } from '../support/process-workspace.ts';
import type { CliProcess } from '../support/spawn-cli.ts';

export interface ServedDrill extends DrillOptions {
  /** A cron expression. */
  readonly schedule: string;
  readonly heartbeat?: string;
}

export interface Serve extends CliProcess {
  /** Its address: `http://127.0.0.1:41234`. */
  readonly url: string;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Resolves when that many messages matching the pattern have been logged. @returns the complete messages, in order. */
  messages(pattern: RegExp, count: number): Promise<readonly string[]>;
}

/** A directory in which an operator starts and monitors `firedrill serve`. Once disposed of, no run may leave anything behind. */
export interface ServeWorkspace extends ProcessWorkspace {
  /** Writes the settings: by default `serve.listen` is any free port. JSON is valid YAML. */
  configure(settings?: { readonly serve?: object; readonly notify?: object } & Record<string, unknown>): Promise<void>;
  /** Writes a drill's file completely, or replaces it with another, as an editor does. @returns its full name. */
  put(name: string, drill: ServedDrill): Promise<string>;
  /** As if the drill had been scheduled for two days without a scheduler running: its run of yesterday is due. */
  oweFromYesterday(drill: string): Promise<void>;
  /** Starts it, and waits until it is ready. */
  serve(): Promise<Serve>;
  /** Starts it without waiting. */
  start(...argv: string[]): CliProcess;
  read<T>(look: (store: Store) => Promise<T>): Promise<T>;
  /** As if that much time had passed since the runs ended. */
  ageRuns(ms: number): Promise<void>;
}

/** Once a year, last yesterday: it does not become due while a test runs. */
export const YESTERDAY = yearlyOn(new Date(Date.now() - 86_400_000));

/** One directory for each test of a file; all of them start processes with the same compiled code. */
export function useServeWorkspace(): () => ServeWorkspace {
  let cache: string;
  let workspace: ServeWorkspace | undefined;
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'firedrill-test-'));
  });
  afterAll(() => rm(cache, { recursive: true }));
  beforeEach(async () => {
    workspace = await makeServeWorkspace(cache);
  });
  afterEach(() => workspace?.[Symbol.asyncDispose]());
  return () => {
    if (!workspace) throw new Error('asked for before a test began');
    return workspace;
  };
}

async function makeServeWorkspace(cache: string): Promise<ServeWorkspace> {
  const workspace = await makeProcessWorkspace('local', cache);
  const { directory, mark } = workspace;
  const running: CliProcess[] = [];
  const storePath = join(directory, 'history.db');
  const read = async <T>(look: (store: Store) => Promise<T>) => {
    await using store = await openSqliteStore(storePath);
    return await look(store);
  };
  const start = (...argv: string[]) => {
    const process = workspace.cli(...argv);
    running.push(process);
    return process;
  };
  const configure: ServeWorkspace['configure'] = async ({ serve = {}, ...settings } = {}) => {
    const whole = { runtime: 'local', ...settings, serve: { listen: '127.0.0.1:0', ...serve } };
    await writeFile(join(directory, 'firedrill.yaml'), JSON.stringify(whole));
  };
  await configure();
  return {
    ...workspace,
    configure,
    read,
    start,
    put: async (name, { schedule, heartbeat, ...options }) => {
      const more = [`schedule: { cron: "${schedule}" }`, ...(heartbeat ? [`heartbeat: "${heartbeat}"`] : [])];
      await workspace.addDrill(name, { ...options, more });
      return `${name}-${mark}`;
    },
    oweFromYesterday: (drill) =>
      read(async (store) => {
        const since = new Date(Date.now() - 2 * 86_400_000);
        const hash = scheduleHash({ cron: YESTERDAY, timezone: 'UTC' });
        const empty = { newestBackup: undefined, handledBackup: undefined, pollError: undefined, waitsFor: undefined };
        const times = { scheduleHash: hash, scheduledSince: since, handledUntil: since, schedules: [] };
        if (!(await store.saveDrillState({ drill, version: 0, ...times, ...empty }, []))) throw new Error('not stored');
      }),
    serve: async () => {
      const process = start('serve');
      const [, url = ''] = await process.line(/answers at (http:\/\/[\d.]+:\d+)/);
      await process.line(/\d scheduled/);
      return { ...process, url, get: (path) => get(url + path), messages: messagesOf(process) };
    },
    ageRuns: async (ms) => {
      using database = new DatabaseSync(storePath);
      database.exec('drop trigger run_ended_update'); // history is never rewritten, except here
      const rows = database.prepare('select id, ended_at from run').all() as { id: string; ended_at: string }[];
      const age = database.prepare('update run set ended_at = ? where id = ?');
      for (const { id, ended_at: at } of rows) age.run(new Date(Date.parse(at) - ms).toISOString(), id);
    },
    [Symbol.asyncDispose]: async () => {
      for (const process of running) await process[Symbol.asyncDispose]();
      const left = await workspace.leftovers();
      if (left.length > 0) await workspace.cli('sweep').ended;
      await workspace[Symbol.asyncDispose]();
      if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    },
  };
}

/** The requests to this address, one after the other: the heartbeats of a drill. */
export async function listenForPings(): Promise<{ url: string; next: () => Promise<string> } & AsyncDisposable> {
  const server = createServer((request, response) => {
    response.end();
    server.emit('ping', request.url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: async () => String((await once(server, 'ping'))[0]),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * What happened at each instant that a drill was due between the first and the last on record.
 * @returns instants recorded more than once (`twice`) and not at all (`lost`): both are empty in a complete history.
 */
export async function accountFor(workspace: ServeWorkspace, drill: string, stepMs: number) {
  const { runs, skips } = await workspace.read(async (store) => ({
    runs: await store.findRuns({ drill, limit: 1000 }),
    skips: await store.findSkips({ drill, limit: 1000 }),
  }));
  const fates = [...runs.flatMap(fateOf), ...skips.flatMap((skip) => fatesOf(skip, stepMs))];
  const byInstant = Map.groupBy(fates, ({ ms }) => ms);
  const first = Math.min(...byInstant.keys());
  const count = (Math.max(...byInstant.keys()) - first) / stepMs + 1;
  const all = Array.from({ length: count }, (_, index) => first + index * stepMs);
  const show = (ms: number) => [new Date(ms).toISOString(), ...(byInstant.get(ms) ?? []).map(({ what }) => what)];
  return {
    runs,
    skips,
    twice: all.filter((ms) => (byInstant.get(ms)?.length ?? 0) > 1).map((ms) => show(ms).join(', ')),
    lost: all.filter((ms) => !byInstant.has(ms)).map((ms) => show(ms).join(', ')),
  };
}

interface Fate {
  readonly ms: number;
  readonly what: string;
}

function fateOf({ id, trigger: { kind, dueAt, attempt } }: RunRecord): Fate[] {
  return kind === 'schedule' && attempt === 1 && dueAt ? [{ ms: dueAt.getTime(), what: `run ${id}` }] : [];
}

function fatesOf({ kind, reason, count, first, last, recordedAt }: SkipRecord, stepMs: number): Fate[] {
  const what = `skipped (${kind}: ${reason}) at ${recordedAt.toISOString()}`;
  const fates = Array.from({ length: count }, (_, index) => ({ ms: first.getTime() + index * stepMs, what }));
  if (fates.at(-1)?.ms !== last.getTime()) throw new Error(`${what}: ${count} between ${first} and ${last}`);
  return fates;
}

function messagesOf(process: CliProcess): Serve['messages'] {
  return async (pattern, count) => {
    const found = await process.lines(new RegExp(`"msg":"(?:.*?${pattern.source}.*)"}$`), count);
    return found.map(({ input }) => (JSON.parse(input) as { msg: string }).msg);
  };
}

async function get(url: string) {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

function yearlyOn(day: Date): string {
  return `0 3 ${day.getUTCDate()} ${day.getUTCMonth() + 1} *`;
}

/** Deletes a store while it is open. */
export async function deleteStore({ directory }: ServeWorkspace): Promise<void> {
  for (const name of ['history.db', 'history.db-wal', 'history.db-shm']) await rm(join(directory, name));
}
