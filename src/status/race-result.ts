/** Two ways to recover the same database, compared. */
export interface RaceResult {
  readonly drill: string;
  readonly against: string;
  /** The drill that recovers first; undefined: not known, or too close to tell. */
  readonly first: string | undefined;
  /** Medians of the newest recoveries of both; undefined where there are none. */
  readonly recoveryTimeMs: number | undefined;
  readonly againstRecoveryTimeMs: number | undefined;
  /** The size of the data, as the first drill restores it, at which the other way becomes the faster one; undefined: none is known. */
  readonly crossingBytes: number | undefined;
  /** Which recovers first and by how much, then what happens as the data grows. Each is a sentence without its period. */
  readonly sentences: readonly [first: string, growth: string] | readonly [first: string];
}
