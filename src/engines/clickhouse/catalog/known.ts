import type { AskCatalog } from '../../catalog.ts';
import { readCatalogRows } from '../../server/catalog-cells.ts';

/** What the catalog of this version contains. */
export interface Known {
  /** `tables.uuid`: columns of tables in the database `system`. */
  readonly columns: ReadonlySet<string>;
  readonly hasPlans: boolean;
}

export async function readKnown(ask: AskCatalog): Promise<Known> {
  const rows = await readCatalogRows(
    ask,
    'columns',
    `SELECT concat(table, '.', name), version() FROM system.columns WHERE database = 'system'
        AND table IN ('tables', 'columns', 'data_skipping_indices', 'projections', 'functions')`,
  );
  const [major = 0, minor = 0] = (rows[0]?.text(1) ?? '').split('.').map(Number);
  return { columns: new Set(rows.map((row) => row.text(0))), hasPlans: major > 20 || (major === 20 && minor >= 6) };
}
