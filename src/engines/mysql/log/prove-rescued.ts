import { DrillError } from '../../../support/errors.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import type { ChosenStop } from './choose-outcome.ts';

/**
 * Checks that the object whose loss recovery stopped before exists.
 * @throws DrillError `target-not-reached` if it does not.
 */
export async function requireRescued(
  server: MysqlServer,
  { database, object }: NonNullable<ChosenStop['lost']>,
  signal: AbortSignal,
): Promise<void> {
  const table = object.startsWith(`${database}.`) ? object.slice(database.length + 1) : undefined;
  const fold = (column: string, name: string): string =>
    server.ignoresCase ? `LOWER(${column}) = LOWER(${quoteText(name)})` : `${column} = ${quoteText(name)}`;
  const [found] = await server.administer(signal, (session) =>
    session.ask(
      table === undefined
        ? `SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE ${fold('SCHEMA_NAME', database)}`
        : `SELECT COUNT(*) FROM information_schema.TABLES WHERE ${fold('TABLE_SCHEMA', database)} AND ${fold('TABLE_NAME', table)}`,
    ),
  );
  if (found?.[0] !== '0') return;
  throw new DrillError(
    'target-not-reached',
    `${object} is not in the restored copy, though recovery stopped before it was lost`,
    {
      hint: `Drill a backup that holds the database ${database}, or name in \`recover.to\` what this one holds.`,
    },
  );
}
