import { PassThrough, pipeline, type Readable, Transform } from 'node:stream';
import { finished } from 'node:stream/promises';

export interface Watcher {
  push(chunk: Buffer): void;
  /** Called once, after the last chunk; may throw. */
  end(): void;
}

/**
 * Returns the same bytes as `source`, while a watcher reads along. An error thrown by the watcher ends the stream.
 * @param decode decodes a compressed source for the watcher; the reader gets the bytes as stored.
 */
export function watchStream(source: Readable, watcher: Watcher, decode?: (stored: Readable) => Readable): Readable {
  const watched = decode ? watchDecoded(watcher, decode) : watchPlain(watcher);
  pipeline(source, watched, () => undefined); // the reader gets the error
  return watched;
}

function watchPlain(watcher: Watcher): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      settle(
        () => watcher.push(chunk),
        (error) => done(error, chunk),
      );
    },
    flush: (done) => settle(() => watcher.end(), done),
  });
}

function watchDecoded(watcher: Watcher, decode: (stored: Readable) => Readable): Transform {
  const stored = new PassThrough();
  const watching = watch(decode(stored), watcher);
  const watched = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (stored.write(chunk)) done(null, chunk);
      else stored.once('drain', () => done(null, chunk));
    },
    flush(done) {
      stored.end();
      watching.then(() => done(), done);
    },
    destroy(error, done) {
      stored.destroy();
      done(error);
    },
  });
  watching.catch((error: unknown) => watched.destroy(error instanceof Error ? error : new Error(String(error))));
  return watched;
}

async function watch(content: Readable, watcher: Watcher): Promise<void> {
  content.on('data', (chunk: Buffer) => {
    try {
      watcher.push(chunk);
    } catch (error) {
      content.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  await finished(content);
  watcher.end();
}

function settle(step: () => void, done: (error?: Error | null) => void): void {
  try {
    step();
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)));
    return;
  }
  done(null);
}
