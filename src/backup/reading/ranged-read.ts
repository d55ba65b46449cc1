import { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import type { TransferMeter } from '../content.ts';
import type { BackupSource, ReadRange, StoredObject } from '../source.ts';
import { readWhole } from './whole-read.ts';

/** 8 MiB in total: enough parallel requests to hide the latency of a distant store, in parts small enough to keep memory low. */
const DEFAULT_PARALLEL = 4;
const DEFAULT_PART_BYTES = 2 * 2 ** 20;

export interface RangedReadOptions {
  /** Aborts every request in progress; the stream is destroyed with the signal's reason. */
  readonly signal: AbortSignal;
  readonly meter: TransferMeter;
  readonly parallel?: number;
  readonly partBytes?: number;
}

/**
 * Streams the whole object, in order, from parallel ranged reads. Holds at most `parallel × partBytes` bytes: a new part is requested only when the oldest one
 * has been passed on, so a slow reader applies back pressure to the store. An object of up to `partBytes` takes one request, as does any object from a source
 * with costly ranges; memory is then bounded by the stream's own buffer.
 * The first failure of any part destroys the stream with that error (see {@link BackupSource.read}) and aborts the other parts.
 */
export function readRanged(source: BackupSource, object: StoredObject, options: RangedReadOptions): Readable {
  if (source.hasCostlyRanges) return readWhole(source, object, options);
  return new RangedReadable(source, object, options);
}

/** @returns how many requests {@link readRanged} needs for an object. */
export function countReads(
  { hasCostlyRanges = false }: Pick<BackupSource, 'hasCostlyRanges'>,
  { sizeBytes }: StoredObject,
): number {
  if (sizeBytes === 0) return 0;
  return hasCostlyRanges ? 1 : Math.ceil(sizeBytes / DEFAULT_PART_BYTES);
}

/** @returns consecutive ranges of `partBytes` (the last may be shorter) that cover `0..sizeBytes` exactly. */
export function splitRange(sizeBytes: number, partBytes: number): ReadRange[] {
  const count = Math.ceil(sizeBytes / partBytes);
  return Array.from({ length: count }, (_, index) => rangeAt(index, sizeBytes, partBytes));
}

function rangeAt(index: number, sizeBytes: number, partBytes: number): ReadRange {
  return { start: index * partBytes, end: Math.min((index + 1) * partBytes, sizeBytes) };
}

/** A part in progress: data that has arrived but was not passed on yet. */
interface Part {
  readonly chunks: Buffer[];
  done: boolean;
}

class RangedReadable extends Readable {
  readonly #source: BackupSource;
  readonly #object: StoredObject;
  readonly #meter: TransferMeter;
  readonly #parallel: number;
  readonly #partBytes: number;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.destroy(asError(this.#signal.reason));
  /** Parts in progress, oldest first. */
  readonly #parts: Part[] = [];
  #nextIndex = 0;
  #wanted = false;

  constructor(source: BackupSource, object: StoredObject, options: RangedReadOptions) {
    super({ highWaterMark: 2 ** 20 });
    this.#source = source;
    this.#object = object;
    this.#meter = options.meter;
    this.#parallel = options.parallel ?? DEFAULT_PARALLEL;
    this.#partBytes = options.partBytes ?? DEFAULT_PART_BYTES;
    this.#signal = options.signal;
    if (options.signal.aborted) process.nextTick(this.#onAbort);
    else options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  override _read(): void {
    this.#wanted = true;
    this.#startParts();
    this.#handOn();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#abort.abort(error ?? new Error('no longer needed'));
    this.#countWaiting(-this.#parts.flatMap(({ chunks }) => chunks).reduce((sum, chunk) => sum + chunk.length, 0));
    this.#parts.length = 0;
    callback(error);
  }

  #startParts(): void {
    const { sizeBytes } = this.#object;
    while (this.#parts.length < this.#parallel && this.#nextIndex * this.#partBytes < sizeBytes) {
      const part: Part = { chunks: [], done: false };
      this.#parts.push(part);
      const range = rangeAt(this.#nextIndex, sizeBytes, this.#partBytes);
      this.#nextIndex += 1;
      this.#fetch(part, range).catch((error: unknown) => this.destroy(asError(error)));
    }
  }

  /** Parts are never paused: their size bounds the memory, and fewer wake-ups cost less CPU than pausing sockets. */
  async #fetch(part: Part, range: ReadRange): Promise<void> {
    const meter = this.#meter;
    meter.readsUnderWay = (meter.readsUnderWay ?? 0) + 1;
    try {
      await this.#receive(part, range);
    } finally {
      meter.readsUnderWay -= 1;
    }
    part.done = true;
    if (this.#wanted && this.#parts[0] === part) this.#handOn();
  }

  async #receive(part: Part, range: ReadRange): Promise<void> {
    const body = await this.#source.read(this.#object, range, this.#abort.signal);
    let missing = range.end - range.start;
    await new Promise<void>((resolve, reject) => {
      body.on('data', (chunk: Buffer) => {
        if (this.destroyed) return;
        missing -= chunk.length;
        this.#meter.bytesRead += chunk.length;
        this.#countWaiting(chunk.length);
        part.chunks.push(chunk);
        if (this.#wanted && this.#parts[0] === part) this.#handOn();
      });
      body.once('end', resolve);
      body.once('error', reject);
      body.once('close', () => reject(new Error('the store closed the stream early')));
    });
    if (missing !== 0) throw wrongLength(this.#object, range, missing);
  }

  #countWaiting(bytes: number): void {
    this.#meter.bytesWaiting = (this.#meter.bytesWaiting ?? 0) + bytes;
  }

  #handOn(): void {
    for (let part = this.#parts[0]; part; part = this.#parts[0]) {
      for (let chunk = part.chunks.shift(); chunk; chunk = part.chunks.shift()) {
        this.#countWaiting(-chunk.length);
        if (this.push(chunk)) continue;
        this.#wanted = false;
        return;
      }
      if (!part.done) return;
      this.#parts.shift();
      this.#startParts();
    }
    if (!this.destroyed && this.#nextIndex * this.#partBytes >= this.#object.sizeBytes) this.push(null);
  }
}

/** The source contract forbids this; without the check, a short part would leave a hole in the backup. */
function wrongLength({ key }: StoredObject, { start, end }: ReadRange, missing: number): DrillError {
  const wanted = end - start;
  return new DrillError(
    'source-failed',
    `${key}: the range from ${start} ended after ${wanted - missing} of ${wanted} bytes`,
    {
      hint: 'Run the drill again. If it happens every time, this store does not serve byte ranges as it claims.',
    },
  );
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
