import { closeSync, read, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { openUnnamedFile } from './unnamed-file.ts';

const MAX_BYTES = 512 * 2 ** 20;
const CHUNK_BYTES = 256 * 1024;
/** In-memory file systems, see statfs(2): tmpfs and ramfs. */
const IN_MEMORY = [0x0102_1994, 0x8584_58f6];
const readAt = promisify(read);

/**
 * Limits how far one load reads ahead of its sessions: rows of a table wait in a file while another session loads the next table, so that a dump, which has one
 * table after the other, keeps two sessions busy. Bounded in bytes, and by a tenth of the free space.
 */
export class ReadAhead {
  private free: number;
  /** Total bytes waiting in all files. */
  waitingBytes = 0;

  /** @param maxBytes limit for all files together. */
  constructor(maxBytes: number = spareBytes()) {
    this.free = maxBytes;
  }

  /** @returns whether there was room for that many bytes. */
  take(byteCount: number): boolean {
    if (byteCount > this.free) return false;
    this.free -= byteCount;
    return true;
  }

  giveBack(byteCount: number): void {
    this.free += byteCount;
  }
}

function spareBytes(): number {
  try {
    const { type, bavail, bsize } = statfsSync(tmpdir());
    return IN_MEMORY.includes(type) ? 0 : Math.min(MAX_BYTES, (bavail * bsize) / 10);
  } catch {
    return 0; // if free space cannot be determined, nothing is buffered
  }
}

/** Bytes that wait for a slower reader, first in, first out. */
export class WaitingBytes implements Disposable {
  private readonly room: ReadAhead;
  private file: number | undefined;
  private written = 0;
  private done = 0;
  /** There is no more room. */
  isFull = false;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(room: ReadAhead) {
    this.room = room;
  }

  get isEmpty(): boolean {
    return this.done === this.written;
  }

  /** @returns false if there is no room for these bytes, nor for any after them: reading even further ahead is not worth a copy. */
  write(bytes: Buffer): boolean {
    this.isFull ||= !this.room.take(bytes.length);
    if (this.isFull) return false;
    try {
      this.file ??= openUnnamedFile('rows');
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at, bytes.length - at, this.written + at);
    } catch {
      this.room.giveBack(bytes.length); // a full disk is no reason to fail: these rows stay in the store instead
      this.isFull = true;
      return false;
    }
    this.written += bytes.length;
    this.room.waitingBytes += bytes.length;
    return true;
  }

  /** @returns the next bytes; call only if there are some, and not again until they have been read. Rejects with what the file system throws. */
  async read(): Promise<Buffer> {
    const size = Math.min(CHUNK_BYTES, this.written - this.done);
    const reading = readAt(this.file ?? -1, Buffer.allocUnsafeSlow(size), 0, size, this.done);
    this.reading = reading.catch(() => undefined);
    const { bytesRead, buffer } = await reading;
    if (bytesRead === 0) throw new Error('a temporary file of rows has become shorter');
    this.done += bytesRead;
    this.room.waitingBytes -= bytesRead;
    return buffer.subarray(0, bytesRead);
  }

  [Symbol.dispose](): void {
    const { file } = this;
    this.file = undefined;
    this.isFull = true;
    this.room.giveBack(this.written);
    this.room.waitingBytes -= this.written - this.done;
    this.written = 0;
    this.done = 0;
    if (file !== undefined) void this.reading.then(() => closeSync(file)); // never while it is being read
  }
}
