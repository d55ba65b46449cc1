export interface CopiedTable {
  readonly name: string;
  /** Columns that tell its rows apart, in the order in which they are copied. */
  readonly key: readonly string[];
  /** Its triggers let rows be added only while their run is in progress. */
  readonly isFrozen?: true;
  /** Its key is not shown. */
  readonly isSecret?: true;
}

/** What a store consists of: every table but those of {@link OWN_TABLES}. A table comes after those that it refers to. */
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

/** Tables about the store itself, and about runs in progress, of which a store that is copied has none. */
export const OWN_TABLES: readonly string[] = ['store_version', 'store_copy', 'live_run', 'run_command'];
