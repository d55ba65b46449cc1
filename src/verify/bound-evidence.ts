import type { CheckRecord, Measured } from '../record/check-record.ts';
import { DrillError } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import { formatBytes, formatCount } from '../support/quantities.ts';

const MAX_DETAILS = 100;
const MAX_DETAIL_LENGTH = 500;
/** The counts of 5,000 tables, each with the longest name that PostgreSQL allows, need 0.8 MiB. */
const MAX_MEASURED_BYTES = 2 * 2 ** 20;

/** Limits what is recorded about a check: its names come from the backup, which may hold any number of them. */
export function boundDetails(details: readonly string[] | undefined): Pick<CheckRecord, 'details'> {
  if (!details || details.length === 0) return {};
  const shown = details.slice(0, MAX_DETAILS).map((line) => toPrintable(line, MAX_DETAIL_LENGTH));
  const rest = details.length - shown.length;
  return { details: rest > 0 ? [...shown, `and ${formatCount(rest)} more`] : shown };
}

/**
 * Limits what later runs compare with. A passed check must be able to store its measurements: otherwise each run would start over, and none would compare.
 * @throws DrillError `check-malformed` when a check that passed has measured too much to store. A failed check has proven something without it.
 */
export function boundMeasured(
  { passed, measured }: { readonly passed: boolean; readonly measured: Measured | undefined },
  onWarning: (warning: string) => void,
): Pick<CheckRecord, 'measured'> {
  if (!measured) return {};
  const size = Buffer.byteLength(JSON.stringify(measured));
  if (size <= MAX_MEASURED_BYTES) return { measured };
  const tooMuch = `measured ${formatBytes(size)}, and at most ${formatBytes(MAX_MEASURED_BYTES)} can be kept`;
  if (passed) {
    throw new DrillError('check-malformed', `it ${tooMuch}, so later runs could not be compared with this one`, {
      hint: 'Let the check measure less: name fewer tables or rows (of `rows`: with `include` and `exclude`), or split it into several checks.',
    });
  }
  onWarning(`${tooMuch}: later runs cannot be compared with this one`);
  return {};
}
