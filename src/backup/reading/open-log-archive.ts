import type { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { type KeyRing, keysBeside } from '../layer.ts';
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
  return { description: source.description, files, read: readerOfSmallFiles(source, files, keysBeside(keys)) };
}

/** @returns what reads one of these files whole, unwrapped; of at most 1 GiB. */
export function readerOfSmallFiles(
  source: BackupSource,
  files: readonly StoredObject[],
  ownKeys: KeyRing,
): (file: { readonly key: string }, signal: AbortSignal, keys?: KeyRing) => Promise<Buffer> {
  let byKey: ReadonlyMap<string, StoredObject> | undefined;
  return async ({ key }, signal, keys = ownKeys) => {
    byKey ??= new Map(files.map((file) => [file.key, file]));
    const object = byKey.get(key);
    if (!object) throw new TypeError(`${key} was not listed`);
    if (object.sizeBytes === 0) return Buffer.alloc(0);
    const stored = readRanged(source, object, { signal, meter: { bytesRead: 0 } });
    const { content } = await unwrap(stored, { key, keys });
    return readBounded(content, key);
  };
}

/** The largest segment that a server can be made with. */
const MAX_BYTES = 2 ** 30;

async function readBounded(content: Readable, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES) {
      throw new DrillError('log-damaged', `${key} has more than 1 GiB once decompressed: it is no segment of a log`, {
        hint: 'Let `backup.log.source` name a place that holds archived segments only.',
      });
    }
  }
  return Buffer.concat(chunks);
}
