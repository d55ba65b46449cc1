import { Readable } from 'node:stream';
import type { TransferMeter } from '../content.ts';
import type { BackupSource, ReadRange, StoredObject } from '../source.ts';

/**
 * Streams the whole object, or a range of it, from a single read, with back pressure to the store. The stream is destroyed with the error of {@link
 * BackupSource.read}, or with the signal's reason.
 */
export function readWhole(
  source: BackupSource,
  object: StoredObject,
  options: { readonly signal: AbortSignal; readonly meter: TransferMeter; readonly range?: ReadRange },
): Readable {
  return new WholeRead(source, object, options);
}

class WholeRead extends Readable {
  readonly #source: BackupSource;
  readonly #object: StoredObject;
  readonly #meter: TransferMeter;
  readonly #range: ReadRange;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #onAbort = () => this.destroy(asError(this.#signal.reason));
  #body: Readable | undefined;
  #isStarted = false;
  #isWaiting = false;

  constructor(source: BackupSource, object: StoredObject, { signal, meter, range }: Parameters<typeof readWhole>[2]) {
    super({ highWaterMark: 2 ** 20 });
    this.#source = source;
    this.#object = object;
    this.#signal = signal;
    this.#meter = meter;
    this.#range = range ?? { start: 0, end: object.sizeBytes };
    if (signal.aborted) process.nextTick(this.#onAbort);
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  override _read(): void {
    this.#wait(true);
    this.#body?.resume();
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#open().catch((error: unknown) => this.destroy(asError(error)));
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#wait(false);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#abort.abort(error ?? new Error('no longer needed'));
    callback(error);
  }

  async #open(): Promise<void> {
    const body = await this.#source.read(this.#object, this.#range, this.#abort.signal);
    this.#body = body;
    body.on('data', (chunk: Buffer) => {
      if (this.destroyed) return;
      this.#meter.bytesRead += chunk.length;
      if (this.push(chunk)) return;
      this.#wait(false);
      body.pause();
    });
    body.once('end', () => this.push(null));
    body.once('error', (error) => this.destroy(error));
    body.once('close', () => {
      if (!body.readableEnded) this.destroy(new Error('the store closed the stream early'));
    });
  }

  /** Counts as waiting for the store only while the reader wants bytes. */
  #wait(isWaiting: boolean): void {
    if (this.#isWaiting === isWaiting) return;
    this.#isWaiting = isWaiting;
    this.#meter.readsUnderWay = (this.#meter.readsUnderWay ?? 0) + (isWaiting ? 1 : -1);
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
