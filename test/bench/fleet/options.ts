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
  readonly say: (text: string) => void;
}
