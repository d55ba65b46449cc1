import { toJson } from '../../support/json.ts';
import type { Report } from '../report.ts';

/** Incremented when a key changes its meaning or is removed, but not when one is added. */
export const REPORT_SCHEMA_VERSION = 1;

/** The whole report as JSON: instants are UTC ISO 8601, durations end in Ms, sizes in Bytes, shares are 0 to 1; unknown values are left out. */
export function renderJson(report: Report, made: { readonly version: string }): string {
  const document = {
    type: 'firedrill-report',
    schemaVersion: REPORT_SCHEMA_VERSION,
    firedrillVersion: made.version,
    ...report,
  };
  return `${toJson(document, 2)}\n`;
}
