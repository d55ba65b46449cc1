/** The result for one property that a check requires. */
export interface Observation {
  readonly passed: boolean;
  /** Human-readable, safe to print. */
  readonly actual: string;
}
