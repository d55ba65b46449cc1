import type { RunRecord } from '../record/run-record.ts';
import { csvHead, csvRow } from '../report/render/csv.ts';

/** Runs as the report's CSV, without secrets. */
export function csvOfRuns(runs: readonly RunRecord[], redact: (text: string) => string): string {
  return csvHead() + runs.map((run) => csvRow(run, redact)).join('');
}
