import type { Session } from './connect.ts';
import type { MysqlServer } from './mysql-server.ts';
import { removedFunction } from './removed-functions.ts';

/** A stored function of the restored database with the name of one that is, or was, the server's own. */
export interface OwnFunction {
  /** In small letters. */
  readonly name: string;
  /** For people: `shop.md5()`. */
  readonly signature: string;
  /** The server of this version no longer has its own: for people, why. */
  readonly removed: string | undefined;
}

/**
 * Names that the parser knows only right before a parenthesis. With a blank between them they are names like any other, so that a stored
 * function answers, unless the session says IGNORE_SPACE. Every other function of the server's own comes before a stored one of its name, and
 * before a loadable one (none can be loaded here); a database before the name says which one is meant, and so does a MariaDB package.
 * Sources: the MySQL manual, "Function Name Parsing and Resolution"; both servers' sql/lex.h, sql_functions.
 */
const BEFORE_PARENTHESIS = new Set([
  ...['adddate', 'bit_and', 'bit_or', 'bit_xor', 'cast', 'count', 'curdate', 'curtime', 'date_add', 'date_sub'],
  ...['extract', 'group_concat', 'json_arrayagg', 'json_objectagg', 'max', 'mid', 'min', 'now', 'position'],
  ...['session_user', 'st_collect', 'std', 'stddev', 'stddev_pop', 'stddev_samp', 'subdate', 'substr', 'substring'],
  ...['sum', 'sysdate', 'system_user', 'trim', 'variance', 'var_pop', 'var_samp'],
  ...[
    'date_format',
    'decode',
    'lead',
    'lag',
    'median',
    'nth_value',
    'percentile_cont',
    'percentile_disc',
    'trim_oracle',
  ],
]);

/** Reads those of the database that the session is in; others need its name before theirs. */
export async function readOwnFunctions(
  session: Session,
  { flavor, version }: Pick<MysqlServer, 'flavor' | 'version'>,
): Promise<readonly OwnFunction[]> {
  const rows = await session.ask(
    "SELECT ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION'",
  );
  return rows.flatMap(([database, written = '']) => {
    const name = String(written).toLowerCase();
    const gone = removedFunction(name, flavor.type, version);
    if (!gone && !BEFORE_PARENTHESIS.has(name)) return [];
    const removed = gone && `which ${flavor.title} ${version} no longer has`;
    return [{ name, signature: `${database}.${written}()`, removed }];
  });
}

/** Whether IGNORE_SPACE gives the server's own function the first word. */
export function takesSpace({ name }: OwnFunction): boolean {
  return BEFORE_PARENTHESIS.has(name);
}

/** @returns a warning for each that the query could reach on a session with IGNORE_SPACE: only those that the server has no more. */
export function standInsFor(sql: string, functions: readonly OwnFunction[]): string[] {
  if (functions.length === 0) return [];
  const text = sql.replaceAll(NO_CODE, ' ');
  return functions.flatMap(({ name, signature, removed }) =>
    removed !== undefined && new RegExp(`(?<![\\w$.\\u0080-\\uffff])\`?${name}\`?\\s*\\(`, 'i').test(text)
      ? [`uses ${signature} of the restored data in place of the server’s own ${name.toUpperCase()}(), ${removed}`]
      : [],
  );
}

/** Comments and quoted text hold no calls. */
const NO_CODE = /\/\*[\s\S]*?\*\/|(?:#|--\s)[^\n]*|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/g;
