import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadOptions, LoadOutcome } from '../../engine.ts';
import { LoadErrors } from '../../sql-dump/load-errors.ts';
import { explainUnanswered } from '../server/ask-tables.ts';
import type { BootedPostgres } from '../server/booted-postgres.ts';
import type { PostgresServer } from '../server/postgres-server.ts';
import { findLosses } from './find-losses.ts';
import { findMissingFiles } from './find-missing-files.ts';
import { findShortFiles } from './find-short-files.ts';
import type { Tablespace } from './physical-backup.ts';

interface Database {
  readonly name: string;
  /** PostgreSQL marks a database like this while it is being dropped. */
  readonly isInvalid: boolean;
  /** Nobody may connect to it. */
  readonly isClosed: boolean;
}

/**
 * Examines what was recovered before any check does: a database that recovery stopped in the middle of dropping fails the restore, and so do lost files; what
 * {@link findLosses} finds is a warning.
 * @throws DrillError `wrong-data` if the drill's database does not exist.
 */
export async function examineRecovered(
  server: BootedPostgres,
  {
    key,
    recoveredTo,
    warnings,
    flaws,
    isVerified,
    uncertainTablespaces,
    options: { database: wanted, ignoreErrors, signal },
  }: {
    readonly key: string;
    /** Where in a log archive recovery stopped; undefined if only the backup's own log was replayed. */
    readonly recoveredTo: string | undefined;
    readonly warnings: readonly string[];
    readonly flaws: readonly string[];
    /** Whether each file was compared with what the server sent. */
    readonly isVerified: boolean;
    readonly uncertainTablespaces: readonly Tablespace[];
    readonly options: Pick<LoadOptions, 'database' | 'ignoreErrors' | 'signal'>;
  },
): Promise<LoadOutcome> {
  const errors = new LoadErrors(ignoreErrors);
  for (const warning of warnings) errors.warn(warning);
  for (const flaw of flaws) errors.add(flaw);
  const databases = await listDatabases(server, signal);
  requireNotDropping(databases, wanted);
  for (const { name, isInvalid } of databases) {
    if (isInvalid)
      errors.add(`recovery stopped while the database ${toPrintable(name)} was being dropped: its files may be gone`);
  }
  const whole = databases.filter(({ isInvalid }) => !isInvalid);
  const open = whole.filter(({ isClosed }) => !isClosed).map(({ name }) => name);
  for (const missing of await findMissingFiles(server, open, uncertainTablespaces, signal)) errors.add(missing);
  await reportUnanswered(server, open, errors, signal);
  if (!isVerified) await reportShortFiles(server, open, errors, signal);
  const database = chooseDatabase(whole, wanted, { key, recoveredTo });
  const own = whole.filter(({ name }) => name !== 'postgres').length;
  if (wanted === undefined && own > 1) {
    errors.warn(
      `${key} holds ${formatCount(own)} databases: checks run in the largest, ${toPrintable(database)}; name another in \`engine.database\``,
    );
  }
  for (const warning of await findLosses(server, database, signal)) errors.warn(warning);
  return errors.outcome(database);
}

/** A running server does not prove recovery: every table of every database must answer a query for one row. */
async function reportUnanswered(
  server: BootedPostgres,
  databases: readonly string[],
  errors: LoadErrors,
  signal: AbortSignal,
): Promise<void> {
  for (const database of databases) {
    const { asked, notAsked, unanswered } = await server.askTables(database, signal);
    for (const { name, ...rest } of unanswered) {
      const finding = explainUnanswered({ ...rest, name: `${name} in ${database}` });
      const ending = finding && errors.report(finding);
      if (ending) throw ending;
    }
    if (notAsked > 0)
      errors.warn(
        `a row was read from each of the ${formatCount(asked)} largest tables of ${toPrintable(database)}; ${formatCount(notAsked)} were not checked`,
      );
  }
}

async function reportShortFiles(
  server: BootedPostgres,
  databases: readonly string[],
  errors: LoadErrors,
  signal: AbortSignal,
): Promise<void> {
  const { findings, warnings } = await findShortFiles(server, databases, signal);
  for (const warning of warnings) errors.warn(warning);
  for (const finding of findings) {
    const ending = errors.report(finding);
    if (ending) throw ending;
  }
}

/** @throws DrillError `wrong-data` if recovery stopped in the middle of dropping the drill's database. */
function requireNotDropping(databases: readonly Database[], wanted: string | undefined): void {
  if (!databases.some(({ name, isInvalid }) => name === wanted && isInvalid)) return;
  const name = toPrintable(wanted ?? '');
  throw new DrillError(
    'wrong-data',
    `recovery stopped while the database ${name} was being dropped: its files are gone`,
    {
      hint: `The files are removed before the drop commits, so no point in time works. Stop by position: \`--to "before drop-database ${name}"\`.`,
    },
  );
}

function chooseDatabase(
  databases: readonly Database[],
  wanted: string | undefined,
  { key, recoveredTo }: { readonly key: string; readonly recoveredTo: string | undefined },
): string {
  if (wanted === undefined) return databases.find(({ name }) => name !== 'postgres')?.name ?? 'postgres';
  if (databases.some(({ name }) => name === wanted)) return wanted;
  const lacking = toPrintable(wanted);
  const names = databases.slice(0, 10).map(({ name }) => toPrintable(name));
  if (recoveredTo !== undefined) {
    throw new DrillError(
      'wrong-data',
      `recovered to ${recoveredTo}: no database ${lacking}; it has ${names.join(', ')}`,
      {
        hint: `It was dropped before that point (\`--to "before drop-database ${lacking}"\` stops just before), is not in the backup, or is misspelled in \`engine.database\`.`,
      },
    );
  }
  throw new DrillError('wrong-data', `${key} has no database ${lacking}; it has ${names.join(', ')}`, {
    hint: 'Either the backup lacks it, or `engine.database` misspells it: compare with production.',
  });
}

/** Largest first. */
function listDatabases(server: PostgresServer, signal: AbortSignal): Promise<readonly Database[]> {
  return server.withSession('postgres', signal, async (client) => {
    // an older server does not mark a database that it is dropping: without its files it has no size
    const { rows } = await client.query<{ name: string; size: string; closed: boolean }>(
      `SELECT datname AS name, CASE WHEN datconnlimit = -2 THEN 0 ELSE pg_database_size(oid) END AS size, NOT datallowconn AS closed
         FROM pg_database WHERE NOT datistemplate ORDER BY 2 DESC, 1`,
    );
    return rows.map(({ name, size, closed }) => ({ name, isInvalid: Number(size) === 0, isClosed: closed }));
  });
}
