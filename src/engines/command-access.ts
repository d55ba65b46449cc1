/** A restored server that answers commands of its own, read-only: an unprivileged session that can read everything and change nothing. */
export interface CommandAccess {
  /**
   * Sends one command, and gives its answer as text.
   * @throws DrillError `check-malformed` for a command that the server does not know or that would write, `wrong-data` where it ran into damaged
   * data, `server-failed` when the server went away, or the signal's reason.
   */
  run(command: readonly string[], options: CommandOptions): Promise<CommandAnswer>;
}

export interface CommandOptions {
  /** As the product names it: `0`. Default: its first. */
  readonly database?: string | undefined;
  /** More than this is not kept; the answer says so. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface CommandAnswer {
  /** A list is one item a line. */
  readonly text: string;
  readonly truncated: boolean;
}
