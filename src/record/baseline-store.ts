/** That a person says a run's data is as it should be, so that later runs are compared with it. */
export interface Acceptance {
  readonly runId: string;
  readonly at: Date;
  /** Who: `alice`. */
  readonly by: string;
  readonly reason: string;
  /** The change comes again, such as a weekly purge: runs before it go on to count, so that later changes of its size pass. */
  readonly recurring: boolean;
}

/** What later runs are compared with. */
export interface BaselineStore {
  /**
   * Keeps a text that is too long for a check's record, once however many runs have it.
   * @returns its id, for `getSnapshot`.
   */
  keepSnapshot(text: string): Promise<string>;
  /** @returns undefined when there is none. */
  getSnapshot(id: string): Promise<string | undefined>;
  /**
   * Lets later runs be compared with this run, whatever its verdict, and no longer with runs of older backups unless its change recurs. The run stays
   * as it is recorded.
   * Throws `run-not-found` for an unknown run, and `usage` when it has been accepted before.
   */
  accept(acceptance: Acceptance): Promise<void>;
}
