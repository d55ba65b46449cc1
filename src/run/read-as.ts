import type { Drill } from '../config/drill-file.ts';
import type { IdentityRecord } from '../record/run-record.ts';
import { DrillError, type ErrorCode } from '../support/errors.ts';
import { toShell } from '../support/shell.ts';
import type { IdentityName } from '../support/vocabulary.ts';

/**
 * @returns the drill with this identity's keys and credentials instead of its own.
 * @throws DrillError `key-missing` when credentials of the recovery identity cannot be read here.
 */
export function readAs<T extends Pick<Drill, 'backup'>>(drill: T, name: IdentityName): T {
  const { identity } = drill.backup;
  if (name === 'drill' || !identity) return drill;
  const { source = drill.backup.source, keys = drill.backup.keys } = identity;
  if ('missing' in source) {
    throw new DrillError('key-missing', `the credentials of the recovery identity cannot be read: ${source.missing}`, {
      hint: 'Set it for the process that runs the drill, from where the person who recovers would take it.',
    });
  }
  const log = identity.log ? { log: { source: identity.log } } : {};
  return { ...drill, backup: { ...drill.backup, source, keys, ...log } };
}

/** @returns a warning about a run that was meant to prove recovery keys, but found a backup that is not encrypted. */
export function warnOfUnusedKeys(
  { backup }: Pick<Drill, 'backup'>,
  used: IdentityRecord | undefined,
): string | undefined {
  if (used?.name !== 'recovery' || !backup.identity?.keys || used.keys.length > 0) return undefined;
  return 'the backup is not encrypted: this run proves nothing about the recovery keys';
}

/** @returns a warning about a run that was meant to prove recovery credentials, which are not for the kind of store that holds the log archive. */
export function warnOfUnprovenLog(
  { backup }: Pick<Drill, 'backup'>,
  used: IdentityRecord | undefined,
): string | undefined {
  if (used?.name !== 'recovery' || !backup.identity?.source || !backup.log || backup.identity.log) return undefined;
  return 'the log archive is in a different kind of store and was read with the credentials of `backup.log`: this run does not prove that the person who recovers can read it';
}

/** Errors that mean that this identity cannot read the backup. */
const ABOUT_ACCESS: ReadonlySet<ErrorCode> = new Set([
  'backup-encrypted',
  'key-missing',
  'key-wrong',
  'source-credentials',
  'source-denied',
]);

/** Adds to an error that it was the recovery identity that could not read the backup, and what that means. Other errors are returned unchanged. */
export function explainAccess(
  error: DrillError,
  name: IdentityName,
  { place, backup }: Pick<Drill, 'place' | 'backup'>,
): DrillError {
  if (name === 'drill' || !ABOUT_ACCESS.has(error.code)) return error;
  const again = toShell(['firedrill', 'run', place.file, '--as', 'recovery']);
  const { hint = '' } = error;
  const own = backup.identity?.keys ? hint.replaceAll('`backup.keys', '`backup.identity.keys') : hint;
  return new DrillError(error.code, `the recovery identity cannot read the backup: ${error.message}`, {
    hint: `${own} In a disaster nobody could read this backup with it: correct it now, and try again with \`${again}\`.`.trim(),
    details: error.details,
    cause: error,
    ...(error.stage ? { stage: error.stage } : {}),
  });
}
