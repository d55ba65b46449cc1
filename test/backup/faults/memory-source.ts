import { Readable } from 'node:stream';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';

/** Objects in memory, by key, read in chunks of a few bytes. */
export function memorySource(files: Readonly<Record<string, string>>, chunkBytes = 3): BackupSource {
  return {
    description: '/backups',
    prefix: '',
    async *list() {
      for (const key of Object.keys(files)) yield storedObject(key, files);
    },
    readTags: async ({ key }) => ({ key }),
    read: async ({ key }, { start, end }) => {
      const bytes = Buffer.from(files[key] ?? '').subarray(start, end);
      return Readable.from(
        Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
          bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
        ),
      );
    },
    close: () => undefined,
  };
}

export function storedObject(key: string, files: Readonly<Record<string, string>>): StoredObject {
  return { key, sizeBytes: files[key]?.length ?? 0, modifiedAt: new Date('2026-11-21T03:00:00Z'), etag: `"${key}"` };
}
