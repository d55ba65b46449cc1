import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { DrillError } from '../../../../support/errors.ts';
import { bucketNamesOf } from '../../bolt/bucket-names.ts';
import type { BoltHeader } from '../../bolt/header.ts';
import { PageReader } from '../../bolt/page-reader.ts';
import { readStoredKeyspace, type StoredKeyspace } from '../../bolt/stored-keyspace.ts';

/** A SHA-256 of everything before it. */
const TRAILER_BYTES = 32;
const HINT = 'Compare its size and checksum with what was written, and take a new backup.';

/** Passes a snapshot through and verifies it: at the end it fails with `backup-truncated` or `backup-corrupt` if size or checksum is wrong. */
export class SnapshotWatch extends Transform {
  readonly #key: string;
  readonly #header: BoltHeader;
  readonly #hash = createHash('sha256');
  readonly #pages: PageReader;
  readonly #trailer: Buffer[] = [];
  #bytes = 0;

  /** @param key of the backup, for messages. */
  constructor(key: string, header: BoltHeader) {
    super();
    this.#key = key;
    this.#header = header;
    this.#pages = new PageReader(header);
  }

  /** Whether it ends with its checksum, as the output of `snapshot save` does. Call only after the end. */
  get hasChecksum(): boolean {
    return this.#bytes === this.#contentBytes + TRAILER_BYTES;
  }

  /** @returns its stored contents; undefined if they could not be read. Call only after the end. */
  keyspace(): StoredKeyspace | undefined {
    return readStoredKeyspace(this.#pages, this.#header.rootPage);
  }

  /** @returns undefined if the list could not be read. Call only after the end. */
  bucketNames(): readonly string[] | undefined {
    const leaf = this.#pages.leaf(this.#header.rootPage);
    return leaf && bucketNamesOf(leaf);
  }

  get #contentBytes(): number {
    return this.#header.pages * this.#header.pageSize;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const content = chunk.subarray(0, Math.max(0, this.#contentBytes - this.#bytes));
    this.#hash.update(content);
    this.#pages.push(content);
    const rest = chunk.subarray(content.length);
    if (rest.length > 0 && this.#bytes + content.length < this.#contentBytes + TRAILER_BYTES) this.#trailer.push(rest);
    this.#bytes += chunk.length;
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#problem());
  }

  #problem(): DrillError | null {
    const missing = requireSize(this.#key, this.#header, this.#bytes);
    if (missing) return missing;
    if (!this.hasChecksum) return null;
    if (Buffer.concat(this.#trailer).subarray(0, TRAILER_BYTES).equals(this.#hash.digest())) return null;
    return new DrillError('backup-corrupt', `${this.#key} does not match its own checksum: its bytes were changed`, {
      hint: HINT,
    });
  }
}

/**
 * @param bytes length of the file. @returns the error for a wrong length: the file must have all of its pages, followed by a checksum or, if it is a copy of a
 * server's file, by nothing but whole pages.
 */
export function requireSize(key: string, { pages, pageSize }: BoltHeader, bytes: number): DrillError | null {
  const content = pages * pageSize;
  if (bytes < content || (bytes > content && bytes < content + TRAILER_BYTES)) {
    const needed = content + (bytes > content ? TRAILER_BYTES : 0);
    return new DrillError(
      'backup-truncated',
      `${key} ends after ${bytes} bytes; its first page says that it has ${needed}`,
      {
        hint: HINT,
      },
    );
  }
  if (bytes === content + TRAILER_BYTES || bytes % pageSize === 0) return null;
  return new DrillError(
    'backup-corrupt',
    `${key} has ${bytes - content} bytes after its last page, where a checksum of ${TRAILER_BYTES} is expected`,
    { hint: HINT },
  );
}
