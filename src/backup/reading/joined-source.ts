import { Readable } from 'node:stream';
import type { Backup, BackupSource, ReadRange, StoredObject } from '../source.ts';

/** The parts of a split file as one object, and a source that reads any range of it. */
export function joinParts(
  source: BackupSource,
  { key, objects, sizeBytes }: Pick<Backup, 'key' | 'objects' | 'sizeBytes'>,
): { readonly source: BackupSource; readonly object: StoredObject } {
  const newestMs = Math.max(...objects.map(({ modifiedAt }) => modifiedAt.getTime()));
  return {
    object: { key, sizeBytes, modifiedAt: new Date(newestMs), etag: objects.map(({ etag }) => etag).join(' ') },
    source: {
      description: source.description,
      prefix: source.prefix,
      ...(source.hasCostlyRanges === undefined ? {} : { hasCostlyRanges: source.hasCostlyRanges }),
      list: (signal) => source.list(signal),
      readTags: (object, signal) => source.readTags(object, signal),
      close: () => source.close(),
      read: async (_, range, signal) =>
        Readable.from(readParts(source, partsIn(objects, range), signal), {
          objectMode: false,
          highWaterMark: 2 ** 18,
        }),
    },
  };
}

interface PartRange {
  readonly object: StoredObject;
  readonly range: ReadRange;
}

/** @returns which bytes of which parts make up a range of the whole. */
function partsIn(objects: readonly StoredObject[], { start, end }: ReadRange): PartRange[] {
  let at = 0;
  const found: PartRange[] = [];
  for (const object of objects) {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, object.sizeBytes);
    if (from < to) found.push({ object, range: { start: from, end: to } });
    at += object.sizeBytes;
  }
  return found;
}

async function* readParts(
  source: BackupSource,
  parts: readonly PartRange[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for (const { object, range } of parts) yield* await source.read(object, range, signal);
}
