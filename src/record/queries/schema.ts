import type { Generated, Insertable, Selectable } from 'kysely';
import type { ErrorCode } from '../../support/errors.ts';
import type {
  IdentityName,
  PhaseName,
  Reason,
  RunEnding,
  RunStatus,
  SkipKind,
  StageName,
  StandingState,
  TriggerKind,
  Verdict,
} from '../../support/vocabulary.ts';
import type { DeliveryRecord } from '../notification-store.ts';
import type { StageOutcome } from '../run-record.ts';
import type { LogLine } from '../store.ts';
import type { LiveRunTable, RunCommandTable } from './live-tables.ts';
import type {
  AcceptanceTable,
  AccessSessionTable,
  AccessTokenTable,
  AcknowledgementTable,
  SilenceTable,
} from './people-tables.ts';
import type { DaemonTable, RunnerTable } from './process-tables.ts';
import type { RequestHourTable, RequestTable } from './request-tables.ts';

/** The tables as of the newest migration. Instants are ISO 8601 in UTC: they sort as text, and auditors can read them with any tool. */
export interface Schema {
  readonly drill: { readonly name: string };
  readonly definition: { readonly id: Generated<number>; readonly sha256: string; readonly json: string };
  readonly run: RunTable;
  readonly reason: ReasonTable;
  readonly stage: StageTable;
  readonly phase: PhaseTable;
  readonly check_result: CheckResultTable;
  readonly log_line: LogLineTable;
  readonly run_count: RunCountTable;
  readonly drill_state: DrillStateTable;
  readonly drill_schedule: DrillScheduleTable;
  readonly skip: SkipTable;
  readonly daemon: DaemonTable;
  readonly runner: RunnerTable;
  readonly live_run: LiveRunTable;
  readonly run_command: RunCommandTable;
  readonly alert: AlertTable;
  readonly delivery: DeliveryTable;
  readonly snapshot: SnapshotTable;
  readonly acceptance: AcceptanceTable;
  readonly acknowledgement: AcknowledgementTable;
  readonly silence: SilenceTable;
  readonly discovery: DiscoveryTable;
  readonly discovery_progress: DiscoveryProgressTable;
  readonly request_hour: RequestHourTable;
  readonly request: RequestTable;
  readonly access_token: AccessTokenTable;
  readonly access_session: AccessSessionTable;
}

export interface RunTable {
  readonly id: string;
  readonly drill: string;
  readonly drill_file: string;
  readonly definition_hash: string;
  readonly definition_id: number;
  readonly triggered_by: string;
  readonly trigger_kind: TriggerKind;
  readonly due_at: string | null;
  readonly attempt: number;
  readonly race_of: string | null;
  readonly owner: string | null;
  readonly tier: number | null;
  readonly status: RunStatus;
  readonly verdict: Verdict | null;
  /** JSON: texts. */
  readonly warnings: string;
  readonly error_code: ErrorCode | null;
  readonly error_stage: StageName | null;
  readonly error_message: string | null;
  readonly error_hint: string | null;
  /** JSON: texts. */
  readonly error_details: string | null;
  readonly ended_by: RunEnding | null;
  readonly canceled_by: string | null;
  readonly retryable: number | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly rto_ms: number;
  readonly rpo_ms: number | null;
  readonly warn_at_ratio: number;
  /** JSON: stage names. */
  readonly counted_stages: string;
  readonly deadline_ms: number;
  readonly recovery_time_ms: number | null;
  readonly data_loss_ms: number | null;
  readonly identity_name: IdentityName | null;
  /** JSON: texts. Set if and only if there is a name. */
  readonly identity_keys: string | null;
  readonly identity_principal: string | null;
  /** Set if and only if a backup was chosen. */
  readonly backup_key: string | null;
  readonly backup_source: string | null;
  readonly backup_size_bytes: number | null;
  readonly backup_taken_at: string | null;
  readonly backup_etag: string | null;
  readonly backup_format: string | null;
  readonly backup_server_version: string | null;
  readonly backup_dumped_by: string | null;
  readonly backup_selection: string | null;
  readonly backup_newest_taken_at: string | null;
  /** JSON, with instants in ISO 8601. */
  readonly protection: string | null;
  /** JSON */
  readonly proof: string | null;
  /** JSON, with instants in ISO 8601. */
  readonly replay: string | null;
  /** JSON. */
  readonly reading: string | null;
  /** Set if and only if there was a sandbox. */
  readonly sandbox_runtime: string | null;
  readonly container_engine: string | null;
  readonly sandbox_image: string | null;
  readonly sandbox_image_id: string | null;
  readonly sandbox_isolation: string | null;
  readonly sandbox_server_version: string | null;
  readonly sandbox_removed: number | null;
  readonly sandbox_kept: number | null;
  readonly sandbox_data_bytes: number | null;
  readonly restore_error_count: number;
  /** JSON: texts. */
  readonly restore_errors: string;
  /** JSON: texts; null: recorded by an earlier version. */
  readonly reads_from: string | null;
  /** Expected cost while in progress; null: unknown. In `cost_currency`, an ISO 4217 code. */
  readonly cost: number | null;
  readonly cost_currency: string | null;
  readonly lease_owner: string;
  readonly lease_expires_at: string;
  readonly lease_beat_ms: number | null;
  readonly firedrill_version: string;
}

