/** Two ways to recover the same database, compared. */
export interface RaceResult {
  readonly drill: string;
  readonly against: string;
  /** The drill that recovers first; undefined: not known, or too close to call. */
  readonly first: string | undefined;
  /** Medians of the newest recoveries of both; undefined if there are none. */
  readonly recoveryTimeMs: number | undefined;
  readonly againstRecoveryTimeMs: number | undefined;
  /** The data size, as restored by the first drill, at which the other way becomes faster; undefined: not known. */
  readonly crossingBytes: number | undefined;
  /** Which one recovers first and by how much, and what happens as the data grows. Each is a sentence without its period. */
  readonly sentences: readonly [first: string, growth: string] | readonly [first: string];
}
