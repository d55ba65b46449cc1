import type { DigestTable } from './fingerprint.ts';
import type { QueryResult } from './query-result.ts';

/** What is done to a table, as a backup that lost or changed data would show it. */
export type Damage =
  | { readonly kind: 'empty' }
  /** So many rows are lost, anywhere in the table. */
  | { readonly kind: 'lose'; readonly rows: number }
  /** The column is NULL in every row. */
  | { readonly kind: 'null'; readonly column: string }
  /** Two rows have each other's value in the column. */
  | { readonly kind: 'swap'; readonly column: string };

export interface DamagedTable {
  readonly table: DigestTable;
  /** Columns of the primary key; empty: it has none. */
  readonly key: readonly string[];
}

/** A session that damages a restored copy, in a transaction that only it sees and that is always rolled back. */
export interface DamageSession extends AsyncDisposable {
  /**
   * Applies the damage on top of nothing else: an earlier one was undone.
   * @returns how many rows it changed. Throws what the server refuses.
   */
  damage(target: DamagedTable, damage: Damage): Promise<number>;
  undo(): Promise<void>;
  /** As `CheckSession.query`, one at a time. What would commit the damage is refused. */
  query(
    sql: string,
    options: { readonly timeoutMs: number; readonly maxRows: number; readonly signal: AbortSignal },
  ): Promise<QueryResult>;
}
