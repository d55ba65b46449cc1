export interface HeartbeatTable {
  readonly owner: string;
  readonly started_at: string;
  readonly beat_at: string;
  readonly stopped_at: string | null;
  readonly firedrill_version: string;
  /** null: of an earlier version. */
  readonly sandboxes: number | null;
  /** By the clock of the store; null: it has none of its own. */
  readonly seen_at: string | null;
  /** JSON of `EngineRecord`s; null: not known. */
  readonly engines: string | null;
}

export interface DaemonTable extends HeartbeatTable {
  /** 0 or 1. */
  readonly is_standby: number;
}

export interface RunnerTable extends HeartbeatTable {
  readonly pool: string;
}
