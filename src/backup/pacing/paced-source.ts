import { pipeline, type Readable, Transform } from 'node:stream';
import type { BackupSource } from '../source.ts';

/** Decides how long to delay bytes before passing them on. */
export interface Pace {
  /** @returns milliseconds. */
  take(bytes: number): number;
  /** Called when a read starts to wait, and when it continues or is abandoned. */
  onWait(change: 1 | -1): void;
}

/**
 * A source with rate-limited reads. To the underlying source this looks like a slow reader, such as a server that loads slowly, so it does not count as a
 * stalled store.
 */
export function pacedSource(source: BackupSource, pace: Pace): BackupSource {
  const { listAfter, listVersions, checkReadable, principal, requestCount, protection } = source;
  return {
    description: source.description,
    prefix: source.prefix,
    ...(source.hasCostlyRanges !== undefined && { hasCostlyRanges: source.hasCostlyRanges }),
    list: (signal, onDeadLink) => source.list(signal, onDeadLink),
    ...(listAfter && { listAfter: listAfter.bind(source) }),
    ...(listVersions && { listVersions: listVersions.bind(source) }),
    ...(checkReadable && { checkReadable: checkReadable.bind(source) }),
    readTags: (object, signal) => source.readTags(object, signal),
    read: async (object, range, signal) => held(await source.read(object, range, signal), pace),
    ...(principal && { principal: principal.bind(source) }),
    ...(requestCount && { requestCount: requestCount.bind(source) }),
    ...(protection && { protection }),
    close: () => source.close(),
  };
}

/** Destroying either end destroys the other, with its error. */
function held(body: Readable, pace: Pace): Readable {
  let timer: NodeJS.Timeout | undefined;
  const stopWaiting = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    pace.onWait(-1);
  };
  const out = new Transform({
    highWaterMark: 2 ** 18,
    transform: (chunk: Buffer, _, done) => {
      const waitMs = pace.take(chunk.length);
      if (waitMs === 0) {
        done(null, chunk);
        return;
      }
      pace.onWait(1);
      timer = setTimeout(() => {
        stopWaiting();
        done(null, chunk);
      }, waitMs);
    },
    destroy: (error, done) => {
      stopWaiting();
      done(error);
    },
  });
  pipeline(body, out, () => undefined); // the reader of `out` gets its errors
  return out;
}
