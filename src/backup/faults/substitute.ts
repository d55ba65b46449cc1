import { mayListChecksum } from '../checksums/find-checksums.ts';
import type { Backup, BackupSource, StoredObject } from '../source.ts';
import { type FaultyObject, replaced, withFaults } from './faulty-objects.ts';

/** Another backup, and the source to read it from; undefined: the same source. */
export interface Substitute {
  readonly backup: Pick<Backup, 'kind' | 'key' | 'objects'>;
  readonly store: BackupSource | undefined;
}

/** Whether one can stand in for the other: both are directories, or have the same number of files. */
export function canSubstitute(chosen: Substitute['backup'], other: Substitute['backup']): boolean {
  if (chosen.kind !== other.kind) return false;
  return chosen.kind === 'directory' || ownObjects(chosen).length === ownObjects(other).length;
}

/**
 * @returns a source in which another backup has the name and date of the chosen one, see {@link canSubstitute}. Files that the chosen one shares with others,
 * such as the backups that it builds on, are unchanged. Checksums of the chosen one are hidden: a job that stores the wrong backup stores its checksum, too.
 */
export function substitute(source: BackupSource, chosen: Substitute['backup'], other: Substitute): BackupSource {
  const own = new Set(ownObjects(chosen).map(({ key }) => key));
  const isChecksum = (key: string) => chosen.kind === 'object' && mayListChecksum(key, chosen.key);
  return withFaults(source, objectsFor(chosen, other), (key) => own.has(key) || isChecksum(key));
}

function objectsFor(chosen: Substitute['backup'], { backup, store }: Substitute): readonly FaultyObject[] {
  if (chosen.kind === 'directory') {
    const own = ownObjects(chosen);
    const [first] = own;
    const modifiedAt = new Date(Math.max(...own.map((object) => object.modifiedAt.getTime())));
    return ownObjects(backup).flatMap((object) => {
      const key = chosen.key + object.key.slice(backup.key.length);
      return first ? [replaced({ ...first, key, modifiedAt }, { store, object })] : [];
    });
  }
  const others = ownObjects(backup);
  return ownObjects(chosen).flatMap((original, index) => {
    const object = others[index];
    return object ? [replaced(original, { store, object })] : [];
  });
}

/** The backup's own objects, without the others that a restore also reads. */
function ownObjects({ kind, key, objects }: Substitute['backup']): readonly StoredObject[] {
  if (kind === 'directory') return objects.filter((object) => object.key.startsWith(key));
  return key.endsWith('*') ? objects : objects.filter((object) => object.key === key);
}
