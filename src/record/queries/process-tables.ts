export interface HeartbeatTable {
  readonly owner: string;
  readonly started_at: string;
  readonly beat_at: string;
  readonly stopped_at: string | null;
  readonly firedrill_version: string;
  /** null: recorded by an earlier version. */
  readonly sandboxes: number | null;
  /** By the store's clock; null: the store has none of its own. */
  readonly seen_at: string | null;
  /** JSON of `EngineRecord`s; null: unknown. */
  readonly engines: string | null;
}

export interface DaemonTable extends HeartbeatTable {
  /** 0 or 1. */
  readonly is_standby: number;
}

export interface RunnerTable extends HeartbeatTable {
  readonly pool: string;
}
