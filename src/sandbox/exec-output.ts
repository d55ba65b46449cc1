import { StringDecoder } from 'node:string_decoder';

const MAX_KEPT_BYTES = 64 * 1024;
/** A longer line is split, so that a tool that never ends its line cannot exhaust memory. */
const MAX_LINE_CHARS = 64 * 1024;

/** Keeps the last 64 KiB of a stream. */
export class Tail {
  private chunks: Buffer[] = [];
  private sizeBytes = 0;

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.length;
    // Chunks are joined only occasionally, to avoid quadratic copying with many small ones.
    if (this.sizeBytes > 4 * MAX_KEPT_BYTES || this.chunks.length > 1000) this.compact();
  }

  /** @returns at most 64 KiB, starting at a character boundary. */
  text(): string {
    this.compact();
    const kept = this.chunks[0] ?? Buffer.alloc(0);
    let start = 0;
    while (start < 3 && ((kept[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return kept.toString('utf8', start);
  }

  private compact(): void {
    const all = Buffer.concat(this.chunks);
    const kept = Buffer.from(all.subarray(Math.max(0, all.length - MAX_KEPT_BYTES)));
    this.chunks = [kept];
    this.sizeBytes = kept.length;
  }
}

/** Splits bytes into lines of text. Handles characters that span chunks. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private readonly onLine: (line: string) => void;
  private rest = '';

  constructor(onLine: (line: string) => void) {
    this.onLine = onLine;
  }

  push(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (this.rest.length <= MAX_LINE_CHARS) return;
    this.onLine(this.rest);
    this.rest = '';
  }

  /** Flushes a last line without a line break. */
  end(): void {
    this.rest += this.decoder.end();
    if (this.rest !== '') this.onLine(this.rest);
    this.rest = '';
  }
}
