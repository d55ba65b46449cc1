import type { StageName } from '../../support/vocabulary.ts';
import type { CheckRecord, Measured } from '../check-record.ts';
import type {
  AcceptanceRecord,
  BackupRecord,
  ErrorRecord,
  IdentityRecord,
  ProofRecord,
  ProtectionRecord,
  RunRecord,
  StageRecord,
  Trigger,
} from '../run-record.ts';
import { readReading, readReplay, replayColumn } from './json-columns.ts';
import { leaseColumns, readLease } from './lease-columns.ts';
import type { AcceptanceTable } from './people-tables.ts';
import { readSandbox, sandboxColumns } from './sandbox-columns.ts';
import type { CheckResultTable, NewRunRow, PhaseTable, ReasonTable, RunRow, StageTable } from './schema.ts';
import { runCostColumns } from './spending.ts';

/** The parts of a run that are in tables other than `run`. */
export interface RunParts {
  readonly definition: string;
  readonly reasons: readonly ReasonTable[];
  readonly stages: readonly StageTable[];
  readonly phases: readonly PhaseTable[];
  readonly checks: readonly CheckResultTable[];
  readonly acceptance: AcceptanceTable | undefined;
}

export function toRunRow(run: RunRecord, definitionId: number): NewRunRow {
  return {
    id: run.id,
    drill: run.drill,
    drill_file: run.drillFile,
    definition_hash: run.definitionHash,
    definition_id: definitionId,
    triggered_by: run.triggeredBy,
    trigger_kind: run.trigger.kind,
    due_at: run.trigger.dueAt?.toISOString() ?? null,
    attempt: run.trigger.attempt,
    race_of: run.trigger.raceOf ?? null,
    owner: run.owner ?? null,
    tier: run.tier ?? null,
    status: run.status,
    verdict: run.verdict ?? null,
    warnings: JSON.stringify(run.warnings),
    ...errorColumns(run.error),
    ended_by: run.endedBy ?? null,
    canceled_by: run.canceledBy ?? null,
    retryable: run.status === 'running' ? null : Number(run.retryable),
    started_at: run.startedAt.toISOString(),
    ended_at: run.endedAt?.toISOString() ?? null,
    rto_ms: run.objectives.rtoMs,
    rpo_ms: run.objectives.rpoMs ?? null,
    warn_at_ratio: run.objectives.warnAtRatio,
    counted_stages: JSON.stringify(run.objectives.counts),
    deadline_ms: run.objectives.deadlineMs,
    recovery_time_ms: run.recoveryTimeMs ?? null,
    data_loss_ms: run.dataLossMs ?? null,
    ...identityColumns(run.identity),
    ...backupColumns(run.backup),
    protection: run.protection ? JSON.stringify(run.protection) : null,
    reading: run.reading ? JSON.stringify(run.reading) : null,
    ...sandboxColumns(run.sandbox),
    ...replayColumn(run.replay),
    proof: run.proof ? JSON.stringify(run.proof) : null,
    restore_error_count: run.restoreErrorCount,
    restore_errors: JSON.stringify(run.restoreErrors),
    reads_from: run.readsFrom ? JSON.stringify(run.readsFrom) : null,
    ...runCostColumns(run),
    ...leaseColumns(run),
    firedrill_version: run.firedrillVersion,
  };
}

export function fromRunRow(row: RunRow, parts: RunParts): RunRecord {
  return {
    id: row.id,
    drill: row.drill,
    drillFile: row.drill_file,
    definitionHash: row.definition_hash,
    definition: parts.definition,
    triggeredBy: row.triggered_by,
    trigger: readTrigger(row),
    owner: row.owner ?? undefined,
    tier: row.tier ?? undefined,
    status: row.status,
    verdict: row.verdict ?? undefined,
    reasons: parts.reasons.map(({ reason, sentence, hint }) => ({ reason, sentence, hint: hint ?? undefined })),
    warnings: readTexts(row.warnings),
    error: readError(row),
    endedBy: row.ended_by ?? undefined,
    canceledBy: row.canceled_by ?? undefined,
    retryable: row.retryable === 1,
    startedAt: new Date(row.started_at),
    endedAt: readInstant(row.ended_at),
    objectives: {
      rtoMs: row.rto_ms,
      rpoMs: row.rpo_ms ?? undefined,
      warnAtRatio: row.warn_at_ratio,
      counts: JSON.parse(row.counted_stages) as StageName[],
      deadlineMs: row.deadline_ms,
    },
    recoveryTimeMs: row.recovery_time_ms === null ? undefined : Math.round(row.recovery_time_ms),
    dataLossMs: row.data_loss_ms ?? undefined,
    stages: parts.stages.map((stage) => readStage(stage, parts.phases)),
    checks: parts.checks.map(fromCheckRow),
    identity: readIdentity(row),
    backup: readBackup(row),
    protection: readProtection(row.protection),
    reading: readReading(row.reading),
    sandbox: readSandbox(row),
    ...readReplay(row.replay),
    proof: readProof(row.proof),
    accepted: parts.acceptance && readAcceptance(parts.acceptance),
    restoreErrors: readTexts(row.restore_errors),
    restoreErrorCount: row.restore_error_count,
    ...(row.reads_from !== null && { readsFrom: readTexts(row.reads_from) }),
    ...readLease(row),
    firedrillVersion: row.firedrill_version,
  };
}

