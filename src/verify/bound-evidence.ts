import type { CheckRecord, Measured } from '../record/check-record.ts';
import { toPrintable } from '../support/printable.ts';
import { formatBytes, formatCount } from '../support/quantities.ts';

const MAX_DETAILS = 100;
const MAX_DETAIL_LENGTH = 500;
const MAX_MEASURED_BYTES = 256 * 1024;

/** Bounds what is recorded of a check: its names come from the backup, which may hold any number of them. */
export function boundDetails(details: readonly string[] | undefined): Pick<CheckRecord, 'details'> {
  if (!details || details.length === 0) return {};
  const shown = details.slice(0, MAX_DETAILS).map((line) => toPrintable(line, MAX_DETAIL_LENGTH));
  const rest = details.length - shown.length;
  return { details: rest > 0 ? [...shown, `and ${formatCount(rest)} more`] : shown };
}

export function boundMeasured(
  measured: Measured | undefined,
  onWarning: (warning: string) => void,
): Pick<CheckRecord, 'measured'> {
  if (!measured) return {};
  const size = Buffer.byteLength(JSON.stringify(measured));
  if (size <= MAX_MEASURED_BYTES) return { measured };
  onWarning(`measured ${formatBytes(size)}, too much to keep: later runs cannot be compared with this one`);
  return {};
}
