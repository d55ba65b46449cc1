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
import type { BackupSource } from '../../../src/backup/source.ts';
import type { LoadOutcome, Server } from '../../../src/engines/engine.ts';
import type { RunOptions } from '../../../src/engines/format.ts';
import { bootServer } from '../../../src/engines/postgres/server/boot.ts';
import type { QueryResult } from '../../../src/engines/query-result.ts';
import { ALL_ENGINES, engineOf } from '../../../src/engines/registry.ts';
import type { CheckSession } from '../../../src/engines/sql-access.ts';
import { createDockerRuntime } from '../../../src/sandbox/docker/docker-runtime.ts';
import { createLocalRuntime } from '../../../src/sandbox/local/runtime.ts';
import type { Sandbox } from '../../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../../src/support/owner.ts';
import { requireSqlAccess } from '../../../src/verify/require-sql-access.ts';
import { STEP_TIMEOUT_MS } from '../../support/timeouts.ts';
import { NO_PHASES } from '../logical.ts';

export const never = new AbortController().signal;
export const engine = engineOf('postgres');

/** A real sandbox with a Postgres of this major version; the caller disposes of it. */
export async function startSandbox(
  runtimeName: 'docker' | 'local',
  major: string,
  { repository = 'postgres', isSource = false }: { readonly repository?: string; readonly isSource?: boolean } = {},
): Promise<Sandbox> {
  const runtime = runtimeName === 'docker' ? createDockerRuntime({}) : createLocalRuntime({ engines: ALL_ENGINES });
  const image = `firedrill-test/${repository}:${major}`;
  const server = { engine: 'postgres', major };
  await runtime.ensureImage({ image, server }, never);
  const request = {
    runId: `t${randomBytes(6).toString('hex')}`,
    drill: 'engine-test',
    owner: currentOwner(),
    leaseExpiresAt: new Date(Date.now() + 3_600_000), // if it is left behind, another test’s sweep removes it once it expires
    memoryBytes: (isSource ? 2048 : 1024) * 2 ** 20,
    cpus: 2,
    pids: 256,
    storage: isSource ? ('tmpfs' as const) : ('volume' as const),
    serverUser: 'postgres',
  };
  return runtime.start({ ...request, image, server }, never);
}

/** A sandbox for a server whose backups are taken. It is in memory, since no test depends on how it writes. */
export function startSource(major: string, repository = 'postgres'): Promise<Sandbox> {
  return startSandbox('docker', major, { repository, isSource: true });
}

/** The one backup in a directory or source that matches, opened as in a drill: recognised, decompressed. */
export async function openBackup(
  place: string | BackupSource,
  match: string,
  { keys = NO_KEYS, takenAt = 'modified' }: { readonly keys?: KeyRing; readonly takenAt?: 'modified' | 'name' } = {},
): Promise<BackupContent> {
  const source = typeof place === 'string' ? openDirectorySource(place) : place;
  const { layouts } = engine;
  const spec = { match, select: { by: 'latest' }, takenAt, layouts } as const;
  const { backup, listed } = await locateBackup(source, spec, new Date(), 'seed', never);
  return withSourceFiles(await openContent(source, backup, never, keys), { source, listed, keys, layouts });
}

export interface Restored extends AsyncDisposable {
  readonly server: Server;
  readonly outcome: LoadOutcome;
  readonly progress: readonly string[];
  /** Rows of a check query in the restored database. */
  ask(sql: string): Promise<QueryResult>;
}

export function boot(
  sandbox: Sandbox,
  durability: 'relaxed' | 'production' = 'relaxed',
  preload: readonly string[] = [],
): Promise<Server> {
  return bootServer(sandbox, {
    durability,
    memoryBytes: 1024 * 2 ** 20,
    cpus: 2,
    preload,
    settings: {},
    signal: never,
  });
}

/** Takes a backup all the way through a sandbox: inspect, check the sandbox, boot while it is copied, load, seal. */
export async function restoreInto(
  sandbox: Sandbox,
  content: BackupContent,
  options: Partial<RunOptions> & {
    durability?: 'production';
    preload?: readonly string[];
    settings?: Readonly<Record<string, string>>;
  } = {},
): Promise<Restored> {
  const { durability = 'relaxed', preload = [], settings = {}, ...changes } = options;
  const backup = await engine.inspect(content, never);
  const context = { phases: NO_PHASES, onBooted: () => undefined, signal: never };
  const restoration = await backup.provision(sandbox, {
    ...context,
    boot: { durability, memoryBytes: 1024 * 2 ** 20, cpus: 2, preload, settings },
  });
  const progress: string[] = [];
  const { server, outcome } = await restoration.run({
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
  let session: CheckSession | undefined;
  return {
    server,
    outcome,
    progress,
    ask: async (sql) => {
      session ??= await requireSqlAccess(server).openCheckSession(outcome.database, never);
      return session.query(sql, { timeoutMs: STEP_TIMEOUT_MS, maxRows: 100, signal: never });
    },
    [Symbol.asyncDispose]: async () => {
      await session?.[Symbol.asyncDispose]();
      content.close();
    },
  };
}

/** A temporary directory; dispose of it to remove it. */
export async function makeWorkDirectory(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'fd-engine-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
