/** What was found about one thing that a check says. */
export interface Observation {
  readonly passed: boolean;
  /** In words, harmless to print. */
  readonly actual: string;
}
