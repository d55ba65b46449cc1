import { type Readable, Transform } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import type { BackupSource, ReadRange, StoredObject } from '../source.ts';

/** An object as a faulty source presents it. */
export interface FaultyObject {
  /** The object as listed. */
  readonly object: StoredObject;
  /** The actual object in the store. */
  readonly original: StoredObject;
  read(source: BackupSource, range: ReadRange, signal: AbortSignal): Promise<Readable>;
}

/** Truncated, as left by a job that was killed while writing. */
export function truncated(original: StoredObject, sizeBytes: number): FaultyObject {
  return {
    original,
    object: { ...original, sizeBytes },
    read: (source, range, signal) => source.read(original, range, signal),
  };
}

/** One flipped bit. @param offset of its byte; @param bit 0 to 7. */
export function flipped(original: StoredObject, offset: number, bit: number): FaultyObject {
  return {
    original,
    object: original,
    read: async (source, range, signal) => {
      let at = range.start;
      return await passing(await source.read(original, range, signal), (chunk) => {
        const index = offset - at;
        at += chunk.length;
        if (index < 0 || index >= chunk.length) return chunk;
        const changed = Buffer.from(chunk);
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        return changed;
      });
    },
  };
}

/** The store fails reads at `offset`, after delivering the bytes before it. */
export function failingFrom(original: StoredObject, offset: number): FaultyObject {
  return {
    original,
    object: original,
    read: async (source, { start, end }, signal) => {
      if (end <= offset) return source.read(original, { start, end }, signal);
      if (start >= offset) throw storeFails(original);
      return await failingAfter(await source.read(original, { start, end: offset }, signal), storeFails(original));
    },
  };
}

/** @param onBytes called for all bytes as they are read. */
export function metered(original: StoredObject, onBytes: (count: number) => void): FaultyObject {
  return {
    original,
    object: original,
    read: async (source, range, signal) =>
      await passing(await source.read(original, range, signal), (chunk) => {
        onBytes(chunk.length);
        return chunk;
      }),
  };
}

/** Replaced by another object. @param store where that object is; undefined: in the same source. */
export function replaced(
  original: StoredObject,
  { store, object }: { readonly store: BackupSource | undefined; readonly object: StoredObject },
): FaultyObject {
  return {
    original,
    object: { ...original, sizeBytes: object.sizeBytes },
    read: (source, range, signal) => (store ?? source).read(object, range, signal),
  };
}

/**
 * The source with these objects in place of the stored ones; the store itself is not changed.
 * @param isKeyHidden whether a key is not listed.
 */
export function withFaults(
  source: BackupSource,
  faulty: readonly FaultyObject[],
  isKeyHidden: (key: string) => boolean = () => false,
): BackupSource {
  const byKey = new Map(faulty.map((one) => [one.object.key, one]));
  const isHidden = ({ key }: StoredObject) => isKeyHidden(key) || byKey.has(key);
  return {
    description: source.description,
    prefix: source.prefix,
    ...(source.hasCostlyRanges === undefined ? {} : { hasCostlyRanges: source.hasCostlyRanges }),
    async *list(signal) {
      for (const { object } of faulty) yield object;
      for await (const object of source.list(signal)) if (!isHidden(object)) yield object;
    },
    readTags: (object, signal) => source.readTags(byKey.get(object.key)?.original ?? object, signal),
    read: (object, range, signal) => {
      const fault = byKey.get(object.key);
      return fault ? fault.read(source, range, signal) : source.read(object, range, signal);
    },
    ...(source.requestCount ? { requestCount: () => source.requestCount?.() ?? 0 } : {}),
    close: () => source.close(),
  };
}

async function passing(body: Readable, change: (chunk: Buffer) => Buffer): Promise<Readable> {
  const out = new Transform({
    transform: (chunk: Buffer, _, done) => done(null, change(chunk)),
  });
  return chained(body, out);
}

async function failingAfter(body: Readable, error: Error): Promise<Readable> {
  return chained(
    body,
    new Transform({ transform: (chunk, _, done) => done(null, chunk), flush: (done) => done(error) }),
  );
}

/** Destroying either end destroys the other, with its error. */
function chained(body: Readable, out: Transform): Readable {
  body.once('error', (error) => out.destroy(error));
  out.once('close', () => body.destroy());
  return body.pipe(out);
}

function storeFails({ key }: StoredObject): DrillError {
  return new DrillError('source-failed', `${key}: the store fails near the end (simulated)`);
}
