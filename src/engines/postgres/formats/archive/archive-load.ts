import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions, LoadOutcome, Server } from '../../../engine.ts';
import { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { statedTime } from '../../../stated-time.ts';
import { createRoles, createTargetDatabase } from '../../loading/target-database.ts';
import { watchServerWork } from '../../loading/watch-server-work.ts';
import { quoteIdentifier } from '../../server/dump-names.ts';
import { PostgresServer } from '../../server/postgres-server.ts';
import { readyForExtensions } from '../../server/ready-for-extensions.ts';
import { entriesAfterBuilds, planBuilds } from './archive-builds.ts';
import { partsOf, tablesOfArchive } from './archive-tables.ts';
import { ArchiveWork } from './archive-work.ts';
import { IndexBuilder } from './index-builder.ts';
import { LIST_DIRECTORY, RestoreRun, type StagedArchive } from './restore-run.ts';

/**
 * Creates roles and database, runs pg_restore inside the sandbox on the staged archive, and deletes the copy. If parallel jobs cause rows to be refused that
 * might load in the archive's own order, everything is loaded again in that order.
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
  /** Whether rows were refused that might be accepted in another order. */
  readonly mayBeOrder: boolean;
  /** Ids of entries in which something failed. */
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
  partsOf(staged.toc).warnOfMissing(errors);
  errors.noteStated(statedTime(staged.toc.createdAt ?? ''));
  const hasOwnEncoding = !/ENCODING = 'UTF8'/.test(staged.createDatabase ?? "ENCODING = 'UTF8'");
  if (database === 'postgres' && hasOwnEncoding) await dropDatabase(server, database, signal); // the server's own encoding is UTF-8
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
  if (builds.length === 0) {
    const { mayBeOrder, deadlocked } = await restore.run([], toc.entries.length);
    await restore.runAlone(deadlocked);
    return { mayBeOrder, failedEntries };
  }
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
  const { mayBeOrder } = await restore.run(['--section=pre-data', '--section=data'], first, (id) => {
    work.rowsLoaded(id);
    builder.rowsLoaded(id);
  });
  await builder.finish();
  await restore.runAlone(await restore.runAfterData(rest));
  return { mayBeOrder, failedEntries };
}
