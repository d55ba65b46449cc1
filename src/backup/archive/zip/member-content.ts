import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import { decompress } from '../../compression/decompress.ts';
import { encrypted } from '../../layer.ts';
import { type Counted, readDescriptor, readUpToDescriptor } from './descriptor.ts';
import { type CompressedBytes, inflate } from './inflate.ts';
import { findExtra, type LocalHeader } from './local-header.ts';
import { DEFLATED, FILES, STORED } from './methods.ts';
import { type MemberKeys, openMember, unprovenKey } from './open-member.ts';
import { chunksOf, Portion } from './portion.ts';
import { type AesField, readAesField } from './zip-aes.ts';

const AES = 99;
const AES_EXTRA = 0x9901;
/** PKWARE’s strong encryption, and encryption of the directory. */
const STRONG = 0x2040;
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
 * Yields the unpacked content of a member, and returns the checksum that the archive records for it. Leaves the reader after the member.
 * Throws `backup-truncated`, `backup-corrupt` as soon as the content differs from what the archive records, and whatever decryption throws.
 */
export async function* readContent(
  reader: ByteReader,
  header: LocalHeader,
  keys: MemberKeys,
): AsyncGenerator<Buffer, number> {
  const name = toPrintable(header.name.toString('utf8'), 80);
  const damaged = (what: string) =>
    opened?.isKeyProven === false ? unprovenKey(keys.key, name) : corrupt('zip', reader.offset, `${name}: ${what}`);
  const counted: Counted = { crc: 0, storedBytes: 0, sizeBytes: 0 };
  const start = reader.offset;
  const aes = aesOf(header);
  const opened = isEncrypted(header) ? await openMember(reader, header, aes, keys) : undefined;
  for await (const chunk of unpacked(reader, opened?.content, header, damaged)) {
    counted.crc = crc32(chunk, counted.crc);
    counted.sizeBytes += chunk.length;
    if (header.sizeBytes !== undefined && counted.sizeBytes > header.sizeBytes)
      throw damaged(`it is longer than the ${formatCount(header.sizeBytes)} bytes that its header promises`);
    yield chunk;
  }
  if (opened && !(await opened.isAuthentic())) throw damaged('it does not authenticate');
  counted.storedBytes = reader.offset - start;
  if (header.sizeBytes !== undefined && counted.sizeBytes !== header.sizeBytes)
    throw damaged(`${formatCount(counted.sizeBytes)} bytes where its header promises ${formatCount(header.sizeBytes)}`);
  if (aes && !aes.hasCrc) counted.crc = 0;
  const isRight = header.hasDescriptor
    ? await readDescriptor(reader, counted, header.isZip64)
    : header.crc === counted.crc;
  if (!isRight) throw damaged('its checksum or its size does not match');
  return counted.crc;
}

/** @param decrypted undefined: the content is not encrypted. */
async function* unpacked(
  reader: ByteReader,
  decrypted: CompressedBytes | undefined,
  header: LocalHeader,
  damaged: (what: string) => DrillError,
): AsyncGenerator<Buffer> {
  const { storedBytes } = header;
  const method = methodOf(header);
  if (storedBytes === undefined) {
    if (method === STORED) yield* readUpToDescriptor(reader);
    else yield* inflate(decrypted ?? reader, damaged, () => truncated('zip', reader.offset));
    return;
  }
  const content = decrypted ?? new Portion(reader, storedBytes);
  const file = FILES.get(method);
  if (file) yield* decompress(file, Readable.from(chunksOf(content), { objectMode: false })) as AsyncIterable<Buffer>;
  else if (method === STORED) yield* chunksOf(content);
  else yield* inflate(content, damaged, () => damaged('its compressed data does not end within its size'));
  if ((await content.takeSome(1)).length > 0) throw damaged('its compressed data ends before its size');
}

function isEncrypted({ flags }: LocalHeader): boolean {
  return (flags & 1) !== 0;
}

function aesOf({ method, extra }: LocalHeader): AesField | undefined {
  return method === AES ? readAesField(findExtra(extra, AES_EXTRA)) : undefined;
}

function methodOf(header: LocalHeader): number {
  return aesOf(header)?.method ?? header.method;
}

/** @returns why a member's content cannot be read, as an error for `key`; undefined when it can. */
export function refusalOf({ key, keys }: MemberKeys, header: LocalHeader): DrillError | undefined {
  const { flags, storedBytes } = header;
  const name = toPrintable(header.name.toString('utf8'), 80);
  const method = methodOf(header);
  if ((flags & STRONG) !== 0 || method === AES)
    return unsupported(key, name, 'encrypted with a method that is not supported');
  if (isEncrypted(header)) {
    const how = header.method === AES ? 'the AES of zip' : 'a password of zip (ZipCrypto)';
    if (keys.isEmpty) return encrypted(key, how);
    if (storedBytes === undefined && method !== DEFLATED) return unsupported(key, name, 'encrypted, of unknown length');
  }
  if (method === STORED || method === DEFLATED) return undefined;
  const file = FILES.get(method);
  if (file && storedBytes !== undefined) return undefined;
  const known = file ?? METHOD_NAMES.get(method);
  const how = known === undefined ? `by method ${method}` : `with ${known}`;
  return unsupported(key, name, `compressed ${how}${file ? ', of unknown length' : ''}`);
}

function unsupported(key: string, name: string, how: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is a zip archive in which ${name} is ${how}, which Firedrill does not read`,
    { hint: 'Let the job that writes it use `zip`, or any tool with Deflate.' },
  );
}
