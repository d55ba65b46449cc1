import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DrillError } from '../../support/errors.ts';
import type { ChecksumWatch } from '../checksums/checksum-watch.ts';
import type { BackupContent, DirectoryContent, TransferMeter } from '../content.ts';
import type { DirectoryLayout } from '../directory-layout.ts';
import { type KeyRing, keysBeside } from '../layer.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { openDirectory } from './open-directory.ts';
import { readerOfSmallFiles } from './open-log-archive.ts';
import { readRanged } from './ranged-read.ts';
import { readWhole } from './whole-read.ts';

/** Gives a backup's content access to the rest of its source. */
export function withSourceFiles<Content extends BackupContent>(
  content: Content,
  parts: {
    readonly source: BackupSource;
    readonly listed: readonly StoredObject[];
    readonly keys: KeyRing;
    readonly layouts: readonly DirectoryLayout[];
    /** Counts the bytes read from small files, such as those of a log. Default: not counted. */
    readonly beside?: TransferMeter;
    /** Compared with the stored bytes of the backup's one file. Default: nothing. */
    readonly checksums?: ChecksumWatch | undefined;
  },
): Content {
  const { source, listed, keys, layouts, beside = { bytesRead: 0 }, checksums } = parts;
  const opened: DirectoryContent[] = [];
  const underWay = new Set<Readable>();
  const small = readerOfSmallFiles(source, listed, keysBeside(keys), beside);
  let byKey: ReadonlyMap<string, StoredObject> | undefined;
  const find = (key: string): StoredObject => {
    byKey ??= new Map(listed.map((object) => [object.key, object]));
    const object = byKey.get(key);
    if (!object) throw new TypeError(`${key} was not listed`);
    return object;
  };
  const held = (stream: Readable): Readable => {
    underWay.add(stream);
    stream.once('close', () => underWay.delete(stream));
    return stream;
  };
  return {
    ...content,
    inSource: {
      description: source.description,
      files: listed,
      openDirectory: (key) => {
        const objects = listed.filter((object) => object.key.startsWith(key));
        if (objects.length === 0) {
          throw new DrillError('backup-corrupt', `${source.description} holds nothing in ${key}`, {
            hint: 'Check that nothing in it was deleted while the drill ran.',
          });
        }
        const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
        const backup = { ...content.backup, kind: 'directory' as const, key, objects, sizeBytes };
        const directory = openDirectory({ source, backup, meter: content.meter, keys: keysBeside(keys), layouts });
        opened.push(directory);
        return directory;
      },
      read: small.read,
      streamUnwrapped: small.stream,
      stream: ({ key }, signal) => {
        const object = find(key);
        if (object.sizeBytes === 0) return Readable.from([]);
        const stored = readRanged(source, object, { signal, meter: content.meter });
        return held((key === content.backup.key && checksums?.watch(stored)) || stored);
      },
      ...(source.hasCostlyRanges
        ? {}
        : {
            readRange: async ({ key }, range, signal) => buffer(await source.read(find(key), range, signal)),
            streamPart: ({ key }, range, signal) =>
              held(readWhole(source, find(key), { signal, meter: content.meter, range })),
          }),
      keys,
    },
    close: () => {
      for (const directory of opened) directory.close();
      for (const stream of underWay) stream.destroy();
      content.close();
    },
  };
}
