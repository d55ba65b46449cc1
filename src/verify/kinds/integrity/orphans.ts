import type { Catalog, ForeignKeyColumn } from '../../../engines/catalog.ts';
import { askNumber, type LookContext } from './look.ts';

/** A reference between two tables, declared or not. */
export interface Reference {
  /** SQL for the referencing rows. */
  readonly from: string;
  /** SQL for the rows that may be referenced. */
  readonly to: string;
  readonly columns: readonly ForeignKeyColumn[];
  /** Whether a row with only some of its columns null is an error (MATCH FULL). */
  readonly isMatchFull: boolean;
}

/** Number of rows without a referenced row. A null references nothing (SQL:2016, 4.20 "Referential constraints"). */
export async function countOrphans(reference: Reference, context: LookContext): Promise<bigint> {
  return (await askNumber(context, orphanQuery(reference, context.catalog))) ?? 0n;
}

function orphanQuery({ from, to, columns, isMatchFull }: Reference, { quote }: Pick<Catalog, 'quote'>): string {
  const filled = columns.map(({ column }) => `c.${quote(column)} IS NOT NULL`).join(isMatchFull ? ' OR ' : ' AND ');
  const pairs = columns.map(
    ({ column, references: parent, operator, collate }) =>
      `p.${quote(parent)} ${operator} c.${quote(column)}${collate}`,
  );
  const parents = `SELECT 1 FROM ${to} p WHERE ${pairs.join(' AND ')}`;
  return `SELECT COUNT(*) FROM ${from} c WHERE (${filled}) AND NOT EXISTS (${parents})`;
}
