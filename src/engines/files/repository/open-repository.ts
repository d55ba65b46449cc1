import type { DirectoryContent } from '../../../backup/content.ts';
import { type BackupKey, type KeyRing, PASSPHRASE } from '../../../backup/layer.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes } from '../../../support/quantities.ts';
import { copyDirectory } from '../../physical/copy-directory.ts';
import type { FilesSite } from '../site.ts';

/** Copies a repository into the sandbox, without its tool's lock files. @returns the directory. */
export async function stageRepository(
  content: DirectoryContent,
  { sandbox, onDoing, signal }: FilesSite,
  isLock: RegExp,
): Promise<string> {
  const directory = `${sandbox.paths.scratch}/repository`;
  const members = new Map([...content.members].filter(([name]) => !isLock.test(name)));
  onDoing(`fetching the repository (${formatBytes(content.backup.sizeBytes)})`);
  await copyDirectory({ ...content, members }, directory, { sandbox, signal });
  return directory;
}

/**
 * Tries the drill's keys, one after another, as passwords of a repository.
 * @param attempt called with undefined to try without a password. @returns undefined if the password is wrong.
 * @throws DrillError `backup-encrypted` when the drill names no key, `key-wrong` when none of them opens it, `key-missing`.
 */
export async function withPassword<Opened>(
  keys: KeyRing | undefined,
  key: string,
  attempt: (password: BackupKey | undefined) => Promise<Opened | undefined>,
): Promise<Opened> {
  if (!keys || keys.isEmpty) {
    const opened = await attempt(undefined);
    if (opened !== undefined) return opened;
    throw new DrillError('backup-encrypted', `the repository ${key} needs a password, and the drill names none`, {
      hint: 'Add the variable or file that holds it to `backup.keys`; it is passed to the tool in its environment.',
    });
  }
  const named = await keys.read();
  for (const password of named) {
    const opened = await attempt(password);
    if (opened === undefined) continue;
    keys.noteUse(PASSPHRASE, password);
    return opened;
  }
  throw new DrillError(
    'key-wrong',
    `none of the keys opens the repository ${key} (tried: ${named.map(({ name }) => name).join(', ')})`,
    { hint: 'Compare `backup.keys` with the password that the backup job uses.' },
  );
}
