import { closeSync, ftruncateSync, read, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { DrillError } from '../../support/errors.ts';
import { openUnnamedFile } from './unnamed-file.ts';

/** Longer statements are spooled to a file, so that memory stays flat. */
export const SPOOL_FROM_BYTES = 8 * 2 ** 20;
/** PostgreSQL's MaxAllocSize, and the maximum of max_allowed_packet: no server accepts a longer statement. */
export const MAX_STATEMENT_BYTES = 2 ** 30 - 1;

const CHUNK_BYTES = 256 * 1024;
const readAt = promisify(read);

/** Stores the bytes of one long statement until its length is known at the end: the protocols send the length first. */
export class StatementSpool implements Disposable {
  sizeBytes = 0;
  private readonly file: number;
  private readonly maxBytes: number;
  private isOpen = true;

  /** Throws what the file system throws. */
  constructor(maxBytes: number = MAX_STATEMENT_BYTES) {
    this.maxBytes = maxBytes;
    this.file = openUnnamedFile('statement');
  }

  /** @returns false if the statement has become longer than any server accepts; its bytes are then dropped. @throws DrillError `disk-full`. */
  write(bytes: Buffer): boolean {
    this.sizeBytes += bytes.length;
    if (this.sizeBytes > this.maxBytes) {
      ftruncateSync(this.file, 0);
      return false;
    }
    let at = this.sizeBytes - bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      const written = this.writeSome(rest, at);
      at += written;
      rest = rest.subarray(written);
    }
    return true;
  }

  /** The whole statement, in pieces. */
  async *read(): AsyncGenerator<Buffer> {
    for (let at = 0; at < this.sizeBytes; ) {
      const { bytesRead, buffer } = await readAt(this.file, Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  [Symbol.dispose](): void {
    if (this.isOpen) closeSync(this.file);
    this.isOpen = false;
  }

  private writeSome(bytes: Buffer, at: number): number {
    try {
      return writeSync(this.file, bytes, 0, bytes.length, at);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
      throw new DrillError(
        'disk-full',
        `no space left in ${tmpdir()} for a statement of more than ${this.sizeBytes} bytes`,
        {
          hint: 'Free up space there, or set TMPDIR to a directory with room for the longest statement of the dump.',
          cause,
        },
      );
    }
  }
}
