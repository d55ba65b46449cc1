import { executesCode } from './executing-kinds.ts';
import type { SnapshotObject } from './schema-snapshot.ts';

export interface SchemaChange {
  readonly type: 'lost' | 'changed' | 'new';
  /** The object as it is now; if it was lost, as it was. */
  readonly object: SnapshotObject;
  /** If it changed: the object as it was. */
  readonly before: SnapshotObject | undefined;
  /** Number of columns, indexes and other parts that appeared or disappeared with their table. */
  readonly parts: number;
}

/** Compares two schemas: lost objects come first, then changed and new ones. Parts of a lost or new table are counted with it. */
export function compareSchemas(
  before: readonly SnapshotObject[],
  after: readonly SnapshotObject[],
): readonly SchemaChange[] {
  const then = byKey(before);
  const now = byKey(after);
  const lost = before.filter((object) => !now.has(keyOf(object)));
  const found = after.filter((object) => !then.has(keyOf(object)));
  const changed = after.flatMap((object): readonly SchemaChange[] => {
    const was = then.get(keyOf(object));
    const isSame = !was || (was.definition === object.definition && was.bodyHash === object.bodyHash);
    return isSame ? [] : [{ type: 'changed', object, before: was, parts: 0 }];
  });
  return [...withParts('lost', lost), ...changed, ...withParts('new', found)];
}

/** New and changed code: what would run after a recovery but did not run before. */
export function newCode(changes: readonly SchemaChange[]): readonly SchemaChange[] {
  return changes.filter(({ type, object }) => type !== 'lost' && executesCode(object.kind));
}

/** `+ column public.orders.note: text`, `- index public.orders_at`, `~ column public.orders.total: numeric(10,2) → numeric(12,2)`. */
export function describeChange({ type, object, before, parts }: SchemaChange): string {
  const sign = { lost: '-', changed: '~', new: '+' }[type];
  const name = `${sign} ${object.kind} ${object.name}`;
  if (before) return `${name}: ${describeDifference(before, object)}`;
  const more = parts > 0 ? ` (with ${parts} ${parts === 1 ? 'part' : 'parts'})` : '';
  return `${name}${type === 'lost' || object.definition === '' ? '' : `: ${object.definition}`}${more}`;
}

function describeDifference(before: SnapshotObject, after: SnapshotObject): string {
  if (before.definition === after.definition) return 'its code changed';
  const also = before.bodyHash === after.bodyHash ? '' : ', and its code changed';
  return `${before.definition || 'nothing'} → ${after.definition || 'nothing'}${also}`;
}

/** Code is always reported separately, even for a lost or new table. */
function withParts(type: 'lost' | 'new', objects: readonly SnapshotObject[]): readonly SchemaChange[] {
  const tables = new Set(objects.filter(isWhole).map(({ name }) => name));
  const isPart = (object: SnapshotObject) =>
    object.table !== undefined && tables.has(object.table) && !executesCode(object.kind);
  const parts = Map.groupBy(objects.filter(isPart), ({ table }) => table);
  return objects
    .filter((object) => !isPart(object))
    .map((object) => {
      const count = isWhole(object) ? (parts.get(object.name)?.length ?? 0) : 0;
      return { type, object, before: undefined, parts: count };
    });
}

function isWhole({ kind, table }: SnapshotObject): boolean {
  return table === undefined && (kind === 'table' || kind === 'foreign table' || kind === 'materialized view');
}

function byKey(objects: readonly SnapshotObject[]): ReadonlyMap<string, SnapshotObject> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}

/** Names that contain dots can be ambiguous, so the table is part of the key. */
function keyOf({ kind, table, name }: SnapshotObject): string {
  return JSON.stringify([kind, table, name]);
}
