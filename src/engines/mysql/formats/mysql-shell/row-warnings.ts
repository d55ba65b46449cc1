import type { LoadFinding } from '../../../whose-fault.ts';
import { readWarnings } from '../../loading/load-warnings.ts';
import type { Session } from '../../server/connect.ts';
import { withMeaning, withoutValues } from '../../server/server-errors.ts';

/**
 * Interprets the warnings of a LOAD DATA. With LOCAL the server continues past every problem, and reports it only here.
 * @param session the one that ran it, and has run nothing since.
 */
export async function findRowWarnings(
  session: Session,
  file: string,
  { schema, table }: { readonly schema: string; readonly table: string },
): Promise<readonly LoadFinding[]> {
  const found = readWarnings(await session.ask('SHOW WARNINGS'), true);
  if (found.length === 0) return [];
  const excused = await excusedColumns(session, schema, table);
  const told = new Map<string, LoadFinding>();
  for (const { kind, what, number, message, column } of found) {
    // the server itself counts skipped rows
    if (kind === 'already-there' || (column !== undefined && excused.has(column.toLowerCase()))) continue;
    const text = `${file}: ERROR ${number}: ${what}: ${withMeaning(withoutValues(message))} (LOAD DATA)`;
    if (!told.has(what)) told.set(what, { kind, text });
  }
  return [...told.values()];
}

/**
 * Generated columns are recomputed and may raise a warning; whether they did when the row was first written is unknown. An ENUM with an invalid value is dumped
 * as '', and the server warns even though the same value is restored.
 */
async function excusedColumns(session: Session, schema: string, table: string): Promise<ReadonlySet<string>> {
  const rows = await session.ask(
    `SELECT column_name FROM information_schema.columns WHERE table_schema = ${hexText(schema)} AND table_name = ${hexText(table)} AND (generation_expression <> '' OR data_type = 'enum')`,
  );
  return new Set(rows.map(([name]) => String(name).toLowerCase()));
}

function hexText(text: string): string {
  return `_utf8mb4 0x${Buffer.from(text).toString('hex')}`;
}
