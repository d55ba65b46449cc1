import { isAtLeast } from '../../../support/versions.ts';
import type { MysqlServer } from '../server/mysql-server.ts';

/**
 * Modes that MySQL 8.0 removed, each with the modes it stood for that still exist. MariaDB has kept them all. A single removed mode makes the server reject the
 * whole list and continue with modes that the dump does not intend. Source: the MySQL manual, "Features Removed in MySQL 8.0".
 */
const GONE: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ...namesFor(['NO_AUTO_CREATE_USER', 'NO_FIELD_OPTIONS', 'NO_KEY_OPTIONS', 'NO_TABLE_OPTIONS'], []),
  ...namesFor(['DB2', 'MAXDB', 'MSSQL', 'ORACLE', 'POSTGRESQL'], ['PIPES_AS_CONCAT', 'ANSI_QUOTES', 'IGNORE_SPACE']),
  ...namesFor(['MYSQL323', 'MYSQL40'], ['HIGH_NOT_PRECEDENCE']),
]);

const MAX_SETTING_LENGTH = 8192;
const SETTING = /^(?:\/\*M?!\d*\s*)?SET\b[\s\S]*\bsql_mode\b/i;
/** A list of modes, including its quotes. */
const LIST = /(['"])([A-Z][A-Z0-9_]*(?:,[A-Z0-9_]+)*)\1/gi;

type Product = Pick<MysqlServer, 'flavor' | 'version'>;

/** @returns the modes of a list that this server has, and those that it no longer has. */
export function currentModes(
  modes: string,
  { flavor, version }: Product,
): { readonly modes: string; readonly gone: readonly string[] } {
  const isKept = flavor.type === 'mariadb' || !isAtLeast(version, '8.0');
  const all = modes.split(',').filter((mode) => mode !== '');
  const gone = isKept ? [] : all.filter((mode) => GONE.has(mode.toUpperCase()));
  const kept = all.flatMap((mode) => (gone.includes(mode) ? (GONE.get(mode.toUpperCase()) ?? []) : [mode]));
  return { modes: gone.length === 0 ? modes : [...new Set(kept)].join(','), gone };
}

/**
 * @param statement any statement of a dump.
 * @returns the statement with only the modes that this server has, if it sets others too; otherwise undefined.
 */
export function withoutGoneModes(
  statement: Buffer,
  product: Product,
): { readonly bytes: Buffer; readonly gone: readonly string[] } | undefined {
  const first = statement[0];
  const mayBeSet = first === 83 || first === 115 || first === 47; // S s /
  if (!mayBeSet || statement.length > MAX_SETTING_LENGTH) return undefined;
  const text = statement.toString('latin1');
  if (!SETTING.test(text)) return undefined;
  const gone = new Set<string>();
  const written = text.replaceAll(LIST, (whole, quote: string, list: string) => {
    const current = currentModes(list, product);
    for (const mode of current.gone) gone.add(mode.toUpperCase());
    return current.gone.length === 0 ? whole : `${quote}${current.modes}${quote}`;
  });
  return gone.size === 0 ? undefined : { bytes: Buffer.from(written, 'latin1'), gone: [...gone] };
}

/** @returns the warning about the removed modes. */
export function goneModesWarning(gone: readonly string[], { flavor, version }: Product): string {
  const names = gone.join(', ');
  return `${flavor.title} ${version} no longer has the SQL mode${gone.length > 1 ? 's' : ''} ${names}, which the dump sets; the other modes are in force`;
}

function namesFor(modes: readonly string[], kept: readonly string[]): [string, readonly string[]][] {
  return modes.map((mode) => [mode, kept]);
}
