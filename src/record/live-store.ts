/** The current state of a run in progress, as published by the process that runs it. */
export interface LiveSnapshot {
  readonly runId: string;
  readonly savedAt: Date;
  /** When a recorded run's kept sandbox will be removed; undefined: the run is in progress. */
  readonly keptUntil: Date | undefined;
  /** Plain data: texts, numbers, lists, objects and dates, which are read back as ISO 8601 strings. */
  readonly view: unknown;
}

export interface StoredSnapshot extends LiveSnapshot {
  /** The process that runs it, as formatted by `formatOwner`. */
  readonly owner: string;
}

/** A user's command to a run in another process. */
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
  /** How long to keep the sandbox after the run. */
  readonly keepMs: number;
}

/**
 * - `accepted`: the process that runs it will receive the command;
 * - `ended`: the run has ended or is unknown, and has no kept sandbox;
 * - `unfollowed`: it is in progress, but its process never published it here, so it accepts no commands either.
 */
export type CommandOutcome = 'accepted' | 'ended' | 'unfollowed';

/** The part of a store through which processes that share it follow and control each other's runs. A run's data here is deleted when it ends. */
export interface LiveStore {
  /** Replaces the snapshots of these runs. Skips runs that have ended, unless their sandbox is kept. */
  saveLive(snapshots: readonly LiveSnapshot[]): Promise<void>;
  /** Deletes the snapshots of, and commands to, runs whose sandbox is no longer kept. */
  endLive(runIds: readonly string[]): Promise<void>;
  /** Ordered by run id, without sandboxes that expired by `now`. */
  findLive(now: Date): Promise<readonly StoredSnapshot[]>;
  /** Queues the command for the process that runs it. A later one of the same kind replaces it. */
  commandRun(command: RunCommand): Promise<CommandOutcome>;
  /** Commands to these runs; they remain until the run ends. */
  findCommands(runIds: readonly string[]): Promise<readonly RunCommand[]>;
}
