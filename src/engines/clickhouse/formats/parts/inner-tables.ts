import { randomUUID } from 'node:crypto';
import { isAtLeast } from '../../../../support/versions.ts';
import { tableId } from '../../table-id.ts';
import type { PartedTable } from './parted-table.ts';

/** The oldest version whose tables have ids. */
const WITH_IDS = '20.10';

/**
 * A materialized view without a target stores its rows in a table that is created with it, and is named after the view or its id. So the view is given that id,
 * and the table the name that it will have.
 */
export function nameInnerTables(tables: readonly PartedTable[], version: string): readonly PartedTable[] {
  if (!isAtLeast(version, WITH_IDS))
    return tables.map((table) => (INNER.test(table.table) ? { ...table, inner: true } : table));
  const named = tables.map((table) =>
    table.definition.kind === 'view' ? { ...table, uuid: table.definition.uuid ?? randomUUID() } : table,
  );
  const idOf = new Map(named.map((one) => [tableId(one), one.uuid]));
  return named.map((one) => {
    const [, isById, rest = ''] = INNER.exec(one.table) ?? [];
    if (rest === '') return one;
    const id = isById ? rest : idOf.get(tableId({ database: one.database, table: rest }));
    return id === undefined ? one : { ...one, table: `.inner_id.${id}`, inner: true };
  });
}

const INNER = /^\.inner(_id)?\.(.+)$/s;

/** The table in which a materialized view stores its rows. */
export function innerOf(
  { database, table, uuid }: PartedTable,
  tables: readonly PartedTable[],
): PartedTable | undefined {
  return tables.find(
    (one) =>
      one.inner && one.database === database && (one.table === `.inner_id.${uuid}` || one.table === `.inner.${table}`),
  );
}
