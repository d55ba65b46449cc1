import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import type { Flavor } from '../../flavor.ts';
import { loadTraitsOf } from '../../loading/load-traits.ts';
import type { Session } from '../../server/connect.ts';
import { basenameOf } from './shell-files.ts';
import type { ShellSchema } from './shell-metadata.ts';
import type { ShellParts } from './shell-parts.ts';

type Kind = 'table' | 'view' | 'event' | 'function' | 'procedure' | 'trigger';

const NAMES_SHOWN = 5;
const OBJECTS = `
SELECT TABLE_SCHEMA, IF(TABLE_TYPE = 'VIEW', 'view', 'table'), TABLE_NAME FROM information_schema.TABLES
UNION ALL SELECT ROUTINE_SCHEMA, LOWER(ROUTINE_TYPE), ROUTINE_NAME FROM information_schema.ROUTINES`;
const TRIGGERS = "SELECT TRIGGER_SCHEMA, 'trigger', TRIGGER_NAME FROM information_schema.TRIGGERS";

/**
 * Reports objects that the metadata of a dump lists and the server lacks: a file of definitions that was cut between two statements leaves no other trace.
 * Objects that could not be created have been reported already.
 */
export async function requireObjects(
  { schemas, definitions }: ShellParts,
  flavor: Flavor,
  session: Session,
  errors: LoadErrors,
  signal: AbortSignal,
): Promise<void> {
  if (errors.reported > 0) return;
  signal.throwIfAborted();
  const there = new Set((await session.ask(OBJECTS)).map(keyOf));
  for (const row of await session.ask(TRIGGERS)) there.add(keyOf(row));
  for (const [schema = '', name = ''] of await session.ask(loadTraitsOf(flavor).events))
    there.add(keyOf([schema, 'event', name]));
  for (const schema of schemas) {
    const missing = objectsOf(schema, definitions).filter(
      ([kind, name]) => !there.has(keyOf([schema.schema, kind, name])),
    );
    if (missing.length === 0) continue;
    const shown = missing.slice(0, NAMES_SHOWN).map(([kind, name]) => `${kind} ${name}`);
    const more = missing.length > shown.length ? ` and ${missing.length - shown.length} more` : '';
    const text = `${schema.schema} lacks what the metadata of the dump lists: ${shown.join(', ')}${more}`;
    errors.report({ kind: 'missing-part', text });
  }
}

function objectsOf(schema: ShellSchema, definitions: ShellParts['definitions']): (readonly [Kind, string])[] {
  const named = (kind: Kind, names: readonly string[]): (readonly [Kind, string])[] =>
    names.map((name) => [kind, name] as const);
  return [
    ...named('table', schema.tables),
    ...named('view', schema.views),
    ...named('event', schema.events),
    ...named('function', schema.functions),
    ...named('procedure', schema.procedures),
    ...schema.tables.flatMap((table) => named('trigger', definitions.get(basenameOf(schema, table))?.triggers ?? [])),
  ];
}

/** Ignores letter case, as servers may. */
function keyOf(cells: readonly (string | null)[]): string {
  return JSON.stringify(cells).toLowerCase();
}
