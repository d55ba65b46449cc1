import { Writable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { formatBytes } from '../../../support/quantities.ts';

/** A check needs a value or a few lines. A program that prints more is printing the data itself. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** Collects what a program prints. Writing more than {@link MAX_OUTPUT_BYTES} fails with `check-malformed`, which ends the program. */
export class BoundedOutput extends Writable {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  override _write(piece: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#bytes += piece.length;
    if (this.#bytes <= MAX_OUTPUT_BYTES) this.#pieces.push(piece);
    done(this.#bytes > MAX_OUTPUT_BYTES ? tooMuch() : undefined);
  }

  /** As UTF-8; invalid bytes become replacement characters. */
  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

function tooMuch(): DrillError {
  return new DrillError('check-malformed', `the program prints more than ${formatBytes(MAX_OUTPUT_BYTES)}`, {
    hint: 'Let it print only what the check looks at, such as a count.',
  });
}
