export interface CopiedTable {
  readonly name: string;
  /** Columns that identify its rows, in copy order. */
  readonly key: readonly string[];
  /** Whether its triggers allow new rows only while their run is in progress. */
  readonly isFrozen?: true;
  /** Whether its key must not be shown. */
  readonly isSecret?: true;
}

/** The tables of a store, except {@link OWN_TABLES}. A table comes after those that it references. */
export const COPIED_TABLES: readonly CopiedTable[] = [
  { name: 'drill', key: ['name'] },
  { name: 'definition', key: ['id'] },
  { name: 'run', key: ['id'] },
  { name: 'reason', key: ['run_id', 'position'], isFrozen: true },
  { name: 'stage', key: ['run_id', 'position'], isFrozen: true },
  { name: 'phase', key: ['run_id', 'stage_position', 'position'], isFrozen: true },
  { name: 'check_result', key: ['run_id', 'position'], isFrozen: true },
  { name: 'log_line', key: ['run_id', 'position'] },
  { name: 'acceptance', key: ['run_id'] },
  { name: 'snapshot', key: ['sha256'] },
  { name: 'fact_drill', key: ['id'] },
  { name: 'fact_context', key: ['id'] },
  { name: 'fact_environment', key: ['id'] },
  { name: 'fact_error', key: ['id'] },
  { name: 'run_fact', key: ['drill_id', 'started_ms', 'seq'] }, // as reports read them, so that those of a drill lie together
  { name: 'run_count', key: ['drill', 'outcome', 'reason'] },
  { name: 'drill_state', key: ['drill'] },
  { name: 'drill_schedule', key: ['drill', 'since'] },
  { name: 'skip', key: ['id'] },
  { name: 'daemon', key: ['owner'] },
  { name: 'runner', key: ['owner'] },
  { name: 'alert', key: ['subject'] },
  { name: 'delivery', key: ['position'] },
  { name: 'acknowledgement', key: ['id'] },
  { name: 'silence', key: ['id'] },
  { name: 'discovery', key: ['id'] },
  { name: 'discovery_progress', key: ['place'] },
  { name: 'request_hour', key: ['hour_at', 'endpoint', 'operation'] },
  { name: 'request', key: ['id'] },
  { name: 'access_token', key: ['id'] },
  { name: 'access_session', key: ['hash'], isSecret: true },
];

/** Tables about the store itself, and about runs in progress, which a store being copied cannot have. */
export const OWN_TABLES: readonly string[] = ['store_version', 'store_copy', 'live_run', 'run_command'];
