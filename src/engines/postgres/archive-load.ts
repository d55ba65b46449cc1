import type { LoadOptions, LoadOutcome, Server } from '../engine.ts';
import { LoadErrors } from '../load-errors.ts';
import type { StagedArchive } from './archive-backup.ts';
import { PostgresServer } from './postgres-server.ts';
import { readyForExtensions } from './ready-for-extensions.ts';
import { RestoreOutput } from './restore-output.ts';
import { createRoles, createTargetDatabase } from './target-database.ts';

/** Makes roles and database, runs pg_restore inside the box on the staged archive, and takes the copy away again. */
export async function loadArchive(staged: StagedArchive, server: Server, options: LoadOptions): Promise<LoadOutcome> {
  const postgres = PostgresServer.of(server);
  const { signal } = options;
  const database = options.database ?? staged.facts.database ?? 'restored';
  await readyForExtensions(postgres, staged.facts.extensions, database, signal);
  const errors = new LoadErrors(options.ignoreErrors);
  for (const note of staged.notes) errors.warn(note);
  await postgres.withSession('postgres', signal, async (admin) => {
    await createRoles(admin, staged.facts.roles, staged.facts.superusers);
    await createTargetDatabase(admin, database, staged.createDatabase, errors);
  });
  postgres.loaded.add(database);
  await runRestore(staged, postgres, database, errors, options);
  await staged.sandbox.exec(['rm', '-rf', `${staged.sandbox.paths.scratch}/backup`], { signal });
  return errors.outcome(database);
}

async function runRestore(
  staged: StagedArchive,
  server: PostgresServer,
  database: string,
  errors: LoadErrors,
  { jobs, onProgress, signal }: LoadOptions,
): Promise<void> {
  const output = new RestoreOutput(errors);
  const argv = [
    `${staged.restore.dir}/pg_restore`,
    '--verbose',
    '--no-password',
    '--no-tablespaces', // the box has none of the original's
    `--jobs=${jobs}`,
    `--dbname=dbname=${quoteConninfo(database)}`,
    staged.path,
  ];
  const result = await staged.sandbox.exec(argv, {
    signal,
    env: server.toolEnvironment(),
    onStderrLine: (line) => {
      output.readLine(line);
      const ratio = Math.min(1, output.done / Math.max(1, staged.facts.entryCount));
      onProgress({ bytesRead: staged.meter.bytesRead, doing: output.doing, ratio, phase: output.phase });
    },
  });
  if (server.serverProcess.hasEnded) throw server.serverProcess.explain('the server went away during the restore');
  output.finish(result.exitCode);
}

/** A database's name may look like a connection string, so it is given as one. Source: libpq's keyword/value syntax. */
function quoteConninfo(value: string): string {
  return `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
}
