import type { SchemaObjectKind } from '../../../engines/schema-object.ts';

/** What runs code that the backup brought along, by itself or when it is used, or lends the rights of another user. */
const EXECUTING: ReadonlySet<SchemaObjectKind> = new Set([
  'extension',
  'function',
  'procedure',
  'aggregate',
  'package',
  'trigger',
  'event trigger',
  'event',
  'rule',
  'language',
  'definer',
  'subscription',
] as const);

/** Whether an object of this kind runs code, by itself or when it is used. */
export function executesCode(kind: SchemaObjectKind): boolean {
  return EXECUTING.has(kind);
}
