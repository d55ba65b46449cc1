import { DrillError } from '../../../../support/errors.ts';
import { formatBytes, formatCount } from '../../../../support/quantities.ts';
import { describeEntry, RowsEnd } from './archive-end.ts';
import type { ArchiveToc, TocEntry } from './archive-toc.ts';
import type { Watcher } from './watch-stream.ts';

const ROWS = 1;
const LARGE_OBJECTS = 3;

/**
 * Parses the data blocks of a custom archive as its bytes stream past: a kind, an entry's id, chunks with their lengths, and a length of zero at the end; for
 * large objects an id before each, and an id of zero at the end. Data is not decompressed: the lengths reveal a truncated end. Source of the format: _StartData
 * to _EndLOs and _skipData in PostgreSQL's src/bin/pg_dump/pg_backup_custom.c.
 */
export class CustomBlocks implements Watcher {
  private readonly key: string;
  private readonly toc: ArchiveToc;
  private readonly sizes: Map<number, number>;
  private dataBytes = 0;
  private readonly waiting: Map<number, TocEntry>;
  private readonly header = Buffer.alloc(9);
  private headerBytes = 0;
  /** Bytes to skip: the table of contents, then each chunk. */
  private skip: number;
  private expects: 'kind' | 'entry' | 'object' | 'length' = 'kind';
  private isLargeObjects = false;
  private open: TocEntry | undefined;
  private rows: RowsEnd | undefined;
  private offset = 0;
  private bytesAfter = 0;

  /** @param sizes collects how many bytes each entry has. */
  constructor(toc: ArchiveToc, key: string, sizes = new Map<number, number>()) {
    this.sizes = sizes;
    this.toc = toc;
    this.key = key;
    this.skip = toc.dataOffset;
    this.waiting = new Map(toc.entries.filter(({ hasData }) => hasData).map((entry) => [entry.dumpId, entry]));
  }

  /**
   * Bytes after the last block, which pg_restore never reads. A repeated table of contents does not count: pg_dump since 17 appends it when its output is
   * redirected to a file, where it intends to overwrite the one at the front.
   */
  get trailingBytes(): number {
    return this.bytesAfter === this.toc.dataOffset - this.toc.entriesOffset ? 0 : this.bytesAfter;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.skip > 0) {
        const length = Math.min(this.skip, chunk.length - at);
        if (this.offset >= this.toc.dataOffset) this.rows?.push(chunk.subarray(at, at + length));
        this.skip -= length;
        at += length;
        this.offset += length;
      } else if (this.expects === 'kind' && this.waiting.size === 0) {
        this.bytesAfter += chunk.length - at;
        this.offset += chunk.length - at;
        return;
      } else {
        this.readHeaderByte(chunk[at] ?? 0);
        at += 1;
        this.offset += 1;
      }
    }
  }

  end(): void {
    const [next] = this.waiting.values();
    const isBetween = this.skip === 0 && this.expects === 'kind';
    if (isBetween && next === undefined) return;
    const where = this.open && !isBetween ? `in the middle of ${describeEntry(this.open)}` : 'before all its data';
    const lost = this.waiting.size + (isBetween ? 0 : 1);
    throw new DrillError(
      'backup-truncated',
      `${this.key} ends after ${formatBytes(this.offset)}, ${where}: ${formatCount(lost)} of its ${formatCount(this.dataCount)} data blocks ${lost === 1 ? 'is' : 'are'} missing or cut`,
      {
        hint: 'The dump or its upload was cut short: compare its size with what pg_dump wrote, and take a new backup.',
      },
    );
  }

  private get dataCount(): number {
    return this.toc.entries.filter(({ hasData }) => hasData).length;
  }

  private readHeaderByte(byte: number): void {
    if (this.expects === 'kind') {
      if (byte !== ROWS && byte !== LARGE_OBJECTS) throw this.corrupt(`a data block of kind ${byte}`);
      this.isLargeObjects = byte === LARGE_OBJECTS;
      this.expects = 'entry';
      return;
    }
    this.header[this.headerBytes] = byte;
    this.headerBytes += 1;
    if (this.headerBytes <= this.toc.intSize) return;
    this.headerBytes = 0;
    this.take(this.readInt());
  }

  /** One byte of sign, then the magnitude, least significant byte first. */
  private readInt(): number {
    let value = 0;
    for (let index = this.toc.intSize; index >= 1; index -= 1) value = value * 256 + (this.header[index] ?? 0);
    return this.header[0] === 0 ? value : -value;
  }

  private take(value: number): void {
    if (this.expects === 'entry') this.begin(value);
    else if (this.expects === 'object') this.expects = value === 0 ? this.finish() : 'length';
    else if (value < 0) throw this.corrupt(`a chunk of ${value} bytes`);
    else if (value > 0) this.beginChunk(value);
    else this.expects = this.isLargeObjects ? 'object' : this.finish();
  }

  private beginChunk(length: number): void {
    this.skip = length;
    this.dataBytes += length;
  }

  private begin(dumpId: number): void {
    const entry = this.waiting.get(dumpId);
    if (!entry) throw this.corrupt(`a data block for entry ${dumpId}, which has none left`);
    this.waiting.delete(dumpId);
    this.open = entry;
    const canWatch = entry.desc === 'TABLE DATA' && this.toc.compression === 'none';
    this.rows = canWatch ? new RowsEnd(entry) : undefined;
    this.expects = this.isLargeObjects ? 'object' : 'length';
  }

  private finish(): 'kind' {
    this.rows?.requireEnd(this.key);
    if (this.open) this.sizes.set(this.open.dumpId, this.dataBytes);
    this.dataBytes = 0;
    this.rows = undefined;
    this.open = undefined;
    return 'kind';
  }

  private corrupt(what: string): DrillError {
    const near = this.open ? `, in or after ${describeEntry(this.open)}` : '';
    return new DrillError(
      'backup-corrupt',
      `${this.key} is damaged at or before byte ${formatCount(this.offset)}${near}: ${what}`,
      { hint: 'Compare its size and checksum with what pg_dump wrote, and take a new backup.' },
    );
  }
}
