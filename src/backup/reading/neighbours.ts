import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import type { TransferMeter } from '../content.ts';
import { type KeyRing, keysBeside } from '../layer.ts';
import type { BackupNeighbours } from '../neighbours.ts';
import type { Backup, BackupSource, StoredObject } from '../source.ts';
import { openContent } from './open-content.ts';

/** Extensions that compression and encryption tools append. */
const WRAPPED = /^(?:\.(?:gz|zst|lz4|xz|bz2|age|gpg|pgp|asc|enc|zip))+$/i;

/** A file next to a backup is not in an engine's format: an archive around it contains only that file. */
const NO_FORMAT = { member: undefined, layouts: [], isFormat: () => false };

export function neighboursOf({
  source,
  backup,
  objects,
  keys,
  meter,
}: {
  source: BackupSource;
  backup: Backup;
  objects: readonly StoredObject[];
  keys: KeyRing;
  /** Counts the bytes read. */
  meter: TransferMeter;
}): BackupNeighbours {
  const keysOfThese = keysBeside(keys);
  return {
    name: nameOf(backup.key.replace(/\/$/, '')),
    read: async (name, maxBytes, signal) => {
      const named = objects.filter(({ key }) => nameOf(key).startsWith(name));
      const object =
        named.find(({ key }) => nameOf(key) === name) ??
        named.find(({ key }) => WRAPPED.test(nameOf(key).slice(name.length)));
      if (!object) return undefined;
      if (object.sizeBytes > maxBytes) throw tooLong(object, maxBytes);
      const file = {
        ...backup,
        kind: 'object' as const,
        key: object.key,
        objects: [object],
        sizeBytes: object.sizeBytes,
      };
      const content = await openContent(source, file, signal, keysOfThese, NO_FORMAT);
      try {
        if (content.kind !== 'object') return undefined;
        return { key: object.key, content: await readAtMost(content.stream(signal), object, maxBytes) };
      } finally {
        meter.bytesRead += content.meter.bytesRead;
        content.close();
      }
    },
  };
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

async function readAtMost(stream: AsyncIterable<Buffer>, object: StoredObject, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > maxBytes) throw tooLong(object, maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function tooLong({ key }: StoredObject, maxBytes: number): DrillError {
  return new DrillError('manifest-unusable', `${key} is larger than ${formatBytes(maxBytes)}, so it is no manifest`);
}
