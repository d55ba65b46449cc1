import type pg from 'pg';
import { callsFunction } from '../../server/function-calls.ts';

/** A function or operator of the restored data with the same name as a built-in one. */
export interface StandIn {
  readonly kind: 'function' | 'operator';
  readonly name: string;
  /** Human-readable: `public.count(integer)`, `public.=(text, text)`. */
  readonly signature: string;
}

/** Syntax that is translated into operators. Source: PostgreSQL's src/backend/parser/gram.y. */
const SYNTAX: Readonly<Record<string, RegExp>> = {
  '=': /\b(?:in\s*\(|using\s*\(|natural\b|nullif\s*\(|case\s+(?!when\b)|is\s+(?:not\s+)?distinct\b)/i,
  '<>': /!=|\bnot\s+in\b/i,
  '>=': /\bbetween\b/i,
  '<=': /\bbetween\b/i,
  '~~': /\blike\b/i,
  '!~~': /\bnot\s+like\b/i,
  '~~*': /\bilike\b/i,
  '!~~*': /\bnot\s+ilike\b/i,
};

/**
 * Finds functions and operators that the session's search path could resolve to instead of a built-in, although pg_catalog comes first: PostgreSQL prefers the
 * candidate whose argument types match better, in any schema (manual, "Function Type Resolution"). Candidates with exactly the same types never win, and those
 * of extensions are for types of their own.
 * @param searchPath as the check session has it.
 */
export async function findStandIns(admin: pg.Client, searchPath: string): Promise<readonly StandIn[]> {
  await admin.query("SELECT pg_catalog.set_config('search_path', $1, false)", [searchPath]);
  const found = await admin.query<StandIn>(`
    WITH searched AS (
      SELECT n.oid, n.nspname FROM pg_namespace n WHERE n.nspname = ANY (current_schemas(false)) AND n.nspname <> 'pg_catalog'
    )
    SELECT 'function' AS kind, p.proname AS name,
           s.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS signature
      FROM pg_proc p JOIN searched s ON s.oid = p.pronamespace
     WHERE EXISTS (SELECT FROM pg_proc o WHERE o.pronamespace = 'pg_catalog'::regnamespace AND o.proname = p.proname)
       AND NOT EXISTS (SELECT FROM pg_proc o WHERE o.pronamespace = 'pg_catalog'::regnamespace AND o.proname = p.proname
                          AND o.proargtypes = p.proargtypes)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'operator', p.oprname,
           s.nspname || '.' || p.oprname || '(' || format_type(p.oprleft, NULL) || ', ' || format_type(p.oprright, NULL) || ')'
      FROM pg_operator p JOIN searched s ON s.oid = p.oprnamespace
     WHERE EXISTS (SELECT FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprname = p.oprname)
       AND NOT EXISTS (SELECT FROM pg_operator o WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprname = p.oprname
                          AND o.oprleft = p.oprleft AND o.oprright = p.oprright)
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = p.oid AND d.deptype = 'e')
     ORDER BY 1, 3 LIMIT 1000`);
  return found.rows;
}

/** @returns one warning for each that the query could call, and a single one for all of the same name. */
export function standInsFor(sql: string, standIns: readonly StandIn[]): string[] {
  if (standIns.length === 0) return [];
  const text = withoutLiterals(sql);
  const operators = new Set(text.match(/[-+*/<>=~!@#%^&|`?]+/g));
  const reached = standIns.filter(({ kind, name }) =>
    kind === 'function' ? callsFunction(text, name, '"') : operators.has(name) || (SYNTAX[name]?.test(text) ?? false),
  );
  const byName = Map.groupBy(reached, ({ kind, name }) => `${kind} ${name}`);
  return [...byName.entries()].map(
    ([what, all]) =>
      `may use ${all
        .map(({ signature }) => signature)
        .slice(0, 3)
        .join(', ')} of the restored data in place of the server’s own ${what}`,
  );
}

/** Comments and quoted text contain no calls. */
function withoutLiterals(sql: string): string {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/g, ' ');
}
