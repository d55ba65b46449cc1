import type { CatalogTable } from '../../../engines/catalog.ts';
import { DrillError } from '../../../support/errors.ts';
import { describeMissing, isSame, type TableNames } from '../../catalog/table-names.ts';

/** A rule as the drill contains it. */
export interface TableRule {
  /** A name, or a pattern. */
  readonly table: string;
  readonly minRows: number;
}

export interface ChosenTable {
  readonly table: CatalogTable;
  /** 0: the table may be empty. */
  readonly minRows: number;
}

/**
 * Finds the tables that the rules match. A table matched by several rules must meet the highest number.
 * @returns also what is missing: a name without a table, a pattern that matches none.
 */
export function chooseTables(
  rules: readonly TableRule[],
  expectedEmpty: readonly string[],
  names: TableNames,
): { readonly chosen: readonly ChosenTable[]; readonly problems: readonly string[] } {
  const empty = expectedEmpty.flatMap((text) => names.findAll(text));
  const wanted = new Map<CatalogTable, number>();
  const problems: string[] = [];
  for (const { table: text, minRows } of rules) {
    const tables = names.findAll(text);
    if (tables.length === 0) problems.push(describeMissing(text));
    for (const table of tables) wanted.set(table, Math.max(minRows, wanted.get(table) ?? 0));
  }
  const chosen = [...wanted].map(([table, minRows]) => {
    const mayBeEmpty = empty.some((one) => isSame(one, table));
    if (!mayBeEmpty && table.transient !== undefined) throw keepsNoRows(names.show(table), table.transient);
    return { table, minRows: mayBeEmpty ? 0 : minRows };
  });
  return { chosen, problems };
}

function keepsNoRows(table: string, engine: string): DrillError {
  return new DrillError('check-malformed', `${table} is a ${engine} table, which holds no rows after a restart`, {
    hint: 'Put it under `expectedEmpty`: the check then only asks that the table exists.',
  });
}
