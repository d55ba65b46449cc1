import { buffer } from 'node:stream/consumers';
import type { KeyRing } from '../layer.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { readRanged } from './ranged-read.ts';
import { unwrap } from './unwrap.ts';

/** Files of an archived log, as they were listed, and how one is read. */
export interface ListedLog {
  readonly description: string;
  readonly files: readonly StoredObject[];
  read(file: { readonly key: string }, signal: AbortSignal): Promise<Buffer>;
}

/**
 * Lists the source that a server archives its log to.
 * @param keys what the drill names to decrypt it.
 * @throws what listing throws.
 */
export async function openLogArchive(source: BackupSource, keys: KeyRing, signal: AbortSignal): Promise<ListedLog> {
  const files: StoredObject[] = [];
  for await (const object of source.list(signal)) files.push(object);
  const byKey = new Map(files.map((file) => [file.key, file]));
  return {
    description: source.description,
    files,
    read: async ({ key }, signal) => {
      const object = byKey.get(key);
      if (!object) throw new TypeError(`${key} was not listed`);
      if (object.sizeBytes === 0) return Buffer.alloc(0);
      const { content } = await unwrap(readRanged(source, object, { signal, meter: { bytesRead: 0 } }), { key, keys });
      return buffer(content);
    },
  };
}
