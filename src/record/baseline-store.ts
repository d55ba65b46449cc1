/** A user's confirmation that a run's data is correct, so that later runs are compared with it. */
export interface Acceptance {
  readonly runId: string;
  readonly at: Date;
  /** Who: `alice`. */
  readonly by: string;
  readonly reason: string;
  /** Whether the change recurs, like a weekly purge: earlier runs remain in the comparison, so that later changes of that size pass. */
  readonly recurring: boolean;
}

/** The data that later runs are compared with. */
export interface BaselineStore {
  /**
   * Stores a text that is too long for a check's record, once no matter how many runs share it.
   * @returns its id, for `getSnapshot`.
   */
  keepSnapshot(text: string): Promise<string>;
  /** @returns undefined if there is none. */
  getSnapshot(id: string): Promise<string | undefined>;
  /**
   * Makes later runs compare with this run, whatever its verdict, and no longer with runs of older backups unless the change recurs. The run's own record is
   * unchanged. Throws `run-not-found` for an unknown run, and `usage` if it was already accepted.
   */
  accept(acceptance: Acceptance): Promise<void>;
}
