import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

/**
 * A log may have dropped the database that the drill is about.
 * @param database undefined: none is expected. @param recoveredTo human-readable: `the end of the log archive`.
 * @throws DrillError `wrong-data` when it does not exist.
 */
export async function requireDatabase(
  server: MysqlServer,
  { database, recoveredTo }: { readonly database: string | undefined; readonly recoveredTo: string },
  signal: AbortSignal,
): Promise<void> {
  if (database === undefined) return;
  const name = server.ignoresCase ? 'LOWER(SCHEMA_NAME)' : 'SCHEMA_NAME';
  const wanted = server.ignoresCase ? `LOWER(${quoteText(database)})` : quoteText(database);
  const databases = await server.administer(signal, (session) =>
    session.ask(`SELECT SCHEMA_NAME, ${name} = ${wanted} FROM information_schema.SCHEMATA ORDER BY 1`),
  );
  if (databases.some(([, isWanted]) => isWanted === '1')) return;
  const lacking = toPrintable(database);
  const others = databases.flatMap(([other]) =>
    other == null || SYSTEM_DATABASES.has(other.toLowerCase()) ? [] : [other],
  );
  const has =
    others.length === 0
      ? 'it has none'
      : `it has ${others
          .slice(0, 10)
          .map((other) => toPrintable(other))
          .join(', ')}`;
  throw new DrillError('wrong-data', `recovered to ${recoveredTo}: no database ${lacking}; ${has}`, {
    hint: `It was dropped before that point: \`--to "before drop-database ${lacking}"\` stops just before, and \`firedrill events\` lists when.`,
  });
}
