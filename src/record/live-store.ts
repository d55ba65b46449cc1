/** How a run in progress looks now, as the process that runs it shows it to others. */
export interface LiveSnapshot {
  readonly runId: string;
  readonly savedAt: Date;
  /** Until when the sandbox of a recorded run is kept; undefined: the run is in progress. */
  readonly keptUntil: Date | undefined;
  /** Plain data: texts, numbers, lists, objects and dates, which are read back as ISO 8601. */
  readonly view: unknown;
}

export interface StoredSnapshot extends LiveSnapshot {
  /** As `formatOwner` writes it: the process that runs it. */
  readonly owner: string;
}

/** What a user wants of a run in another process. */
export type RunCommand = CancelCommand | KeepCommand;

interface CancelCommand {
  readonly kind: 'cancel';
  readonly runId: string;
  /** As recorded: `alice (web)`. */
  readonly by: string;
  readonly at: Date;
}

interface KeepCommand extends Omit<CancelCommand, 'kind'> {
  readonly kind: 'keep';
  /** How long the sandbox is to be kept after the run. */
  readonly keepMs: number;
}

/**
 * - `accepted`: the process that runs it is told;
 * - `ended`: the run has ended, or is not known, and keeps no sandbox;
 * - `unfollowed`: it is in progress, but its process has never shown it here, so that it takes no commands either.
 */
export type CommandOutcome = 'accepted' | 'ended' | 'unfollowed';

/** The part of a store by which processes that share it follow and control the runs of one another. All of a run is deleted when it ends. */
export interface LiveStore {
  /** Replaces the snapshots of these runs. One of a run that has ended is left out, unless its sandbox is kept. */
  saveLive(snapshots: readonly LiveSnapshot[]): Promise<void>;
  /** Deletes the snapshots of runs whose sandbox is not kept any longer, and commands to them. */
  endLive(runIds: readonly string[]): Promise<void>;
  /** In the order of their runs' ids, without sandboxes that were kept until `now`. */
  findLive(now: Date): Promise<readonly StoredSnapshot[]>;
  /** Leaves the command for the process that runs it. A later one of the same kind replaces it. */
  commandRun(command: RunCommand): Promise<CommandOutcome>;
  /** Commands to these runs, the same until the run ends. */
  findCommands(runIds: readonly string[]): Promise<readonly RunCommand[]>;
}
