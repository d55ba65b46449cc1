import type { Backup, BackupSource } from '../source.ts';
import { type FaultyObject, replaced, withFaults } from './faulty-objects.ts';

/** Another backup, and the source that it is read from; undefined: the same one. */
export interface Substitute {
  readonly backup: Pick<Backup, 'kind' | 'key' | 'objects'>;
  readonly store: BackupSource | undefined;
}

/** Whether one can take the other's place: both are directories, or as many files. */
export function canSubstitute(chosen: Substitute['backup'], other: Substitute['backup']): boolean {
  if (chosen.kind !== other.kind) return false;
  return chosen.kind === 'directory' || chosen.objects.length === other.objects.length;
}

/** @returns the source in which another backup has the name and the date of the chosen one, see {@link canSubstitute}. */
export function substitute(source: BackupSource, chosen: Substitute['backup'], other: Substitute): BackupSource {
  return withFaults(source, objectsFor(chosen, other), new Set(chosen.objects.map(({ key }) => key)));
}

function objectsFor(chosen: Substitute['backup'], { backup, store }: Substitute): readonly FaultyObject[] {
  if (chosen.kind === 'directory') {
    const [first] = chosen.objects;
    const modifiedAt = new Date(Math.max(...chosen.objects.map((object) => object.modifiedAt.getTime())));
    return backup.objects.flatMap((object) => {
      const key = chosen.key + object.key.slice(backup.key.length);
      return first ? [replaced({ ...first, key, modifiedAt }, { store, object })] : [];
    });
  }
  return chosen.objects.flatMap((original, index) => {
    const object = backup.objects[index];
    return object ? [replaced(original, { store, object })] : [];
  });
}
