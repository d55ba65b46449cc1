import type { RunRecord } from '../../record/run-record.ts';
import { STAGES } from '../../support/vocabulary.ts';

export type RegisterCell = string | number | boolean | Date | undefined;
export type RegisterRun = Omit<RunRecord, 'definition' | 'leaseOwner' | 'leaseExpiresAt' | 'leaseBeatMs'>;

/**
 * The first eight have the names and meanings used in registers of recovery tests: whether an objective was achieved is `true` or `false`, and empty if nothing
 * was judged; gaps are the ways in which recovery fell short or the test broke, actions the next steps that the run suggested.
 */
const COLUMNS: readonly (readonly [head: string, cell: (run: RegisterRun) => RegisterCell])[] = [
  ['test_date', ({ startedAt }) => startedAt],
  ['scenario_type', ({ replay }) => (replay ? 'point_in_time_recovery' : 'backup_restore')],
  ['systems_tested_count', () => 1],
  ['test_passed', isPassed],
  ['rto_achieved', isWithinRto],
  ['rpo_achieved', isWithinRpo],
  ['gaps_identified_count', ({ reasons, error }) => reasons.length + (error ? 1 : 0)],
  [
    'remediation_actions_count',
    ({ reasons, error }) =>
      reasons.filter(({ hint }) => hint !== undefined).length + (error?.hint === undefined ? 0 : 1),
  ],
  ['run', ({ id }) => id],
  ['drill', ({ drill }) => drill],
  ['owner', ({ owner }) => owner],
  ['tier', ({ tier }) => tier],
  ['result', ({ verdict, status }) => verdict ?? status],
  ['reasons', ({ reasons }) => reasons.map(({ reason }) => reason).join(' ')],
  ['started_at', ({ startedAt }) => startedAt],
  ['ended_at', ({ endedAt }) => endedAt],
  ['triggered_by', ({ triggeredBy }) => triggeredBy],
  ['trigger', ({ trigger }) => trigger.kind],
  ['due_at', ({ trigger }) => trigger.dueAt],
  ['attempt', ({ trigger }) => trigger.attempt],
  ['rto_ms', ({ objectives }) => objectives.rtoMs],
  ['rpo_ms', ({ objectives }) => objectives.rpoMs],
  ['counted_stages', ({ objectives }) => objectives.counts.join(' ')],
  ['recovery_time_ms', ({ recoveryTimeMs }) => recoveryTimeMs],
  ['data_loss_ms', ({ dataLossMs }) => dataLossMs],
  ...STAGES.map((stage) => {
    return [
      `${stage.replace('-', '_')}_ms`,
      ({ stages }: RegisterRun) => stages.find(({ name }) => name === stage)?.durationMs,
    ] as const;
  }),
  ['checks_passed', ({ checks }) => checks.filter(({ passed }) => passed).length],
  ['checks_failed', ({ checks }) => checks.filter(({ passed }) => !passed).length],
  ['backup_source', ({ backup }) => backup?.source],
  ['backup_key', ({ backup }) => backup?.key],
  ['backup_checksum', ({ backup }) => backup?.etag],
  ['backup_size_bytes', ({ backup }) => backup?.sizeBytes],
  ['backup_taken_at', ({ backup }) => backup?.takenAt],
  ['backup_server_version', ({ backup }) => backup?.serverVersion],
  ['image', ({ sandbox }) => sandbox?.image],
  ['image_id', ({ sandbox }) => sandbox?.imageId],
  ['server_version', ({ sandbox }) => sandbox?.serverVersion],
  ['isolation', ({ sandbox }) => sandbox?.isolation],
  ['teardown_confirmed', ({ sandbox }) => sandbox?.removed],
  ['error_code', ({ error }) => error?.code],
  ['why', ({ reasons, error }) => reasons.map(({ sentence }) => sentence).join('; ') || error?.message],
  ['definition_sha256', ({ definitionHash }) => definitionHash],
  ['firedrill_version', ({ firedrillVersion }) => firedrillVersion],
  ['log_archive_lag_ms', ({ replay }) => replay?.archive?.lagMs],
];

/** The names of the columns: first those common in auditors' registers of recovery tests, then ours. */
export const REGISTER_HEADS: readonly string[] = COLUMNS.map(([head]) => head);

/** One run in the order of {@link REGISTER_HEADS}, measured against the objectives in effect at the time. */
export function registerRow(run: RegisterRun): readonly RegisterCell[] {
  return COLUMNS.map(([, cell]) => cell(run));
}

/** `2026-10-03 02:15:00 UTC`. */
export function formatUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Undefined: without a verdict, nothing is proven either way. */
function isPassed({ verdict }: RegisterRun): boolean | undefined {
  return verdict === undefined ? undefined : verdict === 'passed';
}

function isWithinRto({ verdict, recoveryTimeMs, objectives: { rtoMs } }: RegisterRun): boolean | undefined {
  return verdict === undefined ? undefined : recoveryTimeMs !== undefined && recoveryTimeMs <= rtoMs;
}

function isWithinRpo({ verdict, dataLossMs, objectives: { rpoMs } }: RegisterRun): boolean | undefined {
  return verdict === undefined || rpoMs === undefined ? undefined : dataLossMs !== undefined && dataLossMs <= rpoMs;
}
