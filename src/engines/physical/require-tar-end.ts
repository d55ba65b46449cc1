import { pipeline, type Readable, Transform } from 'node:stream';
import { DrillError } from '../../support/errors.ts';

/** Two blocks of zeros. Source: POSIX, pax, "ustar Interchange Format". */
const END_BYTES = 1024;

/**
 * Passes a tar through, and fails at the end if the end-of-archive marker is missing: a tar cut between two members unpacks without an error.
 * @throws in the stream: DrillError `backup-truncated`.
 */
export function requireTarEnd(tar: Readable, name: string): Readable {
  let last: Buffer = Buffer.alloc(0);
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      last = chunk.length >= END_BYTES ? chunk.subarray(-END_BYTES) : Buffer.concat([last, chunk]).subarray(-END_BYTES);
      done(null, chunk);
    },
    flush(done) {
      const isWhole = last.length === END_BYTES && last.every((byte) => byte === 0);
      done(isWhole ? null : cutTar(name));
    },
  });
  pipeline(tar, watch, () => undefined); // the error reaches the reader
  return watch;
}

/** The error for a tar without an end-of-archive marker. */
export function cutTar(name: string): DrillError {
  return new DrillError('backup-truncated', `${name} has no end-of-archive mark: it was cut off`, {
    hint: 'Compare its size with what was written, and take a new backup.',
  });
}
