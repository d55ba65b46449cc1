import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import { decompress } from '../../compression/decompress.ts';
import type { Compression } from '../../content.ts';
import { type Counted, readDescriptor, readUpToDescriptor } from './descriptor.ts';
import { inflate } from './inflate.ts';
import type { LocalHeader } from './local-header.ts';

const STORED = 0;
const DEFLATED = 8;
/** Methods whose content is a file of another compression. Source: APPNOTE.TXT, 4.4.5. */
const FILES: ReadonlyMap<number, Exclude<Compression, 'none'>> = new Map([
  [12, 'bzip2'],
  [93, 'zstd'],
  [95, 'xz'],
]);
const METHOD_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'Shrink'],
  [6, 'Implode'],
  [9, 'Deflate64'],
  [14, 'LZMA'],
  [96, 'JPEG'],
  [97, 'WavPack'],
  [98, 'PPMd'],
]);

/**
 * The unpacked content of a member, and its checksum once it has been read. Leaves the reader behind the member.
 * Throws `backup-truncated`, and `backup-corrupt` for content that differs from what the archive says of it, as soon as it does.
 */
export async function* readContent(reader: ByteReader, header: LocalHeader): AsyncGenerator<Buffer, number> {
  const name = toPrintable(header.name.toString('utf8'), 80);
  const damaged = (what: string) => corrupt('zip', reader.offset, `${name}: ${what}`);
  const counted: Counted = { crc: 0, storedBytes: 0, sizeBytes: 0 };
  const start = reader.offset;
  for await (const chunk of unpacked(reader, header, damaged)) {
    counted.crc = crc32(chunk, counted.crc);
    counted.sizeBytes += chunk.length;
    if (header.sizeBytes !== undefined && counted.sizeBytes > header.sizeBytes)
      throw damaged(`it is longer than the ${formatCount(header.sizeBytes)} bytes that its header promises`);
    yield chunk;
  }
  counted.storedBytes = reader.offset - start;
  if (header.sizeBytes !== undefined && counted.sizeBytes !== header.sizeBytes)
    throw damaged(`${formatCount(counted.sizeBytes)} bytes where its header promises ${formatCount(header.sizeBytes)}`);
  const isRight = header.hasDescriptor
    ? await readDescriptor(reader, counted, header.isZip64)
    : header.crc === counted.crc;
  if (!isRight) throw damaged('its checksum or its size does not match');
  return counted.crc;
}

async function* unpacked(
  reader: ByteReader,
  { method, storedBytes }: LocalHeader,
  damaged: (what: string) => DrillError,
): AsyncGenerator<Buffer> {
  if (storedBytes === undefined) {
    if (method === STORED) yield* readUpToDescriptor(reader);
    else yield* inflate(reader, damaged, () => truncated('zip', reader.offset));
    return;
  }
  const portion = new Portion(reader, storedBytes);
  const file = FILES.get(method);
  if (file) yield* decompress(file, Readable.from(portion.chunks(), { objectMode: false })) as AsyncIterable<Buffer>;
  else if (method === STORED) yield* portion.chunks();
  else yield* inflate(portion, damaged, () => damaged('its compressed data does not end within its size'));
  if (portion.missing > 0) throw damaged('its compressed data ends before its size');
}

/** The next bytes of a reader, as many as a header says. */
class Portion {
  readonly #reader: ByteReader;
  missing: number;

  constructor(reader: ByteReader, bytes: number) {
    this.#reader = reader;
    this.missing = bytes;
  }

  async takeSome(most: number): Promise<Buffer> {
    if (this.missing === 0) return Buffer.alloc(0);
    const bytes = await this.#reader.takeSome(Math.min(most, this.missing));
    if (bytes.length === 0) throw truncated('zip', this.#reader.offset);
    this.missing -= bytes.length;
    return bytes;
  }

  putBack(bytes: Buffer): void {
    this.#reader.putBack(bytes);
    this.missing += bytes.length;
  }

  async *chunks(): AsyncGenerator<Buffer> {
    while (this.missing > 0) yield await this.takeSome(2 ** 18);
  }
}

/** @returns why a member's content cannot be read, as an error for `key`; undefined when it can. */
export function refusalOf(key: string, { flags, method, storedBytes, name }: LocalHeader): DrillError | undefined {
  if ((flags & 0x2041) !== 0 || method === 99) return withPassword(key, encryptionOf(flags, method));
  if (method === STORED || method === DEFLATED) return undefined;
  if (FILES.has(method) && storedBytes !== undefined) return undefined;
  const known = FILES.get(method) ?? METHOD_NAMES.get(method);
  const how =
    known === undefined ? `by method ${method}` : `with ${known}${FILES.has(method) ? ' of unknown length' : ''}`;
  return new DrillError(
    'format-unsupported',
    `${key} is a zip archive in which ${toPrintable(name.toString('utf8'), 80)} is compressed ${how}, which Firedrill does not read`,
    { hint: 'Let the job that writes it use `zip`, or any tool with Deflate.' },
  );
}

function withPassword(key: string, how: string): DrillError {
  return new DrillError('backup-encrypted', `${key} is encrypted with ${how}, which Firedrill does not decrypt`, {
    hint: 'Let the job pack without a password and encrypt the archive with age or gpg, which `backup.keys` opens.',
  });
}

function encryptionOf(flags: number, method: number): string {
  if (method === 99) return 'the AES of zip';
  return (flags & 0x2040) === 0 ? 'the password of zip (ZipCrypto)' : 'the strong encryption of zip';
}
