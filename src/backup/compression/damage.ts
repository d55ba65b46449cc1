import { DrillError } from '../../support/errors.ts';
import { formatBytes, formatCount } from '../../support/quantities.ts';

/** The compressed data ends before its own end. `offset`: compressed bytes read. */
export function truncated(format: string, offset: number, cause?: unknown): DrillError {
  return new DrillError(
    'backup-truncated',
    `the backup ends in the middle of its ${format} data, after ${formatCount(offset)} bytes`,
    {
      hint: 'Its upload or the job that wrote it stopped halfway; check the disk space and the exit code of that job.',
      cause,
    },
  );
}

/** The compressed data contradicts itself. `offset`: compressed bytes read when it was noticed; the damage is at or before it. */
export function corrupt(format: string, offset: number, what: string, cause?: unknown): DrillError {
  return new DrillError(
    'backup-corrupt',
    `the ${format} data of the backup is damaged at or before byte ${formatCount(offset)}: ${what}`,
    {
      hint: 'Compare its checksum with the one taken when it was written: the damage came with writing, copying or storing.',
      cause,
    },
  );
}

const NAMED: ReadonlySet<string> = new Set(['backup-truncated', 'backup-corrupt', 'format-unsupported']);

/** The error as it is, or, when it tells of damage, with the key of the backup before it. */
export function nameDamaged(thrown: unknown, key: string | undefined): Error {
  if (!(thrown instanceof DrillError)) return thrown instanceof Error ? thrown : new Error(String(thrown));
  if (key === undefined || !NAMED.has(thrown.code)) return thrown;
  const { code, message, hint, details, cause } = thrown;
  return new DrillError(code, `${key}: ${message}`, { details, cause, ...(hint === undefined ? {} : { hint }) });
}

/** What a decoder may look back at, and so the memory that it takes: as much as `xz -9` and `zstd --ultra --long` want. */
export const WINDOW_BYTES = 2 ** 27;

/** Not damaged, but compressed so that reading it takes more memory than {@link WINDOW_BYTES}. */
export function windowTooLarge(format: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `the ${format} data of the backup needs more than ${formatBytes(WINDOW_BYTES)} of memory to be decompressed`,
    { hint: 'Compress with `zstd --long=27` at most, or `xz -9` without a larger dictionary.' },
  );
}
