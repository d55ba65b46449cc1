import type { CopiedTable } from './copied-tables.ts';

export type Cell = string | number | Uint8Array | null;
export type Row = readonly Cell[];

export interface CopyColumn {
  readonly name: string;
  /** As the database spells it: `text`, `bigint`, … */
  readonly type: string;
}

/**
 * One side of a copy: raw access to a store, on one connection. All reads from the source side MUST see the same snapshot. Parameters are written as `?`. Each
 * method throws the errors of the `Store`.
 */
export interface CopyDatabase extends AsyncDisposable {
  /** For people. */
  readonly label: string;
  /** Whether a text may contain the NUL character; otherwise its symbol is stored instead. */
  readonly storesNul: boolean;
  /** @returns the name for use in SQL. */
  table(name: string): string;
  columnsOf(table: string): Promise<readonly CopyColumn[]>;
  query(sql: string, values?: readonly Cell[]): Promise<readonly Row[]>;
  /** Starts a new snapshot for later reads. */
  refresh(): Promise<void>;
  /** @param isDurable false: a machine crash may undo it, together with everything after it. */
  transaction(isDurable: boolean, work: () => Promise<void>): Promise<void>;
  /** Within a transaction; includes rows that triggers would otherwise reject. */
  insert(table: CopiedTable, columns: readonly CopyColumn[], rows: readonly Row[]): Promise<void>;
  /** Makes sequence numbers of new rows continue after those of the copied rows. */
  finish(tables: readonly CopiedTable[]): Promise<void>;
}
