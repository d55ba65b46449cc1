import { toJson } from '../../support/json.ts';
import type { Made } from '../format-kind.ts';
import type { Report } from '../report.ts';

/** Incremented when a key changes its meaning or is removed, but not when one is added. */
export const REPORT_SCHEMA_VERSION = 1;

/** The whole report as JSON: instants are UTC ISO 8601, durations end in Ms, sizes in Bytes, shares are 0 to 1; unknown values are left out. */
export function renderJson(report: Report, made: Made): string {
  const document = {
    type: 'firedrill-report',
    schemaVersion: REPORT_SCHEMA_VERSION,
    firedrillVersion: made.version,
    ...report,
    ...(made.evidence && { audit: { ...report.audit, runs: [], evidenceFile: made.evidence } }),
  };
  return `${toJson(document, 2)}\n`;
}

/** Only the evidence, for a separate file. */
export function renderEvidenceJson({ period, madeAt, audit }: Report, made: Made): string {
  const { sampling, runs } = audit;
  const head = { type: 'firedrill-evidence', schemaVersion: REPORT_SCHEMA_VERSION, firedrillVersion: made.version };
  return `${toJson({ ...head, madeAt, period, sampling, runs }, 2)}\n`;
}
