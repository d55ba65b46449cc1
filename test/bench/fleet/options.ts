/** The sizes of the parts of the bench. */
export interface FleetBenchOptions {
  /** Short runs, and runs that boot a server. */
  readonly runs: number;
  readonly restores: number;
  /** Drills that are due at once. */
  readonly drills: number;
  /** For each runner. */
  readonly sandboxes: number;
  readonly seed: number;
  /** How often each fault happens. */
  readonly rounds: number;
  /** Numbers of runners, in turn. */
  readonly runners: readonly number[];
  /** Runs of each of these, and how many of them are queued one by one while every runner is idle. */
  readonly queued: number;
  readonly idle: number;
  /** How long each of these runs does nothing, in s: without this, the CPU shared by all runners of the bench would be the limit. */
  readonly waits: number;
  readonly say: (text: string) => void;
}
