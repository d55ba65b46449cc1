import type { CatalogTable } from '../../engines/catalog.ts';

/** A check as a drill file has it. */
export interface CheckDraft {
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface CountedTable {
  readonly table: CatalogTable;
  /** As a check names it. */
  readonly shown: string;
  readonly rows: number;
}
