import type { CopiedTable } from './copied-tables.ts';

export type Cell = string | number | Uint8Array | null;
export type Row = readonly Cell[];

export interface CopyColumn {
  readonly name: string;
  /** As the database writes it: `text`, `bigint`, … */
  readonly type: string;
}

/**
 * One side of a copy: a store below its queries, on one connection. Reads of the side that is copied from MUST all see the same snapshot. Parameters are
 * written `?`. Each method throws the errors of the `Store`.
 */
export interface CopyDatabase extends AsyncDisposable {
  /** For people. */
  readonly label: string;
  /** Whether a text may hold the character 0, which is stored as its symbol otherwise. */
  readonly storesNul: boolean;
  /** @returns the name for use in SQL. */
  table(name: string): string;
  columnsOf(table: string): Promise<readonly CopyColumn[]>;
  query(sql: string, values?: readonly Cell[]): Promise<readonly Row[]>;
  /** Goes on with reads that see what is stored by now. */
  refresh(): Promise<void>;
  /** @param isDurable false: a crash of the machine may take it back, with all that came after it. */
  transaction(isDurable: boolean, work: () => Promise<void>): Promise<void>;
  /** Within a transaction; also rows that triggers refuse to everybody else. */
  insert(table: CopiedTable, columns: readonly CopyColumn[], rows: readonly Row[]): Promise<void>;
  /** Makes numbers of new rows go on after those of the copied ones. */
  finish(tables: readonly CopiedTable[]): Promise<void>;
}
