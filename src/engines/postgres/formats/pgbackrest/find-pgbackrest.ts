import type { Sandbox } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { isAtLeast, versionIn } from '../../../../support/versions.ts';
import type { OpenedRepository } from './opened-repository.ts';

/** First pgBackRest version that may support each server major version: older ones certainly do not. */
const OLDEST: Readonly<Record<string, string>> = { '15': '2.41', '16': '2.46', '17': '2.50', '18': '2.55' };

/**
 * @param major of the server whose backup it is to restore.
 * @returns the version of the sandbox's pgBackRest.
 * @throws DrillError `tool-missing` without one, `version-unsupported` if it is too old.
 */
export async function findPgbackrest(sandbox: Sandbox, major: string, signal: AbortSignal): Promise<string> {
  const where = sandbox.provenance.name;
  const { exitCode, stdout } = await sandbox.exec(['sh', '-c', 'exec pgbackrest version'], { signal });
  const version = exitCode === 0 ? versionIn(stdout) : undefined;
  if (version === undefined) {
    throw new DrillError('tool-missing', `pgbackrest, which restores its backups, is not in ${where}`, {
      hint: `Name an image of Postgres ${major} that has the package \`pgbackrest\` in \`engine.image\`, or install it on this host for the runtime local.`,
    });
  }
  const oldest = OLDEST[major];
  if (oldest === undefined || isAtLeast(version, oldest)) return version;
  throw tooOld(version, major, where);
}

export function tooOld(version: string, major: string, where: string): DrillError {
  return new DrillError(
    'version-unsupported',
    `the pgBackRest ${version} of ${where} is too old for a backup of Postgres ${major}`,
    {
      hint: `Install the version that takes the backups (PGDG’s packages have it) in the image that \`engine.image\` names.`,
    },
  );
}

/** For errors that an older version may report as damage because it does not know something. @param details its output. */
export function olderThan(
  writer: string,
  { content, toolVersion }: Pick<OpenedRepository, 'content'> & { readonly toolVersion: string },
  where: string,
  details: readonly string[],
): DrillError {
  return new DrillError(
    'version-unsupported',
    `${content.backup.key} was written by pgBackRest ${writer}, and the ${toolVersion} of ${where} could not restore it`,
    {
      hint: `Install pgBackRest ${writer} or later in the image that \`engine.image\` names. If that fails too, run \`pgbackrest verify\` on the repository.`,
      details,
    },
  );
}
