import type { DigestTable } from './fingerprint.ts';
import type { QueryResult } from './query-result.ts';

/** Damage done to a table, as a backup that lost or changed data would show it. */
export type Damage =
  | { readonly kind: 'empty' }
  /** This many rows are lost, anywhere in the table. */
  | { readonly kind: 'lose'; readonly rows: number }
  /** The column is NULL in every row. */
  | { readonly kind: 'null'; readonly column: string }
  /** Two rows have swapped their values in the column. */
  | { readonly kind: 'swap'; readonly column: string };

export interface DamagedTable {
  readonly table: DigestTable;
  /** Columns of the primary key; empty if it has none. */
  readonly key: readonly string[];
}

/** A session that damages a restored copy, in a transaction that no other session sees and that is always rolled back. */
export interface DamageSession extends AsyncDisposable {
  /**
   * Applies the damage to the undamaged table: any earlier damage is undone first.
   * @returns how many rows it changed. Throws what the server refuses.
   */
  damage(target: DamagedTable, damage: Damage): Promise<number>;
  undo(): Promise<void>;
  /** Like `CheckSession.query`, one at a time. Statements that would commit the damage are refused. */
  query(
    sql: string,
    options: { readonly timeoutMs: number; readonly maxRows: number; readonly signal: AbortSignal },
  ): Promise<QueryResult>;
}

/** The server's error for a statement that it refused. */
export interface Refusal {
  /** Five characters long. */
  readonly sqlState: string;
  /** Whether a constraint or a trigger refused it, rather than the state of the server. */
  readonly isByTable: boolean;
}

/**
 * @param error thrown by {@link DamageSession.damage}. @returns undefined for an error that did not come from the server. Class 23 is a constraint, class 45
 * and `P0001` an error raised by a trigger; MySQL has no class for its CHECK constraints (https://www.postgresql.org/docs/current/errcodes-appendix.html,
 * https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html).
 */
export function refusalOf(error: unknown): Refusal | undefined {
  const { sqlState: own, code, errno } = error as { sqlState?: unknown; code?: unknown; errno?: unknown };
  const sqlState = typeof own === 'string' ? own : code;
  if (typeof sqlState !== 'string' || !/^[0-9A-Z]{5}$/.test(sqlState) || !/\d/.test(sqlState)) return undefined;
  return { sqlState, isByTable: /^(?:23|45)|^P0001$/.test(sqlState) || errno === CHECK_VIOLATED };
}

const CHECK_VIOLATED = 3819;
