export interface CheckRecord {
  readonly name: string;
  readonly passed: boolean;
  /** Human-readable: `at least 599`. */
  readonly expected: string;
  /** Human-readable, without row data unless the expectation names it: `598`, `no row`. */
  readonly actual: string;
  readonly durationMs: number;
  /** Further details of the result, one line each. */
  readonly details?: readonly string[];
  /** Numbers that later runs of the check are compared with. */
  readonly measured?: Measured;
  /** Hash of the query: results with the same hash are comparable, even if their checks have different names. Absent in runs of earlier versions. */
  readonly question?: string;
}

/** JSON in a shape specific to the check kind. Integers beyond 2^53 are strings. */
export interface Measured {
  readonly [name: string]: MeasuredValue;
}

export type MeasuredValue = string | number | boolean | null | readonly MeasuredValue[] | Measured;

/** Selects results of a check. */
export interface PastCheckFilter {
  readonly drill: string;
  /** The check's name; its own result comes first if a run has two. */
  readonly check: string;
  /** Selects results with this hash under any check name, and results without a hash under the check's name; undefined: all results under the check's name. */
  readonly question: string | undefined;
  /** Only results of backups taken at this time or earlier. */
  readonly takenUntil: Date;
  /** Only results after this one, in result order. */
  readonly after?: Pick<PastCheck, 'takenAt' | 'startedAt' | 'runId'> | undefined;
  readonly limit: number;
}

/** A check's result in an earlier run. */
export interface PastCheck {
  readonly runId: string;
  readonly startedAt: Date;
  /** When the backup of that run was taken. */
  readonly takenAt: Date;
  readonly record: CheckRecord;
}
