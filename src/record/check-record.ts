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
  /** What was asked, as a hash: results with the same are comparable, whatever their checks are called. Missing in runs of earlier versions. */
  readonly question?: string;
}

/** JSON, of a shape that the kind of check knows. Whole numbers beyond 2^53 are text. */
export interface Measured {
  readonly [name: string]: MeasuredValue;
}

export type MeasuredValue = string | number | boolean | null | readonly MeasuredValue[] | Measured;

/** Which results of a check to find. */
export interface PastCheckFilter {
  readonly drill: string;
  /** The check's name: of two results in one run, its own comes first. */
  readonly check: string;
  /** Results that answer it, whatever their check is called, and those of the check's name that do not say; undefined: all of the check's name. */
  readonly question: string | undefined;
  /** Only of backups that were not taken later. */
  readonly takenUntil: Date;
  /** Only results after this one in the order in which they are found. */
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
