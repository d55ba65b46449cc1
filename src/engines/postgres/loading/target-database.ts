import type pg from 'pg';
import type { DrillError } from '../../../support/errors.ts';
import type { LoadErrors } from '../../sql-dump/load-errors.ts';
import { type LoadFinding, lackOf } from '../../whose-fault.ts';
import { quoteIdentifier, quoteLiteral } from '../server/dump-names.ts';

/** SQLSTATE for a database that already exists. */
const DUPLICATE_DATABASE = '42P04';

/**
 * Creates the database that a backup is restored into, with the encoding and locale of the original if the sandbox has them.
 * @param createStatement how the backup itself would create it; only its encoding and locale are used, and it is never run.
 */
export async function createTargetDatabase(
  admin: pg.Client,
  name: string,
  createStatement: string | undefined,
  errors: LoadErrors,
): Promise<void> {
  const strategy = await fastestCopy(admin);
  const create = `CREATE DATABASE ${quoteIdentifier(name)} WITH OWNER = postgres TEMPLATE = template0${strategy}`;
  const options = localeOptions(createStatement ?? '');
  const encoding = / ENCODING = '(?:[^']|'')*'/.exec(options)?.[0] ?? '';
  const attempts = [options, encoding, ...PLAIN_LOCALES.map((locale) => encoding + locale)];
  let refusal: unknown;
  for (const attempt of new Set(attempts)) {
    try {
      await admin.query(create + attempt);
      if (refusal !== undefined) errors.report(replacedLocale(name, refusal));
      return;
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (code === DUPLICATE_DATABASE) return;
      refusal ??= error;
    }
  }
  throw encodingLacking(name, encoding, refusal) ?? refusal;
}

/**
 * As initdb makes its own databases: the files of the template are copied. By default, Postgres 15 and later write each of their pages to the log, which
 * takes five times as much processor time or more (18.4: 100 to 400 ms instead of 20).
 */
async function fastestCopy(admin: pg.Client): Promise<string> {
  const { rows } = await admin.query<{ version: number }>(
    "SELECT pg_catalog.current_setting('server_version_num')::int AS version",
  );
  return (rows[0]?.version ?? 0) >= 150_000 ? ' STRATEGY = file_copy' : '';
}

/** The error for an encoding that this server lacks: invalid parameters (22023), unknown objects (42704), and unsupported features (0A000). */
function encodingLacking(name: string, encoding: string, refusal: unknown): DrillError | undefined {
  if (!/^(?:22023|42704|42P17|0A000|42601)$/.test(String((refusal as { code?: unknown }).code))) return undefined;
  const text = `database ${name} cannot be created with${encoding || ' its locale'}: ${messageOf(refusal)}`;
  return lackOf({ kind: 'encoding-missing', text });
}

/** Locales that every server has, for an encoding that does not match the image's own locale; the provider is named since 15. */
const PLAIN_LOCALES = [" LOCALE_PROVIDER = libc LC_COLLATE = 'C' LC_CTYPE = 'C'", " LC_COLLATE = 'C' LC_CTYPE = 'C'"];

/** The locale affects sort order and upper case, not the data: a copy without it is worth checking, with a warning. */
function replacedLocale(name: string, cause: unknown): LoadFinding {
  return {
    kind: 'locale-setting',
    text: `the image lacks the locale of database ${name} (${messageOf(cause)}): another is used, so text may sort differently`,
  };
}

/** ` ENCODING = … LOCALE = …` from a CREATE DATABASE statement of pg_dump, each value quoted again. */
export function localeOptions(createStatement: string): string {
  const options: string[] = [];
  const pattern =
    /\b(ENCODING|LOCALE_PROVIDER|LOCALE|BUILTIN_LOCALE|ICU_LOCALE|ICU_RULES|LC_COLLATE|LC_CTYPE)\s*=\s*(?:'((?:[^']|'')*)'|(\w+))/g;
  for (const [, key, quoted, word] of createStatement.matchAll(pattern)) {
    options.push(` ${key} = ${word ?? quoteLiteral((quoted ?? '').replaceAll("''", "'")).trim()}`);
  }
  return options.join('');
}

/** Creates roles that cannot log in; `superusers` own what only a superuser may own. Existing roles are left unchanged. */
export async function createRoles(
  admin: pg.Client,
  roles: readonly string[],
  superusers: readonly string[],
): Promise<void> {
  const existing = await admin.query<{ rolname: string }>('SELECT rolname FROM pg_catalog.pg_roles');
  const known = new Set(existing.rows.map(({ rolname }) => rolname));
  for (const role of roles) {
    if (known.has(role)) continue;
    await admin.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN ${superusers.includes(role) ? 'SUPERUSER' : ''}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
