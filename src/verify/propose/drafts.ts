import type { CatalogTable } from '../../engines/catalog.ts';

/** A check as text for a drill file. */
export interface CheckDraft {
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface CountedTable {
  readonly table: CatalogTable;
  /** The name that a check uses for it. */
  readonly shown: string;
  readonly rows: number;
}
