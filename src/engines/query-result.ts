/** A value exactly as the server sent it: numbers that JavaScript cannot represent stay text. */
export type Cell = string | number | bigint | boolean | Date | null;

export interface QueryResult {
  readonly columns: readonly string[];
  /** At most `maxRows` of them. */
  readonly rows: readonly (readonly Cell[])[];
  readonly truncated: boolean;
  /** How long the server took to answer, without the session's own statements around the query; undefined if not measured. */
  readonly tookMs?: number;
  /** Reasons to doubt the result; each follows the check's name: `may use public.count(integer) …`. */
  readonly warnings?: readonly string[];
}
