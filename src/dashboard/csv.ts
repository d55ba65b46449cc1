import { stateOf } from '../record/history-view.ts';
import type { RunRecord } from '../record/run-record.ts';
import { toPrintable } from '../support/printable.ts';
import { STAGES } from '../support/words.ts';

const HEADINGS = [
  ...'run drill owner tier result reasons started_at ended_at triggered_by rto_ms rpo_ms recovery_time_ms data_loss_ms'.split(
    ' ',
  ),
  ...STAGES.map((stage) => `${stage}_ms`),
  ...'checks_passed checks_failed backup_key backup_size_bytes backup_taken_at error_code why'.split(' '),
];

/** Runs as CSV (RFC 4180): lines end in CRLF, instants are UTC, durations are milliseconds. */
export function csvOfRuns(runs: readonly RunRecord[], redact: (text: string) => string): string {
  const lines = [HEADINGS, ...runs.map((run) => cellsOf(run, redact))];
  return lines.map((cells) => `${cells.map(toCell).join(',')}\r\n`).join('');
}

function cellsOf(run: RunRecord, redact: (text: string) => string): (string | number | undefined)[] {
  const clean = (text: string | undefined) => (text === undefined ? undefined : toPrintable(redact(text), 2000));
  const why = run.reasons.length > 0 ? run.reasons.map(({ sentence }) => sentence).join('; ') : run.error?.message;
  return [
    run.id,
    run.drill,
    clean(run.owner),
    run.tier,
    stateOf(run),
    run.reasons.map(({ reason }) => reason).join(' '),
    run.startedAt.toISOString(),
    run.endedAt?.toISOString(),
    clean(run.triggeredBy),
    run.objectives.rtoMs,
    run.objectives.rpoMs,
    run.recoveryTimeMs,
    run.dataLossMs,
    ...STAGES.map((name) => run.stages.find((stage) => stage.name === name)?.durationMs),
    run.checks.filter(({ passed }) => passed).length,
    run.checks.filter(({ passed }) => !passed).length,
    clean(run.backup?.key),
    run.backup?.sizeBytes,
    run.backup?.takenAt.toISOString(),
    run.error?.code,
    clean(why),
  ];
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it (owasp.org, CSV Injection); numbers are left alone. */
function toCell(value: string | number | undefined): string {
  if (typeof value === 'number' || value === undefined) return String(value ?? '');
  const harmless = /^\s*[=+\-@]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
