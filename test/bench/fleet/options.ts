/** How large the parts of the bench are. */
export interface FleetBenchOptions {
  /** Short runs, and runs that boot a server. */
  readonly runs: number;
  readonly restores: number;
  /** That are due at once. */
  readonly drills: number;
  /** Of each runner. */
  readonly sandboxes: number;
  readonly seed: number;
  /** How often each fault happens. */
  readonly rounds: number;
  /** How many runners there are, in turn. */
  readonly runners: readonly number[];
  /** Runs of each of these, and how many of them are queued one by one while every runner is idle. */
  readonly queued: number;
  readonly idle: number;
  /** How long each of these runs does nothing, in s: without it the CPU that all runners of the bench share is what limits them. */
  readonly waits: number;
  readonly say: (text: string) => void;
}
