import type { RowChange } from './catalog-pages.ts';
import { FIRST_NORMAL_OID, isSystemSchema, type Relation } from './catalog-rows.ts';

/** What one transaction did to a row of pg_class. */
export interface RelationChange {
  readonly kind: RowChange['kind'];
  readonly database: number;
  readonly before: Relation | undefined;
  readonly after: Relation | undefined;
}

/** A table, and the database that it is in. */
export interface ChangedTable {
  readonly database: number;
  readonly relation: Relation;
}

/** The heap that VACUUM FULL, CLUSTER and a rewriting ALTER TABLE fill, and drop after swapping it with the table's. */
const TRANSIENT = /^pg_temp_\d+$/;

/** @returns tables that the transaction dropped. Excludes temporary ones, and those that it created itself: nothing in them is lost. */
export function findDroppedTables(changes: readonly RelationChange[]): readonly ChangedTable[] {
  const made = madeIn(changes);
  return changes.flatMap(({ kind, database, before }) => {
    const isTable = before !== undefined && 'rp'.includes(before.kind) && isKept(before);
    return kind === 'delete' && isTable && !made.has(`${database}/${before.oid}`) && !TRANSIENT.test(before.name)
      ? [{ database, relation: before }]
      : [];
  });
}

/**
 * @param dropped files removed by the commit, as `database/filenode`.
 * @returns tables that got a new file and lost the old one. VACUUM FULL and the like hand the old one to a heap that they drop; a move to another tablespace
 * changes the tablespace in the row.
 */
export function findTruncatedTables(
  changes: readonly RelationChange[],
  dropped: ReadonlySet<string>,
): readonly ChangedTable[] {
  const made = madeIn(changes);
  const found = new Map<string, ChangedTable>();
  for (const { kind, database, before, after } of changes) {
    if (kind !== 'update' || !before || !after || before.filenode === after.filenode || before.filenode === 0) continue;
    const isTable = before.kind === 'r' && isKept(before) && before.tablespace === after.tablespace;
    const wentAway = dropped.has(`${database}/${before.filenode}`);
    const wasSwapped = changes.some(
      (other) =>
        other.database === database && other.after?.filenode === before.filenode && other.after.oid !== before.oid,
    );
    const key = `${database}/${before.oid}`;
    if (isTable && wentAway && !wasSwapped && !made.has(key) && !found.has(key))
      found.set(key, { database, relation: before });
  }
  return [...found.values()];
}

function isKept({ persistence, schemaOid, oid }: Relation): boolean {
  return persistence !== 't' && !isSystemSchema(schemaOid) && oid >= FIRST_NORMAL_OID;
}

function madeIn(changes: readonly RelationChange[]): ReadonlySet<string> {
  return new Set(
    changes.flatMap(({ kind, database, after }) => (kind === 'insert' && after ? [`${database}/${after.oid}`] : [])),
  );
}
