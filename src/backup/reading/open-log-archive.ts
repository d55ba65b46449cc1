import { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import type { TransferMeter } from '../content.ts';
import { type KeyRing, keysBeside } from '../layer.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { type FileOfLog, LogTars, type TarOfLog } from './log-tars.ts';
import { unwrap } from './unwrap.ts';
import { readWhole } from './whole-read.ts';

/** The listed files of an archived log, and how to read them. */
export interface ListedLog {
  readonly description: string;
  readonly files: readonly StoredObject[];
  read(file: { readonly key: string }, signal: AbortSignal): Promise<Buffer>;
  stream(file: FileOfLog, signal: AbortSignal): Promise<Readable>;
  /** See {@link LogTars.list}. */
  listTar(
    tar: { readonly key: string },
    isWanted: (name: string) => boolean,
    signal: AbortSignal,
    mostBytes?: number,
  ): Promise<TarOfLog>;
  /** Stops reading tars; call once no more files are needed. */
  release(): void;
}

/**
 * Lists the source that a server archives its log to.
 * @param keys the drill's keys.
 * @param meter counts the bytes read. Default: not counted.
 * @throws whatever listing throws.
 */
export async function openLogArchive(
  source: BackupSource,
  keys: KeyRing,
  signal: AbortSignal,
  meter: TransferMeter = { bytesRead: 0 },
): Promise<ListedLog> {
  const files: StoredObject[] = [];
  for await (const object of source.list(signal)) files.push(object);
  const { read, stream } = readerOfSmallFiles(source, files, keysBeside(keys), meter);
  const tars = new LogTars({ source, files, keys: keysBeside(keys), meter });
  return {
    description: source.description,
    files,
    read,
    stream: (file, wanted) => (file.member === undefined ? stream(file, wanted) : tars.stream(file, wanted)),
    listTar: (tar, isWanted, wanted, mostBytes) => tars.list(tar, isWanted, wanted, mostBytes),
    release: () => tars.release(),
  };
}

type Reader<Content> = (file: { readonly key: string }, signal: AbortSignal, keys?: KeyRing) => Promise<Content>;

/**
 * @returns functions that read one of these files, unwrapped: whole (at most 1 GiB), or as a stream. Each file takes one request: they are small, and several
 * are read in parallel.
 */
export function readerOfSmallFiles(
  source: BackupSource,
  files: readonly StoredObject[],
  ownKeys: KeyRing,
  meter: TransferMeter,
): { readonly read: Reader<Buffer>; readonly stream: Reader<Readable> } {
  let byKey: ReadonlyMap<string, StoredObject> | undefined;
  const stream: Reader<Readable> = async ({ key }, signal, keys = ownKeys) => {
    byKey ??= new Map(files.map((file) => [file.key, file]));
    const object = byKey.get(key);
    if (!object) throw new TypeError(`${key} was not listed`);
    if (object.sizeBytes === 0) return Readable.from([]);
    const { content } = await unwrap(readWhole(source, object, { signal, meter }), { key, keys });
    return content;
  };
  return { stream, read: async (file, signal, keys) => readBounded(await stream(file, signal, keys), file.key) };
}

/** The largest segment size that a server can be built with. */
const MAX_BYTES = 2 ** 30;

async function readBounded(content: Readable, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BYTES) {
      throw new DrillError('log-damaged', `${key} is larger than 1 GiB once decompressed, so it is not a log segment`, {
        hint: 'Point `backup.log.source` at a place that holds archived segments only.',
      });
    }
  }
  return Buffer.concat(chunks);
}
