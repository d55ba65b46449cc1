import { Readable } from 'node:stream';
import { destroyOnAbort } from '../../src/backup/reading/replay.ts';
import type { BackupSource, ReadRange, StoredObject } from '../../src/backup/source.ts';

export interface MemorySourceOptions {
  /** Awaited before each read answers; may throw. */
  readonly beforeRead?: (range: ReadRange) => Promise<unknown>;
  /** Bodies deliver nothing and stay open. */
  readonly stall?: boolean;
  /** Number of zeros to deliver instead of a body. */
  readonly zeros?: number;
}

/** A source of one object in memory that counts the requests made to it. */
export function memorySource(body: Buffer, { beforeRead, stall = false, zeros }: MemorySourceOptions = {}) {
  const object: StoredObject = { key: 'a.dump', sizeBytes: zeros ?? body.length, modifiedAt: new Date(0), etag: 'e' };
  const reads: ReadRange[] = [];
  let open = 0;
  const source: BackupSource = {
    description: 'memory',
    prefix: '',
    async *list() {
      yield object;
    },
    readTags: async () => ({}),
    read: async (_, range, signal) => {
      reads.push(range);
      await beforeRead?.(range);
      signal.throwIfAborted();
      const stream = stall
        ? new Readable({ read: () => undefined })
        : Readable.from(chunksOf(range, zeros === undefined ? body : undefined), { objectMode: false });
      open += 1;
      stream.once('close', () => {
        open -= 1;
      });
      destroyOnAbort(stream, signal);
      return stream;
    },
    close: () => undefined,
  };
  return { source, object, reads, openStreams: () => open };
}

function* chunksOf({ start, end }: ReadRange, body: Buffer | undefined): Generator<Buffer> {
  for (let at = start; at < end; at += 65_536) {
    const next = Math.min(end, at + 65_536);
    yield body?.subarray(at, next) ?? Buffer.alloc(next - at);
  }
}
