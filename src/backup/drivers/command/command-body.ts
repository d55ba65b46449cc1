import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import type { ProgramCall } from './command-program.ts';

/** The output of one call of a program, for a range. */
export interface ProgramBody {
  /** The bytes of the range, possibly followed by more. Destroying it kills the program. */
  readonly stream: Readable;
  /** Bytes so far, not counting those before the range. */
  written(): number;
}

/**
 * Drops the first `skipBytes` of a program's output, and stops the program at the first byte past `atMost`.
 * @param atMost Infinity: no limit.
 */
export function bodyOf(call: ProgramCall, skipBytes: number, atMost: number): ProgramBody {
  const range = new RangeOfOutput(skipBytes, atMost, call.stop);
  pipeline(call.stdout, range, (error) => {
    if (error) call.stop();
  });
  return { stream: range, written: () => range.written };
}

class RangeOfOutput extends Transform {
  written = 0;
  #skipBytes: number;
  readonly #atMost: number;
  readonly #stop: () => void;

  constructor(skipBytes: number, atMost: number, stop: () => void) {
    super({ highWaterMark: 2 ** 18 });
    this.#skipBytes = skipBytes;
    this.#atMost = atMost;
    this.#stop = stop;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const wanted = chunk.subarray(this.#skipBytes);
    this.#skipBytes -= chunk.length - wanted.length;
    this.written += wanted.length;
    if (this.written > this.#atMost) this.#stop();
    done(null, wanted);
  }
}
