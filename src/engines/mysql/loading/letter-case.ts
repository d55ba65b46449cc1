import type { LoadOptions, LoadOutcome } from '../../engine.ts';
import type { MysqlServer } from '../server/mysql-server.ts';
import { quoteText } from '../server/quoting.ts';
import { SYSTEM_DATABASES } from '../server/system-databases.ts';

export const NAMES_IGNORING_CASE = { lower_case_table_names: '1' } as const;

/** Names on a server after a load, used to decide whether the dump came from a server that ignores the case of names. */
export interface Catalog {
  /** `database.table`, views included. */
  readonly tables: readonly string[];
  readonly routines: readonly { readonly database: string; readonly body: string }[];
}

/** A name as the dump refers to it, and as it is stored. */
export interface OtherCase {
  readonly written: string;
  readonly stored: string;
}

/**
 * Loads a dump, and loads it again with `lower_case_table_names=1` if it turns out to come from a server that ignores the case of names, as those on Windows
 * and macOS and some on Linux do: such a dump creates tables in one case and refers to them in another.
 * @param shown evidence of this from the beginning of the dump: it is then loaded only once, with the setting.
 */
export async function loadInOwnCase(
  server: MysqlServer,
  options: LoadOptions,
  load: () => Promise<LoadOutcome>,
  shown?: OtherCase,
): Promise<LoadOutcome> {
  if ('lower_case_table_names' in server.options.settings) return load();
  if (shown !== undefined)
    return loadIgnoringCase(server, options, load, { ...shown, how: 'so it was loaded with that setting' });
  const first = await load().then(
    (outcome) => ({ outcome, error: undefined }),
    (error: unknown) => ({ outcome: undefined, error }),
  );
  options.signal.throwIfAborted();
  const missing = server.missingNames.take();
  if (first.error !== undefined && missing.length === 0) throw first.error;
  const example = findOtherCase(await readCatalog(server, options.signal), missing);
  if (example === undefined) {
    if (first.outcome) return first.outcome;
    throw first.error;
  }
  // A real recovery with the drill's settings would have to do the same, so both loads count as recovery time.
  const how = 'so it was loaded again with that setting, and recovery time includes both loads';
  return loadIgnoringCase(server, options, load, { ...example, how });
}

async function loadIgnoringCase(
  server: MysqlServer,
  { signal }: LoadOptions,
  load: () => Promise<LoadOutcome>,
  { written, stored, how }: OtherCase & { readonly how: string },
): Promise<LoadOutcome> {
  await server.startOver(NAMES_IGNORING_CASE, signal);
  const outcome = await load();
  const names = `the dump asks for ${written.replace(/^\./, '')} and holds ${stored.replace(/^\./, '')}`;
  return {
    ...outcome,
    warnings: [
      `${names}, as on a server with lower_case_table_names=1, ${how}; set \`engine.settings: { lower_case_table_names: 1 }\` in the drill to start with it`,
      ...outcome.warnings,
    ],
  };
}

/**
 * @param missing names that were referenced but not found.
 * @returns a name that exists only in another case; undefined if there is none, or if some names differ only in case, which a server that ignores case cannot
 * store.
 */
export function findOtherCase({ tables, routines }: Catalog, missing: readonly string[]): OtherCase | undefined {
  const stored = new Map(tables.map((name) => [name.toLowerCase(), name]));
  if (stored.size < tables.length) return undefined;
  const exact = new Set(tables);
  const databases = new Map(tables.map((name) => [databaseOf(name).toLowerCase(), databaseOf(name)]));
  const findIn = (names: readonly string[]) => {
    for (const written of names) {
      const found = stored.get(written.toLowerCase()) ?? databases.get(written.toLowerCase());
      if (found !== undefined && found !== written && !exact.has(written)) return { written, stored: found };
    }
    return undefined;
  };
  // names inside routines are not resolved on creation; they count only if all table names are in lower case, as such servers store them
  const areSmall = tables.every((name) => tableOf(name) === tableOf(name).toLowerCase());
  return findIn(missing) ?? (areSmall ? findIn(routines.flatMap(namesIn)) : undefined);
}

const NAME = '(?:`(?:[^`]|``)+`|[\\w$\\u0080-\\uffff]+)';
const ASKED_FOR = new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE)\\s+(?:(${NAME})\\s*\\.\\s*)?(${NAME})`, 'gi');
const NO_CODE = /\/\*[\s\S]*?\*\/|(?:#|--\s)[^\n]*|'(?:[^'\\]|\\[\s\S]|'')*'/g;

function namesIn({ database, body }: Catalog['routines'][number]): string[] {
  const plain = (name: string): string => (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name);
  return [...body.replaceAll(NO_CODE, ' ').matchAll(ASKED_FOR)].map(
    ([, schema, name = '']) => `${schema === undefined ? database : plain(schema)}.${plain(name)}`,
  );
}

function databaseOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}

function tableOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

export function readCatalog(server: MysqlServer, signal: AbortSignal): Promise<Catalog> {
  const system = [...SYSTEM_DATABASES].map(quoteText).join(', ');
  const own = (column: string): string => `LOWER(${column}) NOT IN (${system})`;
  return server.administer(signal, async (session) => {
    const tables = await session.ask(
      `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE ${own('TABLE_SCHEMA')}`,
    );
    const routines = await session.ask(
      `SELECT ROUTINE_SCHEMA, ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ${own('ROUTINE_SCHEMA')}
       UNION ALL SELECT TRIGGER_SCHEMA, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE ${own('TRIGGER_SCHEMA')}
       UNION ALL SELECT EVENT_SCHEMA, EVENT_DEFINITION FROM information_schema.EVENTS WHERE ${own('EVENT_SCHEMA')}`,
    );
    return {
      tables: tables.map(([database, table]) => `${database}.${table}`),
      routines: routines.map(([database, body]) => ({ database: String(database), body: body ?? '' })),
    };
  });
}
