import { callsFunction } from '../../server/function-calls.ts';
import type { Session } from './connect.ts';
import type { MysqlServer } from './mysql-server.ts';
import { removedFunction } from './removed-functions.ts';

/** A stored function of the restored database with the same name as a current or former built-in function. */
export interface OwnFunction {
  /** In lower case. */
  readonly name: string;
  /** Human-readable: `shop.md5()`. */
  readonly signature: string;
  /** Human-readable: why this version of the server no longer has the built-in function. */
  readonly removed: string | undefined;
}

/**
 * Names that the parser recognises only directly before a parenthesis. With a space between they are ordinary names, so a stored
 * function is called, unless the session has IGNORE_SPACE. Every other built-in function takes precedence over a stored one of its name, and
 * over a loadable one (none can be loaded here). A database before the name makes it unambiguous, and so does a MariaDB package.
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

/** Reads the functions of the session's database; those of other databases need the database before their name. */
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

/** Whether the built-in function takes precedence under IGNORE_SPACE. */
export function takesSpace({ name }: OwnFunction): boolean {
  return BEFORE_PARENTHESIS.has(name);
}

/** @returns a warning for each function that the query could call on a session with IGNORE_SPACE: only those that the server no longer has. */
export function standInsFor(sql: string, functions: readonly OwnFunction[]): string[] {
  if (functions.length === 0) return [];
  const text = sql.replaceAll(NO_CODE, ' ');
  return functions.flatMap(({ name, signature, removed }) =>
    removed !== undefined && callsFunction(text, name, '`')
      ? [`uses ${signature} of the restored data in place of the server’s own ${name.toUpperCase()}(), ${removed}`]
      : [],
  );
}

/** Comments and quoted text contain no calls. */
const NO_CODE = /\/\*[\s\S]*?\*\/|(?:#|--\s)[^\n]*|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/g;
