import { Writable } from 'node:stream';

const LINE_FEED = 0x0a;
/** Lines are a sign and a number; anything longer is not a line of this format. */
const MAX_LINE_BYTES = 256;

/** Scans commands as they stream past for the last `#TS:` between them, which a server writes with `aof-timestamp-enabled yes`. Values are skipped. */
export class NewestWrite extends Writable {
  /** Undefined if no time was written. */
  at: Date | undefined;
  #skip = 0;
  #line = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (let from = 0; from < chunk.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - from);
        this.#skip -= skipped;
        from += skipped;
        continue;
      }
      const end = chunk.indexOf(LINE_FEED, from);
      const part = chunk.toString('latin1', from, end < 0 ? chunk.length : end);
      this.#line = (this.#line + part).slice(0, MAX_LINE_BYTES);
      if (end < 0) break;
      this.#take(this.#line);
      this.#line = '';
      from = end + 1;
    }
    done();
  }

  #take(line: string): void {
    const [, sign, value] = /^(\$|#TS:)(\d+)\r?$/.exec(line) ?? [];
    if (sign === '$') this.#skip = Number(value) + 2;
    if (sign !== '#TS:') return;
    const at = new Date(Number(value) * 1000);
    if (!Number.isNaN(at.getTime())) this.at = at; // a number outside the range of dates was not written by a server
  }
}
