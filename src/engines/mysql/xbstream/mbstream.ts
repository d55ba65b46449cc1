import { crc32 } from 'node:zlib';
import { toPrintable } from '../../../support/printable.ts';

/** Marks the start of each chunk in a stream by mbstream and xbstream. */
const CHUNK_MAGIC = Buffer.from('XBSTCK01');

/** Magic, flags, type, and the length of the name. */
const FIXED_BYTES = 14;
/** In a payload chunk, after the name: its length, its offset in the file, and the checksum of what follows. */
const PAYLOAD_BYTES = 20;
/** In a chunk of a sparse file, which XtraBackup writes: before these fields, the number of holes; after them, the length of each and of the data after it. */
const HOLES_BYTES = 4;
const HOLE_BYTES = 8;
const MAX_HOLES = 65_536;
/** Source: MariaDB's extra/mariabackup/xbstream.h, FN_REFLEN. */
const MAX_NAME_BYTES = 512;
const MAX_NAMES = 1_000_000;

export type StreamFault =
  | { readonly kind: 'cut'; readonly what: string }
  | { readonly kind: 'damaged'; readonly what: string }
  | { readonly kind: 'hostile'; readonly what: string };

/** The content of a chunk that is being read. */
interface Payload {
  readonly name: string;
  /** Number of bytes still expected. */
  left: number;
  readonly expected: number;
  /** The checksum so far. */
  sum: number;
}

export interface StreamedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/**
 * Reads a stream of mbstream as it passes, in pieces of any size: the names of its files, whether each chunk matches its checksum and continues its file, and
 * whether every file was ended. Of the contents, only requested files are retained. It stops reading at the first fault. Sources: MariaDB's
 * extra/mariabackup/xbstream_read.c and xbstream_write.c; XtraBackup's xbstream_read.cc for files with holes.
 */
export class MbstreamReader {
  /** Next offset in each unfinished file. */
  readonly #open = new Map<string, number>();
  readonly #ended = new Set<string>();
  readonly #kept = new Map<string, Buffer[]>();
  readonly #wants: (name: string) => boolean;
  readonly #maxKept: number;
  #header: Buffer = Buffer.alloc(0);
  #payload: Payload | undefined;
  #at = 0;
  #fault: StreamFault | undefined;

  /** @param wants which files are retained. @param maxKept of each, in bytes; the rest of a longer one is dropped. */
  constructor(wants: (name: string) => boolean = () => false, maxKept = 65_536) {
    this.#wants = wants;
    this.#maxKept = maxKept;
  }

  get fault(): StreamFault | undefined {
    return this.#fault;
  }

