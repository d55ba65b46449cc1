import { createHash } from 'node:crypto';
import type { SchemaObject, SchemaObjectKind } from '../../../engines/schema-object.ts';

/** An object as a snapshot stores it. */
export interface SnapshotObject extends Omit<SchemaObject, 'body'> {
  /** Hash of its code; undefined: it has none. */
  readonly bodyHash: string | undefined;
}

type Line = readonly [
  kind: SchemaObjectKind,
  name: string,
  table: string | null,
  definition: string,
  bodyHash: string | null,
];

/** Longer definitions are truncated, and distinguished by their hash. */
const MAX_DEFINITION = 300;

/** @returns one line of JSON per object, sorted: equal texts mean equal schemas. Code is included only as a hash. */
export function writeSnapshot(objects: readonly SchemaObject[]): string {
  const lines = objects.map(({ kind, name, table, definition, body }) => {
    const line: Line = [kind, name, table ?? null, shorten(definition), body === undefined ? null : hash(body)];
    return JSON.stringify(line);
  });
  return lines.toSorted(inOrder).join('\n');
}

export function readSnapshot(text: string): readonly SnapshotObject[] {
  if (text === '') return [];
  return text.split('\n').map((line) => {
    const [kind, name, table, definition, bodyHash] = JSON.parse(line) as Line;
    return { kind, name, table: table ?? undefined, definition, bodyHash: bodyHash ?? undefined };
  });
}

function shorten(definition: string): string {
  if (definition.length <= MAX_DEFINITION) return definition;
  return `${definition.slice(0, MAX_DEFINITION)}… (${hash(definition)})`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Compares code units, so that the order is the same everywhere. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
