import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LoadOptions, LoadOutcome } from '../../engine.ts';
import { LoadErrors } from '../../sql-dump/load-errors.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';
import { examineTables } from './examine-tables.ts';

/**
 * Inspects what was recovered before any check does: a table that cannot return a row fails the restore.
 * @returns the outcome, with the drill's database, or the largest.
 * @throws DrillError `wrong-data` when the drill's database does not exist, `image-incomplete` for a storage engine or a key that the image lacks.
 */
export async function examineRecovered(
  server: MysqlServer,
  {
    key,
    recoveredTo,
    warnings,
    flaws,
    isPartial = false,
    options: { database: wanted, ignoreErrors, signal },
  }: {
    readonly key: string;
    /** Where in the binary log the replay stopped; undefined: none was replayed. */
    readonly recoveredTo?: string | undefined;
    readonly warnings: readonly string[];
    readonly flaws: readonly string[];
    readonly isPartial?: boolean | undefined;
    readonly options: Pick<LoadOptions, 'database' | 'ignoreErrors' | 'signal'>;
  },
): Promise<LoadOutcome> {
  const errors = new LoadErrors(ignoreErrors);
  for (const warning of warnings) errors.warn(warning);
  for (const flaw of flaws) errors.add(flaw);
  const databases = await listBySize(server, signal);
  await examineTables(server, { databases, isPartial }, errors, signal);
  const database = choose(databases, server.ignoresCase ? wanted?.toLowerCase() : wanted, { key, recoveredTo });
  server.loaded.add(database); // first: clients connect to it
  for (const name of databases) server.loaded.add(name);
  if (wanted === undefined && databases.length > 1) {
    errors.warn(
      `${key} holds ${formatCount(databases.length)} databases: checks run in the largest, ${toPrintable(database)}; name another in \`engine.database\``,
    );
  }
  return errors.outcome(database);
}

/** Largest first, without the server's own. */
async function listBySize(server: MysqlServer, signal: AbortSignal): Promise<readonly string[]> {
  const rows = await server.administer(signal, (session) =>
    session.ask(
      `SELECT s.SCHEMA_NAME, COALESCE(SUM(t.DATA_LENGTH + t.INDEX_LENGTH), 0) AS bytes
         FROM information_schema.SCHEMATA s LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME
        WHERE ${isOwn('s.SCHEMA_NAME')} GROUP BY s.SCHEMA_NAME ORDER BY bytes DESC, 1`,
    ),
  );
  return rows.map(([name]) => String(name));
}

function isOwn(column: string): string {
  return `LOWER(${column}) NOT IN (${[...SYSTEM_DATABASES].map(quoteText).join(', ')})`;
}

function choose(
  databases: readonly string[],
  wanted: string | undefined,
  { key, recoveredTo }: { readonly key: string; readonly recoveredTo?: string | undefined },
): string {
  const [largest] = databases;
  if (wanted === undefined && largest !== undefined) return largest;
  if (wanted !== undefined && databases.includes(wanted)) return wanted;
  const names = databases.slice(0, 10).map((name) => toPrintable(name));
  const has = names.length === 0 ? 'it has none besides the server’s own' : `it has ${names.join(', ')}`;
  const lacking = wanted === undefined ? 'no database' : `no database ${toPrintable(wanted)}`;
  if (recoveredTo !== undefined) {
    const hint =
      wanted === undefined
        ? 'Look for what dropped them with `firedrill events`.'
        : `It was dropped before that point (\`--to "before drop-database ${toPrintable(wanted)}"\` stops just before), is not in the backup, or is misspelled in \`engine.database\`.`;
    throw new DrillError('wrong-data', `recovered to ${recoveredTo}: ${lacking}; ${has}`, { hint });
  }
  throw new DrillError('wrong-data', `${key} has ${lacking}; ${has}`, {
    hint: 'Either the backup lacks it, or `engine.database` misspells it: compare with production.',
  });
}