export function toCheckRow(runId: string, check: CheckRecord, position: number): CheckResultTable {
  const { name, passed, expected, actual, durationMs, details, measured, question } = check;
  return {
    run_id: runId,
    position,
    name,
    passed: Number(passed),
    expected,
    actual,
    duration_ms: durationMs,
    details: details ? JSON.stringify(details) : null,
    measured: measured ? JSON.stringify(measured) : null,
    question: question ?? null,
  };
}

export function fromCheckRow(row: Omit<CheckResultTable, 'run_id' | 'position'>): CheckRecord {
  return {
    name: row.name,
    passed: row.passed === 1,
    expected: row.expected,
    actual: row.actual,
    durationMs: Math.round(row.duration_ms),
    ...(row.details !== null && { details: readTexts(row.details) }),
    ...(row.measured !== null && { measured: JSON.parse(row.measured) as Measured }),
    ...(row.question !== null && { question: row.question }),
  };
}

function readTrigger({ trigger_kind, due_at, attempt, race_of }: RunRow): Trigger {
  return { kind: trigger_kind, dueAt: readInstant(due_at), attempt, ...(race_of !== null && { raceOf: race_of }) };
}

/** Runs recorded before stages were contiguous have fractional milliseconds. */
function readStage(stage: StageTable, phases: readonly PhaseTable[]): StageRecord {
  const own = phases.filter(({ stage_position }) => stage_position === stage.position);
  return {
    name: stage.name,
    startedAt: new Date(stage.started_at),
    durationMs: Math.round(stage.duration_ms),
    outcome: stage.outcome,
    phases: own.map(({ name, started_at, duration_ms, bytes }) => ({
      name,
      ...(started_at !== null && { startedAt: new Date(started_at) }),
      durationMs: duration_ms,
      ...(bytes !== null && { bytes }),
    })),
  };
}

function readAcceptance({ accepted_at, accepted_by, reason, recurring }: AcceptanceTable): AcceptanceRecord {
  return { at: new Date(accepted_at), by: accepted_by, reason, recurring: recurring === 1 };
}

function errorColumns(error: ErrorRecord | undefined) {
  return {
    error_code: error?.code ?? null,
    error_stage: error?.stage ?? null,
    error_message: error?.message ?? null,
    error_hint: error?.hint ?? null,
    error_details: error ? JSON.stringify(error.details) : null,
  };
}

function readError(row: RunRow): ErrorRecord | undefined {
  if (row.error_code === null) return undefined;
  return {
    code: row.error_code,
    stage: row.error_stage ?? undefined,
    message: row.error_message ?? '',
    hint: row.error_hint ?? undefined,
    details: readTexts(row.error_details ?? '[]'),
  };
}

function identityColumns(identity: IdentityRecord | undefined) {
  return {
    identity_name: identity?.name ?? null,
    identity_keys: identity ? JSON.stringify(identity.keys) : null,
    identity_principal: identity?.principal ?? null,
  };
}

function readIdentity(row: RunRow): IdentityRecord | undefined {
  if (row.identity_name === null) return undefined;
  return {
    name: row.identity_name,
    keys: readTexts(row.identity_keys ?? '[]'),
    principal: row.identity_principal ?? undefined,
  };
}

function backupColumns(backup: BackupRecord | undefined) {
  return {
    backup_key: backup?.key ?? null,
    backup_source: backup?.source ?? null,
    backup_size_bytes: backup?.sizeBytes ?? null,
    backup_taken_at: backup?.takenAt.toISOString() ?? null,
    backup_etag: backup?.etag ?? null,
    backup_format: backup?.format ?? null,
    backup_server_version: backup?.serverVersion ?? null,
    backup_dumped_by: backup?.dumpedBy ?? null,
    backup_selection: backup?.selection ?? null,
    backup_newest_taken_at: backup?.newestTakenAt?.toISOString() ?? null,
  };
}

function readBackup(row: RunRow): BackupRecord | undefined {
  if (row.backup_key === null || row.backup_taken_at === null) return undefined;
  return {
    source: row.backup_source ?? '',
    key: row.backup_key,
    sizeBytes: row.backup_size_bytes ?? 0,
    takenAt: new Date(row.backup_taken_at),
    etag: row.backup_etag ?? undefined,
    format: row.backup_format ?? undefined,
    serverVersion: row.backup_server_version ?? undefined,
    dumpedBy: row.backup_dumped_by ?? undefined,
    selection: row.backup_selection ?? undefined,
    newestTakenAt: readInstant(row.backup_newest_taken_at),
  };
}

export function readProof(json: string | null): ProofRecord | undefined {
  if (json === null) return undefined;
  const { entries, ...proof } = JSON.parse(json) as ProofRecord;
  return { ...proof, entries: entries.map(({ advice, ...entry }) => ({ ...entry, advice })) };
}

function readProtection(json: string | null): ProtectionRecord | undefined {
  if (json === null) return undefined;
  const { lockedUntil, mode, versioning, probe, ...rest } = JSON.parse(json) as ProtectionRecord;
  return {
    ...rest,
    mode,
    versioning,
    lockedUntil: lockedUntil && new Date(lockedUntil),
    probe: probe && { ...probe, principal: probe.principal },
  };
}

export function readInstant(iso: string | null): Date | undefined {
  return iso === null ? undefined : new Date(iso);
}

export function readTexts(json: string): string[] {
  return JSON.parse(json) as string[];
}
