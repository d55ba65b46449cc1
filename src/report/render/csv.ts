import type { RunRecord } from '../../record/run-record.ts';
import { toPrintable } from '../../support/printable.ts';
import { STAGES } from '../../support/vocabulary.ts';

type Cell = string | number | boolean | Date | undefined;
type Run = Omit<RunRecord, 'definition' | 'leaseOwner' | 'leaseExpiresAt'>;

const COLUMNS: readonly (readonly [head: string, cell: (run: Run) => Cell])[] = [
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
      ({ stages }: Run) => stages.find(({ name }) => name === stage)?.durationMs,
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

/** The header line. CSV as in RFC 4180: lines end in CRLF; instants are UTC, durations milliseconds, sizes bytes; unknown values are empty. */
export function csvHead(): string {
  return `${COLUMNS.map(([head]) => head).join(',')}\r\n`;
}

/**
 * A line for each run, with the objectives in effect at the time.
 * @param redact removes secrets from each text, for readers who may not see them.
 */
export function csvRows(runs: readonly Run[], redact: (text: string) => string = unchanged): string {
  const clean = (value: Cell) => (typeof value === 'string' ? redact(value) : value);
  return runs.map((run) => `${COLUMNS.map(([, cell]) => formatCell(clean(cell(run)))).join(',')}\r\n`).join('');
}

function unchanged(text: string): string {
  return text;
}

/**
 * Puts an apostrophe before text that a spreadsheet would run as a formula, so that the name of a check or the key of a backup cannot run anything on the
 * reader's machine. See https://owasp.org/www-community/attacks/CSV_Injection. Our own numbers are left alone.
 */
export function formatCell(value: Cell): string {
  if (value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'string') return String(value);
  const shown = toPrintable(value, 2000);
  const harmless = /^\s*[=+\-@|%]/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
