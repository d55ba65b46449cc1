/** A restored server that answers its own commands, read-only: an unprivileged session that can read everything and change nothing. */
export interface CommandAccess {
  /**
   * Sends one command and returns its answer as text.
   * @throws DrillError `check-malformed` for a command that the server does not know or that would write, `wrong-data` if it ran into damaged data,
   * `server-failed` if the server went away, or the signal's reason.
   */
  run(command: readonly string[], options: CommandOptions): Promise<CommandAnswer>;
}

export interface CommandOptions {
  /** Name or number of the database, as the product writes it: `0`. Default: the product's first. */
  readonly database?: string | undefined;
  /** Limit on the returned answer; if it was cut, the answer states so. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface CommandAnswer {
  /** A list has one item per line. */
  readonly text: string;
  readonly truncated: boolean;
}
