import { Readable } from 'node:stream';
import { formatBytes, formatDuration } from '../../support/quantities.ts';
import type { ReadRange } from '../source.ts';

/** Opens the bytes from `start` to the end of the range; `cause`: why the previous connection ended, undefined for the first. */
export type OpenBody = (start: number, cause: Error | undefined) => Promise<Readable>;

/**
 * Reads a range over as many connections as necessary: when one is cut, stalls or ends early, the next one resumes where it stopped. Ends only after exactly
 * the range's bytes. `open` decides whether to retry, and throws to give up.
 */
export function resumingBody(first: Readable, range: ReadRange, options: BodyOptions): Readable {
  return new ResumingBody(first, range, options);
}

export interface BodyOptions {
  readonly open: OpenBody;
  /** A connection that delivers nothing for this long while bytes are requested counts as cut. */
  readonly stallMs: number;
  /** Returns true for a chunk whose memory will be overwritten and which must not be passed on. */
  readonly isReused?: (chunk: Buffer) => boolean;
  /** Called after the last byte; the stream ends when the promise resolves, or is destroyed with the rejection's error. */
  readonly beforeEnd?: () => Promise<void>;
}

/** A connection slower than this while bytes are requested is treated as stalled. */
const MIN_BYTES_PER_SECOND = 1024;

/** Counts the attempts of one read. Progress shows that the store works, so it resets the count; bytes that arrived too slowly are not progress. */
export class ReadAttempts {
  attempts = 0;
  #from: number;

  constructor({ start }: ReadRange) {
    this.#from = start;
  }

  /** Call before resuming the read. @param cause why the previous connection was lost. */
  resume(start: number, cause: Error | undefined): void {
    if (start <= this.#from || isTooSlow(cause)) return;
    this.attempts = 0;
    this.#from = start;
  }
}

function isTooSlow(cause: Error | undefined): boolean {
  return (cause as { code?: string } | undefined)?.code === 'ERR_TOO_SLOW';
}

class ResumingBody extends Readable {
  readonly #end: number;
  readonly #open: OpenBody;
  readonly #stallMs: number;
  readonly #isReused: (chunk: Buffer) => boolean;
  readonly #beforeEnd: (() => Promise<void>) | undefined;
  #position: number;
  #body: Readable | undefined;
  #timer: NodeJS.Timeout | undefined;
  #paceTimer: NodeJS.Timeout | undefined;

  constructor(first: Readable, range: ReadRange, { open, stallMs, isReused = () => false, beforeEnd }: BodyOptions) {
    super({ highWaterMark: 2 ** 18 });
    this.#end = range.end;
    this.#position = range.start;
    this.#open = open;
    this.#stallMs = stallMs;
    this.#isReused = isReused;
    this.#beforeEnd = beforeEnd;
    this.#use(first);
  }

  override _read(): void {
    this.#timer?.refresh();
    this.#body?.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#stopTimers();
    this.#body?.destroy();
    callback(error);
  }

  #use(body: Readable): void {
    this.#body = body;
    body.pause();
    body.on('data', (chunk: Buffer) => this.#take(body, chunk));
    body.once('end', () => this.#lost(body, cut('ended early')));
    body.once('error', (error) => this.#lost(body, error));
    body.once('close', () => this.#lost(body, cut('was closed early')));
    this.#stopTimers();
    this.#watchPace(body);
    this.#timer = setTimeout(() => {
      // While the reader has paused, silence is expected; _read restarts the timer.
      if (!body.isPaused()) this.#lost(body, stalled(this.#stallMs));
    }, this.#stallMs);
    this.#timer.unref();
  }

  /** Checks the throughput at intervals, and skips intervals in which the reader paused. */
  #watchPace(body: Readable): void {
    let from = this.#position;
    let wasPaused = false;
    body.on('pause', () => {
      wasPaused = true;
    });
    const leastBytes = (MIN_BYTES_PER_SECOND * this.#stallMs) / 1000;
    this.#paceTimer = setInterval(() => {
      const bytes = this.#position - from;
      if (!wasPaused && !body.isPaused() && bytes > 0 && bytes < leastBytes)
        this.#lost(body, tooSlow(bytes, this.#stallMs));
      from = this.#position;
      wasPaused = body.isPaused();
    }, this.#stallMs);
    this.#paceTimer.unref();
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#paceTimer);
  }

  #take(body: Readable, chunk: Buffer): void {
    if (this.#body !== body || this.destroyed) return;
    if (this.#isReused(chunk)) {
      this.destroy(new Error('this Node release reuses socket buffers; use the release that Firedrill requires'));
      return;
    }
    this.#timer?.refresh();
    const missing = this.#end - this.#position;
    const wanted = chunk.length > missing ? chunk.subarray(0, missing) : chunk;
    this.#position += wanted.length;
    const goOn = this.push(wanted);
    if (this.#position >= this.#end) {
      this.#stopTimers();
      this.#body = undefined;
      // Reading the response to the end returns the connection to the pool; bytes beyond the range are not read.
      if (chunk.length > missing) body.destroy();
      else body.resume();
      this.#finish();
    } else if (!goOn) {
      body.pause();
    }
  }

  #finish(): void {
    if (!this.#beforeEnd) {
      this.push(null);
      return;
    }
    this.#beforeEnd().then(
      () => this.push(null),
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }

  #lost(body: Readable, cause: Error): void {
    if (this.#body !== body || this.destroyed) return;
    this.#body = undefined;
    this.#stopTimers();
    body.on('error', () => undefined); // the connection was dropped; ignore its later errors
    body.destroy();
    this.#open(this.#position, cause).then(
      (next) => {
        if (this.destroyed) {
          next.destroy();
          return;
        }
        this.#use(next);
        next.resume();
      },
      (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

function cut(how: string): Error {
  return Object.assign(new Error(`the connection ${how}`), { code: 'ERR_CUT' });
}

function stalled(ms: number): Error {
  return Object.assign(new Error(`the connection delivered nothing for ${formatDuration(ms)}`), {
    code: 'ERR_STALLED',
  });
}

function tooSlow(bytes: number, ms: number): Error {
  const message = `the connection delivered only ${formatBytes(bytes)} in ${formatDuration(ms)}`;
  return Object.assign(new Error(message), { code: 'ERR_TOO_SLOW' });
}
