import { Transform, type TransformCallback } from 'node:stream';
import type { Redactor } from '../../support/redact.ts';

/** Checks read less than this; longer output is passed on in pieces. */
const HELD_BYTES = 128 * 1024;

/**
 * A program's output, as UTF-8, without the secret values of its environment: up to `HELD_BYTES` is held until it ends, so that no value in it is split between
 * two pieces.
 */
export class RedactedOutput extends Transform {
  readonly #redactor: Pick<Redactor, 'redact'>;
  #held: Buffer[] = [];
  #bytes = 0;

  constructor(redactor: Pick<Redactor, 'redact'>) {
    super();
    this.#redactor = redactor;
  }

  override _transform(piece: Buffer, _encoding: string, done: TransformCallback): void {
    this.#held.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > HELD_BYTES) this.#release();
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#release();
    done();
  }

  #release(): void {
    this.push(this.#redactor.redact(Buffer.concat(this.#held).toString('utf8')));
    this.#held = [];
    this.#bytes = 0;
  }
}