/** Parts of a run are numbered from 0, in order. */
interface PartTable {
  readonly run_id: string;
  readonly position: number;
}

export interface ReasonTable extends PartTable {
  readonly reason: Reason;
  readonly sentence: string;
  readonly hint: string | null;
}

export interface StageTable extends PartTable {
  readonly name: StageName;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly outcome: StageOutcome;
}

/** A step within the stage at that position. */
export interface PhaseTable extends PartTable {
  readonly stage_position: number;
  readonly name: PhaseName;
  /** null: of an earlier version. */
  readonly started_at: string | null;
  readonly duration_ms: number;
  readonly bytes: number | null;
}

export interface CheckResultTable extends PartTable {
  readonly name: string;
  readonly passed: number;
  readonly expected: string;
  readonly actual: string;
  readonly duration_ms: number;
  /** JSON: texts; null: none. */
  readonly details: string | null;
  /** JSON. */
  readonly measured: string | null;
  /** null: the check compares with nothing, or recorded by an earlier version. */
  readonly question: string | null;
}

export interface LogLineTable extends PartTable {
  readonly at: string;
  readonly level: LogLine['level'];
  readonly message: string;
}

/** How many runs ended this way; one row per reason. */
export interface RunCountTable {
  readonly drill: string;
  readonly outcome: string;
  readonly reason: string;
  readonly count: number;
}

export interface DrillStateTable {
  readonly drill: string;
  readonly version: number;
  readonly schedule_hash: string | null;
  readonly scheduled_since: string | null;
  readonly handled_until: string | null;
  /** These five columns are set together or not at all. */
  readonly newest_backup_key: string | null;
  readonly newest_backup_identity: string | null;
  readonly newest_backup_taken_at: string | null;
  readonly newest_backup_size_bytes: number | null;
  readonly newest_backup_seen_at: string | null;
  /** null: at `newest_backup_seen_at`. */
  readonly newest_backup_first_seen_at: string | null;
  readonly handled_backup: string | null;
  readonly look_error: string | null;
  readonly look_error_code: ErrorCode | null;
  readonly waits_for: string | null;
}

export interface DrillScheduleTable {
  readonly drill: string;
  readonly since: string;
  readonly known_until: string | null;
  readonly cron: string | null;
  readonly timezone: string | null;
  readonly on_new_backup: number;
}

export interface SkipTable {
  readonly id: Generated<number>;
  readonly drill: string;
  readonly kind: SkipKind;
  readonly reason: string;
  readonly count: number;
  readonly first_at: string;
  readonly last_at: string;
  readonly recorded_at: string;
}

export interface AlertTable {
  readonly subject: string;
  readonly version: number;
  readonly state: StandingState;
  readonly fingerprint: string;
  readonly since: string;
  readonly told_at: string;
  /** JSON: names. */
  readonly told_channels: string;
  readonly run_id: string | null;
}

export interface DeliveryTable {
  /** Insertion order. */
  readonly position: Generated<number>;
  readonly id: string;
  readonly key: string;
  readonly channel: string;
  readonly subject: string;
  readonly notice: string;
  readonly created_at: string;
  readonly status: DeliveryRecord['status'];
  readonly attempts: number;
  readonly next_attempt_at: string;
  readonly error: string | null;
  readonly ended_at: string | null;
}

/** Long texts, compressed. */
export interface SnapshotTable {
  /** Hash of the text, in hex. */
  readonly sha256: string;
  readonly body: Uint8Array;
}

/** At most one row. */
export interface DiscoveryTable {
  readonly id: number;
  readonly ended_at: string;
  readonly json: string;
}

export interface DiscoveryProgressTable {
  readonly place: string;
  readonly saved_at: string;
  /** JSON, compressed. */
  readonly body: Uint8Array;
}

export type RunRow = Selectable<RunTable>;
export type NewRunRow = Insertable<RunTable>;
