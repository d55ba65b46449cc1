import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupContent } from '../../../src/backup/content.ts';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { type KeyRing, NO_KEYS } from '../../../src/backup/layer.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import { withSourceFiles } from '../../../src/backup/reading/source-files.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import type { LoadOptions, LoadOutcome } from '../../../src/engines/engine.ts';
import type { Engine } from '../../../src/engines/engine-descriptor.ts';
import type { RunOptions } from '../../../src/engines/format.ts';
import { MysqlServer } from '../../../src/engines/mysql/server/mysql-server.ts';
import type { QueryResult } from '../../../src/engines/query-result.ts';
import { ALL_ENGINES, engineOf as engineOfType } from '../../../src/engines/registry.ts';
import type { CheckSession } from '../../../src/engines/sql-access.ts';
import { createDockerRuntime } from '../../../src/sandbox/docker/docker-runtime.ts';
import { createLocalRuntime } from '../../../src/sandbox/local/runtime.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../../src/support/owner.ts';
import { requireSqlAccess } from '../../../src/verify/require-sql-access.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { NO_PHASES } from '../logical.ts';
import type { Ask } from './fingerprint.ts';

export const never = new AbortController().signal;
const MEMORY_BYTES = 1024 * 2 ** 20;

/** Where a server runs, and which: `mysql:9.7`, `mariadb:11.8`. */
export interface Target {
  readonly runtime: 'docker' | 'local';
  readonly server: string;
}

export function engineOf({ server }: Target): Engine {
  return engineOfType(server.startsWith('mysql') ? 'mysql' : 'mariadb');
}

/** A real sandbox with this server in it; the caller disposes of it. */
export async function startSandbox(
  { runtime: name, server }: Target,
  { isSource = false }: { readonly isSource?: boolean } = {},
): Promise<Sandbox> {
  const [engine = '', major = ''] = server.split(':');
  const runtime = name === 'docker' ? createDockerRuntime({}) : createLocalRuntime({ engines: ALL_ENGINES });
  const image = `firedrill-test/${server}`;
  const wanted = { image, server: { engine, major } };
  await runtime.ensureImage(wanted, never);
  const request = {
    runId: `t${randomBytes(6).toString('hex')}`,
    drill: 'engine-test',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 3_600_000), // if it is left behind, another test’s sweep removes it once it expires
    memoryBytes: isSource ? 2 * MEMORY_BYTES : MEMORY_BYTES,
    cpus: 2,
    pids: 256,
    storage: isSource ? ('tmpfs' as const) : ('volume' as const),
    serverUser: 'mysql',
  };
  return runtime.start({ ...request, ...wanted }, never);
}

/** A sandbox for a server whose backups are taken. It is in memory, since no test depends on how it writes. */
export function startSource(target: Target): Promise<Sandbox> {
  return startSandbox(target, { isSource: true });
}

/** The one backup under a directory that matches, opened as in a drill: recognised, decompressed. */
export async function openBackup(directory: string, match: string, keys: KeyRing = NO_KEYS): Promise<BackupContent> {
  const source = openDirectorySource(directory);
  const spec = {
    match,
    select: { by: 'latest' },
    takenAt: 'modified',
    layouts: engineOfType('mysql').layouts,
  } as const;
  const { backup, listed } = await locateBackup(source, spec, new Date(), 'seed', never);
  const content = await openContent(source, backup, never);
  return withSourceFiles(content, { source, listed, keys, layouts: spec.layouts });
}

export interface Restored extends AsyncDisposable {
  readonly server: MysqlServer;
  readonly outcome: LoadOutcome;
  readonly progress: readonly string[];
  /** Rows of a check query in the restored database. */
  check(sql: string): Promise<QueryResult>;
  /** Runs a query with the harness's own account, which sees definitions, and returns each row as a line. */
  ask: Ask;
}

/** Takes a backup all the way through a sandbox: inspect, check the sandbox, boot while it is copied, load, seal. */
export async function restoreInto(
  sandbox: Sandbox,
  target: Target,
  content: BackupContent,
  options: Partial<LoadOptions> &
    Pick<RunOptions, 'recovery'> & { durability?: 'production'; settings?: Readonly<Record<string, string>> } = {},
): Promise<Restored> {
  const engine = engineOf(target);
  const backup = await engine.inspect(content, never);
  const { durability = 'relaxed', settings = {}, ...changes } = options;
  const context = { phases: NO_PHASES, onBooted: () => undefined, signal: never };
  const restoration = await backup.provision(sandbox, {
    ...context,
    boot: { durability, memoryBytes: MEMORY_BYTES, cpus: 2, preload: [], settings },
  });
  const progress: string[] = [];
  const { server: booted, outcome } = await restoration.run({
    ...context,
    jobs: 2,
    database: undefined,
    ignoreErrors: [],
    onLoaded: () => undefined,
    onProgress: ({ doing }) => {
      if (progress.at(-1) !== doing) progress.push(doing);
    },
    ...changes,
  });
  const server = MysqlServer.of(booted);
  let session: CheckSession | undefined;
  return {
    server,
    outcome,
    progress,
    check: async (sql) => {
      session ??= await requireSqlAccess(booted).openCheckSession(outcome.database, never);
      return session.query(sql, { timeoutMs: STEP_TIMEOUT_MS, maxRows: 100, signal: never });
    },
    ask: (sql) =>
      server.withSession(undefined, never, async (admin) =>
        (await admin.ask(sql)).map((row) => row.map((cell) => cell ?? 'NULL').join('\t')),
      ),
    [Symbol.asyncDispose]: async () => {
      await session?.[Symbol.asyncDispose]();
      content.close();
    },
  };
}

/** A temporary directory; dispose of it to remove it. */
export async function makeWorkDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'fd-mysql-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
