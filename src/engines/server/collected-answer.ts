import { Writable } from 'node:stream';
import type { CommandAnswer } from '../command-access.ts';

/** Keeps the beginning of a client's output and discards the rest. */
export class CollectedAnswer extends Writable {
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private truncated = false;
  private readonly maxBytes: number;

  constructor(maxBytes: number) {
    super();
    this.maxBytes = maxBytes;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const part = chunk.subarray(0, this.maxBytes - this.kept);
    this.truncated ||= part.length < chunk.length;
    this.kept += part.length;
    if (part.length > 0) this.chunks.push(part);
    done();
  }

  /** The client itself adds a newline at the end of the answer. */
  answer(): CommandAnswer {
    const text = Buffer.concat(this.chunks).toString('utf8');
    return { text: text.replace(/\r?\n$/, ''), truncated: this.truncated };
  }
}
