import { DrillError } from '../../../support/errors.ts';
import { formatInstant } from '../../../support/instants.ts';
import { toPrintable } from '../../../support/printable.ts';
import { toShell } from '../../../support/shell.ts';

/** How an object is archived, according to HeadObject. */
export interface ArchiveState {
  readonly StorageClass?: string | undefined;
  /** Tier in S3 Intelligent-Tiering: `ARCHIVE_ACCESS`. */
  readonly ArchiveStatus?: string | undefined;
  /** `ongoing-request="false", expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"`. */
  readonly Restore?: string | undefined;
}

/** Source: the S3 user guide, "Understanding archive retrieval options". */
const RETRIEVAL: Record<string, string> = {
  GLACIER: '3 to 5 hours',
  DEEP_ARCHIVE: 'up to 12 hours',
  ARCHIVE_ACCESS: '3 to 5 hours',
  DEEP_ARCHIVE_ACCESS: 'up to 12 hours',
};

/** Whether an object of this class may need to be restored first; `GLACIER_IR` can be read directly. Source: the S3 user guide, "Storage classes". */
export function mayBeArchived(storageClass: string | undefined): boolean {
  return storageClass !== undefined && /^(?:GLACIER|DEEP_ARCHIVE|INTELLIGENT_TIERING)$/.test(storageClass);
}

/**
 * @returns a warning for an archived object that has a restored copy; undefined for one that is not archived.
 * @throws DrillError `backup-archived` for one that cannot be read yet.
 */
export function checkArchived(
  object: { readonly bucket: string; readonly key: string },
  state: ArchiveState,
): string | undefined {
  const { StorageClass, ArchiveStatus, Restore = '' } = state;
  const where = ArchiveStatus ?? StorageClass ?? '';
  if (!(where in RETRIEVAL)) return undefined;
  const { bucket, key } = object;
  if (/ongoing-request="true"/.test(Restore)) {
    throw new DrillError(
      'backup-archived',
      `${key} in ${bucket} is in the storage class ${where}, and is being restored from it`,
      {
        hint: `Run the drill again once that is done: a standard retrieval takes ${RETRIEVAL[where]}. Check its progress with \`${toShell(['aws', 's3api', 'head-object', '--bucket', bucket, '--key', key])}\`.`,
      },
    );
  }
  if (!/ongoing-request="false"/.test(Restore)) throw archived({ bucket, key, storageClass: where });
  const expiry = new Date(/expiry-date="([^"]*)"/.exec(Restore)?.[1] ?? Number.NaN);
  const until = Number.isNaN(expiry.getTime()) ? '' : `, which is there until ${formatInstant(expiry)}`;
  return `${key} is in the storage class ${where}: a restored copy is read${until}. A real recovery has to restore it first, which takes ${RETRIEVAL[where]}`;
}

/** The error for an object that must be restored first. @param object.key undefined: unknown. */
export function archived(object: {
  readonly bucket: string;
  readonly key: string | undefined;
  readonly storageClass: string | undefined;
}): DrillError {
  const { bucket, key, storageClass } = object;
  const where = storageClass === undefined ? 'an archive storage class' : `the storage class ${storageClass}`;
  // A copy restored from Intelligent-Tiering is permanent, so specifying a number of days is not allowed.
  const request = storageClass?.endsWith('_ACCESS') ? '{}' : 'Days=2';
  const command = [
    'aws',
    's3api',
    'restore-object',
    '--bucket',
    bucket,
    '--key',
    key ?? '',
    '--restore-request',
    request,
  ];
  const takes = storageClass !== undefined && storageClass in RETRIEVAL ? ` (takes ${RETRIEVAL[storageClass]})` : '';
  const restore = key === undefined ? 'Restore it first' : `Restore it first${takes}: \`${toShell(command)}\``;
  return new DrillError(
    'backup-archived',
    `${toPrintable(key ?? 'an object')} in ${bucket} is in ${where} and cannot be read before it is restored there`,
    { hint: `${restore}; or keep the newest backup in a class that can be read immediately.` },
  );
}