  /** Names of the files that have begun. */
  get names(): readonly string[] {
    return [...this.#ended, ...this.#open.keys()];
  }

  /** Requested files that are complete. */
  get files(): readonly StreamedFile[] {
    return [...this.#kept].flatMap(([name, parts]) =>
      this.#ended.has(name) ? [{ name, bytes: Buffer.concat(parts) }] : [],
    );
  }

  push(chunk: Buffer): StreamFault | undefined {
    let rest = chunk;
    while (rest.length > 0 && !this.#fault) {
      rest = this.#payload ? this.#readPayload(rest, this.#payload) : this.#readHeader(rest);
    }
    return this.#fault;
  }

  /** To be called after the last bytes. */
  end(): StreamFault | undefined {
    if (this.#fault) return this.#fault;
    if (this.#payload || this.#header.length > 0)
      this.#fault = { kind: 'cut', what: `ends within a chunk, after ${this.#at} bytes` };
    const [open] = this.#open.keys();
    if (!this.#fault && open !== undefined)
      this.#fault = { kind: 'cut', what: `ends before the end of ${toPrintable(open, 200)}` };
    return this.#fault;
  }

  #readHeader(chunk: Buffer): Buffer {
    const bytes = this.#header.length === 0 ? chunk : Buffer.concat([this.#header, chunk]);
    const needed = headerBytes(bytes);
    if (needed === undefined) return this.#fail('damaged', `holds no chunk of mbstream at byte ${this.#at}`);
    if (bytes.length < needed) {
      this.#header = Buffer.from(bytes);
      return bytes.subarray(bytes.length);
    }
    this.#header = Buffer.alloc(0);
    const name = bytes.toString('utf8', FIXED_BYTES, FIXED_BYTES + bytes.readUInt32LE(10));
    if (!isSafeName(name))
      return this.#fail(
        'hostile',
        `holds a file with the name ${toPrintable(name, 200)}, which leads out of its directory or is not a name of the tool`,
      );
    this.#at += needed;
    const fields = bytes.subarray(FIXED_BYTES + bytes.readUInt32LE(10), needed);
    const type = typeOf(bytes);
    if (type === 'E') this.#endFile(name);
    else if (type === 'P') this.#beginPayload(name, fields, 0);
    else this.#beginPayload(name, fields.subarray(HOLES_BYTES), holesIn(fields));
    return bytes.subarray(needed);
  }

  /** An empty file has no other chunk. */
  #endFile(name: string): void {
    if (this.#ended.has(name)) this.#fail('damaged', `holds ${toPrintable(name, 200)} twice`);
    this.#open.delete(name);
    this.#ended.add(name);
    if (this.#wants(name) && !this.#kept.has(name)) this.#kept.set(name, []);
    if (this.#ended.size > MAX_NAMES) this.#fail('damaged', `holds more than ${MAX_NAMES} files`);
  }

  /** @param holes how many bytes of the file are not in its content. */
  #beginPayload(name: string, fields: Buffer, holes: number): void {
    const length = Number(fields.readBigUInt64LE(0));
    const offset = Number(fields.readBigUInt64LE(8));
    const before = this.#open.get(name) ?? 0;
    if (this.#ended.has(name)) this.#fail('damaged', `holds ${toPrintable(name, 200)} twice`);
    if (offset !== before)
      this.#fail('damaged', `lacks a part of ${toPrintable(name, 200)}, from byte ${before} to ${offset}`);
    if (this.#open.size > MAX_NAMES) this.#fail('damaged', `holds more than ${MAX_NAMES} files`);
    this.#open.set(name, before + length + holes);
    if (this.#wants(name) && !this.#kept.has(name)) this.#kept.set(name, []);
    this.#payload = { name, left: length, expected: fields.readUInt32LE(16), sum: 0 };
    if (length === 0) this.#endPayload(this.#payload);
  }

  #readPayload(chunk: Buffer, payload: Payload): Buffer {
    const part = chunk.subarray(0, payload.left);
    payload.sum = crc32(part, payload.sum);
    payload.left -= part.length;
    this.#at += part.length;
    this.#keep(payload.name, part);
    if (payload.left === 0) this.#endPayload(payload);
    return chunk.subarray(part.length);
  }

  #endPayload({ name, expected, sum }: Payload): void {
    this.#payload = undefined;
    if (sum !== expected)
      this.#fail('damaged', `has a chunk of ${toPrintable(name, 200)} without its checksum, before byte ${this.#at}`);
  }

  #keep(name: string, part: Buffer): void {
    const parts = this.#kept.get(name);
    if (!parts) return;
    const held = parts.reduce((sum, { length }) => sum + length, 0);
    if (held < this.#maxKept) parts.push(Buffer.from(part.subarray(0, this.#maxKept - held)));
  }

  #fail(kind: StreamFault['kind'], what: string): Buffer {
    this.#fault ??= { kind, what };
    return Buffer.alloc(0);
  }
}

/** @returns the header's length in bytes, including these, as far as they show it; undefined if they are not a header. */
function headerBytes(bytes: Buffer): number | undefined {
  const magic = Math.min(bytes.length, CHUNK_MAGIC.length);
  if (!bytes.subarray(0, magic).equals(CHUNK_MAGIC.subarray(0, magic))) return undefined;
  if (bytes.length < FIXED_BYTES) return FIXED_BYTES;
  const type = typeOf(bytes);
  const nameBytes = bytes.readUInt32LE(10);
  if (nameBytes === 0 || nameBytes > MAX_NAME_BYTES) return undefined;
  const named = FIXED_BYTES + nameBytes;
  if (type === 'E') return named;
  if (type === 'P') return named + PAYLOAD_BYTES;
  if (type !== 'S') return undefined;
  if (bytes.length < named + HOLES_BYTES) return named + HOLES_BYTES;
  const holes = bytes.readUInt32LE(named);
  return holes > MAX_HOLES ? undefined : named + HOLES_BYTES + PAYLOAD_BYTES + holes * HOLE_BYTES;
}

function typeOf(header: Buffer): string {
  return String.fromCharCode(header[9] ?? 0);
}

/** @param fields of a chunk of a sparse file. @returns the total length of its holes, in bytes. */
function holesIn(fields: Buffer): number {
  let bytes = 0;
  for (let at = HOLES_BYTES + PAYLOAD_BYTES; at < fields.length; at += HOLE_BYTES) bytes += fields.readUInt32LE(at);
  return bytes;
}

/**
 * Relative, without escaping the directory, and without characters that the tool never writes: its names are those of a server's files, with other characters
 * encoded.
 */
function isSafeName(name: string): boolean {
  return name.split('/').every((part) => /^[^\s/\\\p{C}]+$/u.test(part) && part !== '.' && part !== '..');
}

/** Whether these bytes begin with a chunk. */
export function isStream(head: Buffer): boolean {
  return head.length >= FIXED_BYTES && headerBytes(head) !== undefined;
}

/** Names of the files in the first bytes of a stream, which may be cut off anywhere. */
export function namesInStream(head: Buffer): readonly string[] {
  if (!isStream(head)) return [];
  const reader = new MbstreamReader();
  reader.push(head);
  return reader.names;
}

const MAX_TRIES = 200;

/**
 * Files at the end of a stream, of which only the last bytes were read: starts at the first chunk from which everything is intact.
 * @param tail the last bytes. @returns undefined if none of its chunks leads to the end: the stream is cut, or the tail too short.
 */
export function filesAtEnd(tail: Buffer, wants: (name: string) => boolean): readonly StreamedFile[] | undefined {
  let tries = 0;
  for (let at = tail.indexOf(CHUNK_MAGIC); at >= 0 && tries < MAX_TRIES; at = tail.indexOf(CHUNK_MAGIC, at + 1)) {
    tries += 1;
    const reader = new MbstreamReader(wants);
    reader.push(tail.subarray(at));
    if (!reader.end()) return reader.files;
  }
  return undefined;
}

/** Whether the last chunk is complete and ends a file, as the last one of a stream does. */
export function endsWithEnd(tail: Buffer): boolean {
  const last = tail.subarray(Math.max(0, tail.lastIndexOf(CHUNK_MAGIC)));
  return headerBytes(last) === last.length && last[9] === 'E'.charCodeAt(0);
}
