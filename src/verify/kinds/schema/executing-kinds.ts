import type { SchemaObjectKind } from '../../../engines/schema-object.ts';

/** Objects that run code from the backup, by themselves or when used, or that grant the rights of another user. */
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

/** Whether an object of this kind runs code, by itself or when used. */
export function executesCode(kind: SchemaObjectKind): boolean {
  return EXECUTING.has(kind);
}
