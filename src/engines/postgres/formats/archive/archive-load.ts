import { Readable } from 'node:stream';
import type { BackupContent } from '../../../../backup/content.ts';
import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions, LoadOutcome, LoadPhase, Server } from '../../../engine.ts';
import { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { createRoles, createTargetDatabase } from '../../loading/target-database.ts';
import { watchServerWork } from '../../loading/watch-server-work.ts';
import { quoteIdentifier } from '../../server/dump-names.ts';
import type { Tool } from '../../server/installed-tools.ts';
import { PostgresServer } from '../../server/postgres-server.ts';
import { readyForExtensions } from '../../server/ready-for-extensions.ts';
import { entriesAfterBuilds, planBuilds } from './archive-builds.ts';
import type { ArchiveFacts } from './archive-facts.ts';
import { tablesOfArchive } from './archive-tables.ts';
import type { ArchiveToc, TocEntry } from './archive-toc.ts';
import { ArchiveWork } from './archive-work.ts';
import { IndexBuilder } from './index-builder.ts';
import { RestoreOutput } from './restore-output.ts';

/** An archive inside the sandbox, ready to be loaded. */
export interface StagedArchive {
  readonly facts: ArchiveFacts;
  readonly sandbox: Sandbox;
  readonly restore: Tool;
  /** The archive's path inside the sandbox: a file, or a directory. */
  readonly path: string;
  readonly toc: ArchiveToc;
  /** Bytes of rows in the archive, by entry, as far as they are known. */
  readonly sizes: ReadonlyMap<number, number>;
  readonly createDatabase: string | undefined;
  readonly meter: BackupContent['meter'];
  /** Findings made while the archive was copied in, which cost nothing. */
  readonly notes: readonly string[];
}

/**
 * Creates roles and database, runs pg_restore inside the sandbox on the staged archive, and deletes the copy. When parallel jobs
 * cause rows to be refused that may load in the archive's own order, everything is loaded again in that order.
 */
export async function loadArchive(staged: StagedArchive, server: Server, options: LoadOptions): Promise<LoadOutcome> {
  const postgres = PostgresServer.of(server);
  const { signal, jobs } = options;
  const database = options.database ?? staged.facts.database ?? 'restored';
  await readyForExtensions(postgres, staged.facts.needs.extensions, database, signal);
  let attempt = await loadOnce(staged, postgres, database, options);
  if (jobs > 1 && attempt.mayBeOrder) {
    const { reported } = attempt.errors;
    await dropDatabase(postgres, database, signal);
    attempt = await loadOnce(staged, postgres, database, { ...options, jobs: 1 });
    if (attempt.errors.reported < reported) {
      attempt.errors.warn(
        `with ${jobs} jobs, ${formatCount(reported)} of its statements failed that depend on the order of tables (a CHECK that reads another table): loaded again with one job`,
      );
    }
  }
  const { scratch } = staged.sandbox.paths;
  postgres.listed.set(database, tablesOfArchive(staged.toc, attempt.failedEntries));
  await staged.sandbox.exec(['rm', '-rf', `${scratch}/backup`, `${scratch}/${LIST_DIRECTORY}`], { signal });
  return attempt.errors.outcome(database);
}

interface Attempt {
  readonly errors: LoadErrors;
  /** Whether rows were refused that may be accepted in another order. */
  readonly mayBeOrder: boolean;
  /** Entries in which something failed, by number. */
  readonly failedEntries: ReadonlySet<number>;
}

async function loadOnce(
  staged: StagedArchive,
  server: PostgresServer,
  database: string,
  options: LoadOptions,
): Promise<Attempt> {
  const { signal } = options;
  const errors = new LoadErrors(options.ignoreErrors);
  for (const note of staged.notes) errors.warn(note);
  const hasOwnEncoding = !/ENCODING = 'UTF8'/.test(staged.createDatabase ?? "ENCODING = 'UTF8'");
  if (database === 'postgres' && hasOwnEncoding) await dropDatabase(server, database, signal); // the server's own is UTF-8
  await server.withSession(administrativeDatabase(database), signal, async (admin) => {
    await createRoles(admin, staged.facts.roles, staged.facts.superusers);
    await createTargetDatabase(admin, database, staged.createDatabase, errors);
  });
  server.loaded.add(database);
  return { errors, ...(await runRestore(staged, server, database, errors, options)) };
}

/** A database that exists while the other is being created or dropped. */
function administrativeDatabase(database: string): string {
  return database === 'postgres' ? 'template1' : 'postgres';
}

async function dropDatabase(server: PostgresServer, database: string, signal: AbortSignal): Promise<void> {
  await server.withSession(administrativeDatabase(database), signal, async (admin) => {
    await admin.query(`DROP DATABASE ${quoteIdentifier(database)}${server.major >= 13 ? ' WITH (FORCE)' : ''}`);
  });
}

async function runRestore(
  staged: StagedArchive,
  server: PostgresServer,
  database: string,
  errors: LoadErrors,
  options: LoadOptions,
): Promise<Omit<Attempt, 'errors'>> {
  const { toc, sizes } = staged;
  const { jobs, signal } = options;
  const restore = new RestoreRun(staged, server, database, errors, options);
  const builds = jobs > 1 ? planBuilds(toc) : [];
  const { failedEntries } = restore;
  if (builds.length === 0) return { mayBeOrder: await restore.run([], toc.entries.length), failedEntries };
  const rest = entriesAfterBuilds(toc, builds);
  const work = new ArchiveWork(toc, builds, sizes);
  restore.work = work;
  await using _watch = watchServerWork(server, database, signal, (found) => {
    work.follow(found);
    restore.tellAgain();
  });
  await using builder = new IndexBuilder({
    ...{ toc, builds, sizes, server, database, errors, jobs, signal },
    onBuild: (doing, build) => {
      work.buildStarted(build);
      restore.tell(doing, 0);
    },
    onBuilt: (doing, build) => {
      work.buildDone(build);
      restore.tell(doing, 1);
    },
  });
  const first = toc.entries.length - builds.length - rest.length;
  const mayBeOrder = await restore.run(['--section=pre-data', '--section=data'], first, (id) => {
    work.rowsLoaded(id);
    builder.rowsLoaded(id);
  });
  await builder.finish();
  if (rest.length > 0) {
    const list = await writeList(staged.sandbox, rest, signal);
    await restore.run(['--section=post-data', `--use-list=${list}`], rest.length);
  }
  return { mayBeOrder, failedEntries };
}

const LIST_DIRECTORY = 'restore-list';

/** Writes a list as `pg_restore --use-list` reads it: numbers of entries, each before a semicolon. @returns its path in the sandbox. */
async function writeList(sandbox: Sandbox, entries: readonly TocEntry[], signal: AbortSignal): Promise<string> {
  const directory = `${sandbox.paths.scratch}/${LIST_DIRECTORY}`;
  const content = Readable.from([Buffer.from(entries.map(({ dumpId }) => `${dumpId};\n`).join(''))]);
  await sandbox.writeFiles(directory, Readable.from([{ name: 'entries', sizeBytes: undefined, content }]), signal);
  return `${directory}/entries`;
}

/** The calls of pg_restore that load one archive. */
class RestoreRun {
  private readonly staged: StagedArchive;
  private readonly server: PostgresServer;
  private readonly database: string;
  private readonly errors: LoadErrors;
  private readonly options: LoadOptions;
  /** Items of earlier calls, and what was built beside them. */
  private done = 0;
  /** Says how much is done, where indexes are built beside it; else the number of items does. */
  work: ArchiveWork | undefined;
  /** Entries in which something failed, by number. */
  readonly failedEntries = new Set<number>();
  private last: { readonly doing: string; readonly phase: LoadPhase } = { doing: 'loading', phase: 'load' };

  constructor(
    staged: StagedArchive,
    server: PostgresServer,
    database: string,
    errors: LoadErrors,
    options: LoadOptions,
  ) {
    this.staged = staged;
    this.server = server;
    this.database = database;
    this.errors = errors;
    this.options = options;
  }

  /**
   * @param parts which entries to restore; all without any.
   * @param count how many entries these are; pg_restore also names those that it skips.
   * @param onRows see {@link RestoreOutput}.
   * @returns whether rows were refused that may be accepted in another order.
   */
  async run(parts: readonly string[], count: number, onRows?: (dumpId: number) => void): Promise<boolean> {
    const { staged, server, database, errors } = this;
    const { jobs, signal } = this.options;
    const lacking = new AbortController();
    const output = new RestoreOutput(errors, {
      lack: (lack) => lacking.abort(lack),
      rowsLoaded: (dumpId) => onRows?.(dumpId),
    });
    const argv = [
      `${staged.restore.dir}/pg_restore`,
      '--verbose',
      '--no-password',
      '--no-tablespaces', // the sandbox has none of the original's
      `--jobs=${jobs}`,
      ...parts,
      `--dbname=dbname=${quoteConninfo(database)}`,
      staged.path,
    ];
    const result = await staged.sandbox.exec(argv, {
      signal: AbortSignal.any([signal, lacking.signal]),
      env: server.toolEnvironment(),
      onStderrLine: (line) => {
        output.readLine(line);
        this.report(output.doing, Math.min(output.done, count), output.phase);
      },
    });
    if (server.serverProcess.hasEnded) throw server.serverProcess.explain('the server went away during the restore');
    output.finish(result.exitCode);
    for (const dumpId of output.failedEntries) this.failedEntries.add(dumpId);
    this.done += count;
    return output.mayBeOrder;
  }

  /** Reports what happens beside pg_restore. @param done how many entries were done by it. */
  tell(doing: string, done: number): void {
    this.done += done;
    this.report(doing, 0, 'index');
  }

  /** Reports the same activity, of which more is done. */
  tellAgain(): void {
    this.report(this.last.doing, 0, this.last.phase);
  }

  private report(doing: string, done: number, phase: LoadPhase): void {
    this.last = { doing, phase };
    const { facts, meter } = this.staged;
    const ratio = this.work?.ratio ?? Math.min(1, (this.done + done) / Math.max(1, facts.entryCount));
    this.options.onProgress({ bytesRead: meter.bytesRead, doing, ratio, phase, covers: ['load', 'index'] });
  }
}

/** A database name may look like a connection string, so it is passed as one. Source: libpq's keyword/value syntax. */
function quoteConninfo(value: string): string {
  return `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
}
