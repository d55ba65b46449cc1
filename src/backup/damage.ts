import { DrillError } from '../support/errors.ts';
import { formatCount } from '../support/quantities.ts';

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

/** The error as it is, or, when it tells of damage, with the key of the backup before it. */
export function nameDamaged(thrown: unknown, key: string | undefined): Error {
  if (!(thrown instanceof DrillError)) return thrown instanceof Error ? thrown : new Error(String(thrown));
  if (key === undefined || (thrown.code !== 'backup-truncated' && thrown.code !== 'backup-corrupt')) return thrown;
  const { code, message, hint, details, cause } = thrown;
  return new DrillError(code, `${key}: ${message}`, { details, cause, ...(hint === undefined ? {} : { hint }) });
}
