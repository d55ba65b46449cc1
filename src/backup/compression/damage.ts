import { DrillError } from '../../support/errors.ts';
import { formatBytes, formatCount } from '../../support/quantities.ts';

/** The compressed data ends too early. `offset`: compressed bytes read. */
export function truncated(format: string, offset: number, cause?: unknown): DrillError {
  return new DrillError(
    'backup-truncated',
    `the backup ends in the middle of its ${format} data, after ${formatCount(offset)} bytes`,
    {
      hint: 'The upload or the backup job stopped halfway; check the disk space and the exit code of the job.',
      cause,
    },
  );
}

/** The compressed data is invalid. `offset`: compressed bytes read when this was detected; the damage is at or before it. */
export function corrupt(format: string, offset: number, what: string, cause?: unknown): DrillError {
  return new DrillError(
    'backup-corrupt',
    `the ${format} data of the backup is damaged at or before byte ${formatCount(offset)}: ${what}`,
    {
      hint: 'Compare its checksum with the one taken when it was written: it was damaged while it was written, copied or stored.',
      cause,
    },
  );
}

const NAMED: ReadonlySet<string> = new Set(['backup-truncated', 'backup-corrupt', 'format-unsupported']);

/** Prefixes a damage error with the backup's key, unless it already starts with it; returns any other error unchanged. */
export function nameDamaged(thrown: unknown, key: string | undefined): Error {
  if (!(thrown instanceof DrillError)) return thrown instanceof Error ? thrown : new Error(String(thrown));
  if (key === undefined || !NAMED.has(thrown.code) || isNamed(thrown.message, key)) return thrown;
  const { code, message, hint, details, cause } = thrown;
  return new DrillError(code, `${key}: ${message}`, { details, cause, ...(hint === undefined ? {} : { hint }) });
}

function isNamed(message: string, key: string): boolean {
  return message.startsWith(`${key} `) || message.startsWith(`${key}: `);
}

/** Largest decoder window, which bounds its memory: enough for `xz -9` and `zstd --ultra --long`. */
export const WINDOW_BYTES = 2 ** 27;

/** The data is intact, but decompressing it needs more memory than {@link WINDOW_BYTES}. */
export function windowTooLarge(format: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `the ${format} data of the backup needs more than ${formatBytes(WINDOW_BYTES)} of memory to be decompressed`,
    { hint: 'Compress with `zstd --long=27` at most, or `xz -9` without a larger dictionary.' },
  );
}
