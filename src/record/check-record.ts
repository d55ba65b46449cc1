export interface CheckRecord {
  readonly name: string;
  readonly passed: boolean;
  /** In words: `at least 599`. */
  readonly expected: string;
  /** In words, without row data unless the expectation names it: `598`, `no row`. */
  readonly actual: string;
  readonly durationMs: number;
  /** More about what was found, a line each. */
  readonly details?: readonly string[];
  /** Numbers that later runs of the check are compared with. */
  readonly measured?: Measured;
}

/** JSON, of a shape that the kind of check knows. Whole numbers beyond 2^53 are text. */
export interface Measured {
  readonly [name: string]: MeasuredValue;
}

export type MeasuredValue = string | number | boolean | null | readonly MeasuredValue[] | Measured;

/** Which results of a check to find. */
export interface PastCheckFilter {
  readonly drill: string;
  /** The check's name. */
  readonly check: string;
  /** Only of backups that were not taken later. */
  readonly takenUntil: Date;
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
