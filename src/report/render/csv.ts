import { toPrintable } from '../../support/printable.ts';
import { formatUtc, REGISTER_HEADS, type RegisterCell, type RegisterRun, registerRow } from './register.ts';

/**
 * The header line. CSV as in RFC 4180: lines end in CRLF; instants are `2026-10-03 02:15:00 UTC`, durations are in milliseconds, sizes in bytes; unknown values
 * are empty.
 */
export function csvHead(): string {
  return `${REGISTER_HEADS.join(',')}\r\n`;
}

/**
 * One line per run, with the objectives in effect at the time.
 * @param redact removes secrets from each text, for readers who may not see them.
 */
export function csvRows(runs: readonly RegisterRun[], redact: (text: string) => string = unchanged): string {
  const clean = (value: RegisterCell) => (typeof value === 'string' ? redact(value) : value);
  return runs
    .map(
      (run) =>
        `${registerRow(run)
          .map((value) => formatCell(clean(value)))
          .join(',')}\r\n`,
    )
    .join('');
}

function unchanged(text: string): string {
  return text;
}

/**
 * Puts an apostrophe before text that a spreadsheet would run as a formula, so that the name of a check or the key of a backup cannot run anything on the
 * reader's machine. Also quotes `;`, which separates cells in many countries. See https://owasp.org/www-community/attacks/CSV_Injection. Our own numbers are
 * not changed.
 */
export function formatCell(value: RegisterCell): string {
  if (value === undefined) return '';
  if (value instanceof Date) return formatUtc(value);
  if (typeof value !== 'string') return String(value);
  const shown = toPrintable(value, 2000);
  const harmless = /^\s*[=+\-@|%]/.test(shown) ? `'${shown}` : shown;
  return /[",;\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
