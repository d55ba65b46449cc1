import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Redactor } from '../../support/redact.ts';

/** Checks read less than this; longer output is passed on in pieces. */
const HELD_LENGTH = 128 * 1024;

/**
 * A program's output, as UTF-8, without the secret values of its environment. Up to `HELD_LENGTH` is held until the program ends; longer output is passed
 * on up to a point that no secret crosses.
 */
export class RedactedOutput extends Transform {
  readonly #redactor: Pick<Redactor, 'redact' | 'safePrefix'>;
  readonly #decoder = new StringDecoder('utf8');
  #held = '';

  constructor(redactor: Pick<Redactor, 'redact' | 'safePrefix'>) {
    super();
    this.#redactor = redactor;
  }

  override _transform(piece: Buffer, _encoding: string, done: TransformCallback): void {
    this.#held += this.#decoder.write(piece);
    if (this.#held.length > HELD_LENGTH) this.#release(this.#redactor.safePrefix(this.#held));
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#held += this.#decoder.end();
    this.#release(this.#held.length);
    done();
  }

  #release(length: number): void {
    this.push(this.#redactor.redact(this.#held.slice(0, length)));
    this.#held = this.#held.slice(length);
  }
}
