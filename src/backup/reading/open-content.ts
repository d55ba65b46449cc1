import { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { decompress, MAGIC_BYTES, recogniseCompression } from '../compression/decompress.ts';
import type { BackupContent, DirectoryContent, ObjectContent, TransferMeter } from '../content.ts';
import type { Backup, BackupSource, StoredObject } from '../source.ts';
import { readRanged } from './ranged-read.ts';
import { destroyOnAbort, readAtLeast, replay } from './replay.ts';

/** How much of the decompressed content engines can inspect before any sandbox exists. */
export const HEAD_BYTES = 2 ** 20;

/**
 * Opens a chosen backup: recognises its compression, reads its head, and keeps reading ahead within the readers' bounded
 * buffers, so that the first bytes are available once the sandbox is up.
 * @param signal for opening only; later, `close()` discards unused data.
 * @throws DrillError `backup-empty` when there are no bytes, also after decompression, and whatever reading or decompressing throws.
 */
export async function openContent(source: BackupSource, backup: Backup, signal: AbortSignal): Promise<BackupContent> {
  const meter: TransferMeter = { bytesRead: 0 };
  if (backup.kind === 'directory') return openDirectory(source, backup, meter);
  const [object] = backup.objects;
  if (!object || object.sizeBytes === 0) throw emptyBackup(backup, 'has 0 bytes');
  return openObject(source, backup, object, meter, signal);
}

function openDirectory(source: BackupSource, backup: Backup, meter: TransferMeter): DirectoryContent {
  const members = new Map(backup.objects.map((object) => [memberName(backup, object), object]));
  const underWay = new Set<Readable>();
  const open = (name: string, signal: AbortSignal): Readable => {
    const object = members.get(name);
    if (!object) throw new DrillError('backup-corrupt', `the directory dump ${backup.key} has no member ${name}`);
    if (object.sizeBytes === 0) return Readable.from([]);
    const stream = readRanged(source, object, { signal, meter });
    underWay.add(stream);
    stream.once('close', () => underWay.delete(stream));
    return stream;
  };
  return {
    kind: 'directory',
    backup,
    meter,
    members,
    stream: open,
    streamDecompressed: async (name, signal) => {
      const raw = open(name, signal);
      const first = await readAtLeast(raw, MAGIC_BYTES);
      return decompress(recogniseCompression(first), replay(first, raw), `${backup.key}${name}`);
    },
    decompress,
    close: () => {
      for (const stream of underWay) stream.destroy();
    },
  };
}

function memberName(backup: Backup, object: StoredObject): string {
  return object.key.startsWith(backup.key) ? object.key.slice(backup.key.length) : object.key;
}

async function openObject(
  source: BackupSource,
  backup: Backup,
  object: StoredObject,
  meter: TransferMeter,
  signal: AbortSignal,
): Promise<ObjectContent> {
  signal.throwIfAborted();
  const opening = new AbortController();
  const onAbort = () => opening.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const raw = readRanged(source, object, { signal: opening.signal, meter });
    const first = await readAtLeast(raw, MAGIC_BYTES);
    const compression = recogniseCompression(first);
    const outer = decompress(compression, replay(first, raw), backup.key);
    // A job that compresses an already compressed dump leaves two layers; more are not supported.
    const second = compression === 'none' ? undefined : await readAtLeast(outer, MAGIC_BYTES);
    const inner = second ? recogniseCompression(second) : 'none';
    const decoded = second ? decompress(inner, replay(second, outer), backup.key) : outer;
    const head = await readAtLeast(decoded, HEAD_BYTES);
    if (head.length === 0) throw emptyBackup(backup, `decompresses (${compression}) to 0 bytes`);
    if (inner !== 'none' && recogniseCompression(head) !== 'none') throw tooManyLayers(backup, compression, inner);
    const prefetched = new Prefetched(replay(head, decoded));
    const decodeAgain = (stream: Readable) =>
      decompress(inner, decompress(compression, stream, backup.key), backup.key);
    return {
      kind: 'object',
      backup,
      compression,
      head: head.subarray(0, HEAD_BYTES),
      meter,
      stream: (signal) => prefetched.take(signal) ?? decodeAgain(readRanged(source, object, { signal, meter })),
      decompress,
      close: () => prefetched.close(),
    };
  } catch (error) {
    opening.abort(error);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The data read ahead while opening; the first caller of `stream` gets it. */
class Prefetched {
  #stream: Readable | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    // Without a consumer yet, an error must not be unhandled; the consumer gets it later.
    stream.on('error', () => undefined);
  }

  take(signal: AbortSignal): Readable | undefined {
    const stream = this.#stream;
    if (!stream) return undefined;
    this.#stream = undefined;
    if (stream.destroyed) {
      const failed = new Readable({ read: () => undefined });
      failed.destroy(stream.errored ?? new Error('the content was closed'));
      return failed;
    }
    destroyOnAbort(stream, signal);
    return stream;
  }

  close(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }
}

function tooManyLayers({ key }: Backup, ...layers: readonly string[]): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is compressed more than twice (${layers.join(' around ')} around more)`,
    {
      hint: 'Compress the dump once: let either the dump tool or the job do it.',
    },
  );
}

function emptyBackup(backup: Backup, what: string): DrillError {
  return new DrillError('backup-empty', `the backup ${backup.key} ${what}`, {
    hint: 'Check the log of the job that wrote it: a dump that fails at once often leaves an empty file.',
  });
}
