import type { Catalog } from '../engines/catalog.ts';
import type { CommandAccess } from '../engines/command-access.ts';
import type { Server } from '../engines/engine.ts';
import type { TableHasher } from '../engines/fingerprint.ts';
import type { QueryResult } from '../engines/query-result.ts';
import type { RestoredFiles } from '../engines/restored-files.ts';
import type { CheckSession } from '../engines/sql-access.ts';
import type { ExecResult, Sandbox } from '../sandbox/sandbox.ts';
import { untilAborted } from '../support/until-aborted.ts';
import type { ProbeApplications, ProbeDataFiles, ProbeProgramOptions } from './check-kind.ts';
import { requireSqlAccess } from './require-sql-access.ts';

/** One query for the pool. */
export interface PooledQuery {
  /** undefined: the database that the drill or the backup names. */
  readonly database: string | undefined;
  readonly timeoutMs: number;
  readonly maxRows: number;
  readonly signal: AbortSignal;
}

/** The read-only sessions of all checks: opened when needed, used by one query at a time, and closed together. */
export interface SessionPool extends AsyncDisposable {
  /** How many queries it runs at once. */
  readonly size: number;
  /** Waits for a free session. Throws what {@link CheckSession.query} throws, and the error of a session that could not be opened. */
  query(sql: string, query: PooledQuery): Promise<QueryResult>;
  /** Uses the pool's sessions; returns the same object for each call. */
  catalog(database: string | undefined): Catalog;
  readonly hasher: TableHasher;
  readonly files?: RestoredFiles | undefined;
  readonly commands?: CommandAccess | undefined;
  /** Nothing else may use the pool at the same time. */
  readonly dataFiles: ProbeDataFiles | undefined;
  /** Nothing else may use the pool at the same time. */
  readonly applications: ProbeApplications | undefined;
  /** Throws what {@link Server.runProgram} throws. */
  program(argv: readonly string[], options: ProbeProgramOptions): Promise<ExecResult>;
}

export interface PoolOptions {
  /** For checks that do not name a database. */
  readonly defaultDatabase: string;
  /** Where to start applications; undefined: nowhere. */
  readonly sandbox?: Pick<Sandbox, 'startApplication'> | undefined;
  /** Image names of this installation, which replace others. */
  readonly images?: Readonly<Record<string, string>>;
  /** CPUs of the sandbox; this many queries run at once. */
  readonly cpus: number;
  readonly signal: AbortSignal;
}

/** More sessions than this do not help a server of any size. */
const MAX_SIZE = 16;
/** Up to this many idle sessions of other databases stay open, so that checks of several databases do not open one each time. */
const MAX_OPEN = 20;
/** Time limit for everything that one catalog query reads. */
const CATALOG_TIMEOUT_MS = 10 * 60_000;

interface Pooled {
  readonly database: string;
  readonly session: CheckSession;
}

export function openSessionPool(
  server: Server,
  { defaultDatabase, sandbox, images = {}, cpus, signal }: PoolOptions,
): SessionPool {
  const size = Math.min(Math.max(1, Math.floor(cpus)), MAX_SIZE);
  const idle: Pooled[] = [];
  const waiting: (() => void)[] = [];
  const catalogs = new Map<string, Catalog>();
  let running = 0;
  let open = 0;
  const close = async ({ session }: Pooled): Promise<void> => {
    open -= 1;
    await session[Symbol.asyncDispose]();
  };
  const openOne = async (database: string): Promise<Pooled> => {
    const surplus = open >= MAX_OPEN ? idle.shift() : undefined;
    if (surplus) await close(surplus);
    open += 1;
    try {
      return { database, session: await requireSqlAccess(server).openCheckSession(database, signal) };
    } catch (error) {
      open -= 1;
      throw error;
    }
  };
  const takeSlot = async (given: AbortSignal): Promise<void> => {
    given.throwIfAborted();
    if (running < size) {
      running += 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push(resolve);
    try {
      await untilAborted(promise, given);
    } catch (error) {
      const index = waiting.indexOf(resolve);
      if (index < 0) leaveSlot();
      else waiting.splice(index, 1);
      throw error;
    }
  };
  const leaveSlot = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  const query: SessionPool['query'] = async (sql, { database = defaultDatabase, ...options }) => {
    await takeSlot(options.signal);
    try {
      const index = idle.findIndex((one) => one.database === database);
      const [known] = index < 0 ? [] : idle.splice(index, 1);
      const pooled = known ?? (await openOne(database));
      try {
        const result = await pooled.session.query(sql, options);
        idle.push(pooled);
        return result;
      } catch (error) {
        if (options.signal.aborted) await close(pooled).catch(() => undefined);
        else idle.push(pooled);
        throw error;
      }
    } finally {
      leaveSlot();
    }
  };

  const closeIdle = async (): Promise<void> => {
    for (const pooled of idle.splice(0)) await close(pooled);
  };
  const dataFilesOf = ({ sql }: Server): ProbeDataFiles | undefined => {
    const dataFiles = sql?.dataFiles;
    if (!dataFiles) return undefined;
    const verifyChecksums: ProbeDataFiles['verifyChecksums'] = async (given) => {
      await closeIdle();
      return dataFiles.verifyChecksums({ signal: given, run: signal });
    };
    if (!dataFiles.openObjects) return { verifyChecksums };
    const openObjects = dataFiles.openObjects.bind(dataFiles);
    return { verifyChecksums, openObjects: (database = defaultDatabase, given) => openObjects(database, given) };
  };

  const applicationsIn = (within: PoolOptions['sandbox']): ProbeApplications | undefined =>
    within?.startApplication && {
      openLogin: async (database = defaultDatabase, given) => {
        await closeIdle();
        return requireSqlAccess(server).openNetworkLogin({ ...given, database, run: signal });
      },
      start: async (request, given) => {
        const image = Object.hasOwn(images, request.image) ? (images[request.image] ?? request.image) : request.image;
        const started = within.startApplication?.({ ...request, image }, given);
        if (!started) throw new TypeError('the sandbox starts no applications');
        return started;
      },
    };

  return {
    size,
    query,
    catalog: (database = defaultDatabase) => {
      const known = catalogs.get(database);
      if (known) return known;
      const catalog = requireSqlAccess(server).openCatalog((sql, maxRows) =>
        query(sql, { database, maxRows, timeoutMs: CATALOG_TIMEOUT_MS, signal }),
      );
      catalogs.set(database, catalog);
      return catalog;
    },
    get hasher() {
      return requireSqlAccess(server).hasher;
    },
    files: server.files,
    commands: server.commands,
    dataFiles: dataFilesOf(server),
    applications: applicationsIn(sandbox),
    program: (argv, { database = defaultDatabase, ...options }) => server.runProgram(argv, { ...options, database }),
    [Symbol.asyncDispose]: closeIdle,
  };
}
