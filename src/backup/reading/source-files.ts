import { DrillError } from '../../support/errors.ts';
import type { BackupContent, DirectoryContent } from '../content.ts';
import type { DirectoryLayout } from '../directory-layout.ts';
import { type KeyRing, keysBeside } from '../layer.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { openDirectory } from './open-directory.ts';
import { readerOfSmallFiles } from './open-log-archive.ts';

/** Gives a backup's content the rest of its source. */
export function withSourceFiles<Content extends BackupContent>(
  content: Content,
  parts: {
    readonly source: BackupSource;
    readonly listed: readonly StoredObject[];
    readonly keys: KeyRing;
    readonly layouts: readonly DirectoryLayout[];
  },
): Content {
  const { source, listed, keys, layouts } = parts;
  const opened: DirectoryContent[] = [];
  return {
    ...content,
    inSource: {
      description: source.description,
      files: listed,
      openDirectory: (key) => {
        const objects = listed.filter((object) => object.key.startsWith(key));
        if (objects.length === 0) {
          throw new DrillError('backup-corrupt', `${source.description} holds nothing in ${key}`, {
            hint: 'See that nothing of it was deleted while the drill ran.',
          });
        }
        const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
        const backup = { ...content.backup, kind: 'directory' as const, key, objects, sizeBytes };
        const directory = openDirectory({ source, backup, meter: content.meter, keys: keysBeside(keys), layouts });
        opened.push(directory);
        return directory;
      },
      read: readerOfSmallFiles(source, listed, keysBeside(keys)),
    },
    close: () => {
      for (const directory of opened) directory.close();
      content.close();
    },
  };
}
