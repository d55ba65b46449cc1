import type { DirectoryContent, SourceFiles } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import type { Manifest } from './read-manifest.ts';
import { openManifest, requireStored } from './require-stored.ts';

const MARK = '.backup';
const DEEPEST = 100;
/** The ids are in the first lines of a file with an entry for each file of the backup. */
const HEAD_BYTES = 4096;

/**
 * Finds the backups that an increment builds on, the nearest first, by id among the backups in the source: a backup may have been moved from where its server
 * stored it.
 * @throws DrillError `backup-incomplete` when one is missing, `backup-ambiguous` when two have its id, and what {@link openManifest} and {@link requireStored}
 * throw.
 */
export async function findBases(
  content: DirectoryContent,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<readonly DirectoryContent[]> {
  const bases: DirectoryContent[] = [];
  const folders = content.inSource ? await foldersById(content.inSource, signal) : new Map<string, readonly string[]>();
  for (let of = manifest; of.base; ) {
    const [folder, another] = folders.get(of.base.uuid ?? '') ?? [];
    if (folder === undefined || !content.inSource || bases.length === DEEPEST)
      throw lacks(content.backup.key, of.base.uuid);
    if (another !== undefined) throw isTwice(content.backup.key, of.base.uuid, [folder, another]);
    const base = content.inSource.openDirectory(folder);
    of = await openManifest(base, signal);
    requireStored(base, of);
    bases.push(base);
  }
  return bases;
}

async function foldersById(source: SourceFiles, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
  const marks = source.files.filter(({ key }) => key.endsWith(`/${MARK}`));
  const found = new Map<string, string[]>();
  for (const file of marks) {
    const range = { start: 0, end: Math.min(HEAD_BYTES, file.sizeBytes) };
    const head = source.readRange
      ? await source.readRange(file, range, signal)
      : (await source.read(file, signal)).subarray(0, HEAD_BYTES);
    const uuid = /<uuid>([\w-]+)<\/uuid>/.exec(head.toString())?.[1];
    if (uuid === undefined) continue;
    found.set(uuid, [...(found.get(uuid) ?? []), file.key.slice(0, -MARK.length)]);
  }
  return found;
}

function lacks(key: string, uuid: string | undefined): DrillError {
  return new DrillError(
    'backup-incomplete',
    `${key} is an incremental backup, and the backup that it builds on (id ${uuid ?? 'not stated'}) is not in the source`,
    {
      hint: 'Keep both below the URL of the source, as directories, until no increment needs the older one.',
    },
  );
}

/** Copies of a backup share its id; only restoring each would show which of them is complete. */
function isTwice(key: string, uuid: string | undefined, folders: readonly string[]): DrillError {
  const shown = folders.map((folder) => toPrintable(folder, 200)).join(' and ');
  return new DrillError(
    'backup-ambiguous',
    `${key} builds on the backup with the id ${uuid}, and the source has two with that id: ${shown}`,
    { hint: 'Remove the copy that is not needed, or move it out of the source.' },
  );
}
