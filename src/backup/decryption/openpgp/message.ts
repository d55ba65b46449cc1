import { Readable } from 'node:stream';
import { createInflate, createInflateRaw, type Zlib } from 'node:zlib';
import { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt } from '../../compression/damage.ts';
import { decompress } from '../../compression/decompress.ts';
import { type Packet, type PacketErrors, readPacket, skip, TAG } from './packets.ts';
import { OPENPGP } from './payload-errors.ts';

const OUTPUT_BYTES = 2 ** 18;
/** A compressed, signed file: programs write one level only. */
const MAX_COMPRESSIONS = 2;
const BESIDE: ReadonlySet<number> = new Set([TAG.signature, TAG.onePassSignature, TAG.marker, TAG.padding]);
const CARRIAGE_RETURN = 13;

/** Errors for the inner packets: the file itself is complete, so an end within a packet is damage. */
const INNER: PacketErrors = {
  cut: (offset) => corrupt(OPENPGP, offset, 'what it holds ends within a packet'),
  malformed: (offset, what) => corrupt(OPENPGP, offset, what),
};

/** Whether the first decrypted byte can start a packet that {@link readMessage} supports. */
export function canBegin(byte: number): boolean {
  const tag = (byte & 0x40) !== 0 ? byte & 0x3f : (byte & 0x3c) >> 2;
  return (byte & 0x80) !== 0 && (tag === TAG.compressed || tag === TAG.literal || BESIDE.has(tag));
}

/**
 * The file in a decrypted message (RFC 9580, section 10.3), which may be compressed and signed. Signatures are not verified. Reads the input to the end, so
 * that errors detected there are not lost. Throws `backup-corrupt`.
 */
export async function* readMessage(input: AsyncIterable<Buffer>, compressions = 0): AsyncGenerator<Buffer> {
  const reader = new ByteReader(input);
  let files = 0;
  for (let packet = await readPacket(reader, INNER); packet; packet = await readPacket(reader, INNER)) {
    if (packet.tag === TAG.literal || packet.tag === TAG.compressed) {
      files += 1;
      if (files > 1) throw corrupt(OPENPGP, reader.offset, 'it holds more than one file');
      if (packet.tag === TAG.literal) yield* readLiteral(packet);
      else if (compressions < MAX_COMPRESSIONS) yield* readMessage(inflate(packet), compressions + 1);
      else throw corrupt(OPENPGP, reader.offset, 'it is compressed again and again');
    } else if (BESIDE.has(packet.tag)) await skip(packet);
    else throw corrupt(OPENPGP, reader.offset, `a packet of type ${packet.tag} stands in the place of the file`);
  }
  if (files === 0) throw corrupt(OPENPGP, reader.offset, 'it holds no file');
}

/** RFC 9580, section 5.9: the kind of content, a name, a date, the content. */
async function* readLiteral({ body }: Packet): AsyncGenerator<Buffer> {
  const reader = new ByteReader(body);
  const [kind = 0, nameBytes = 0] = await reader.take(2);
  const rest = await reader.take(nameBytes + 4);
  if (rest.length < nameBytes + 4) throw INNER.cut(reader.offset);
  // `gpg --textmode` stores CR LF, and drops every CR on decryption.
  const isText = kind === 0x74 || kind === 0x75;
  for (
    let portion = await reader.takeSome(OUTPUT_BYTES);
    portion.length > 0;
    portion = await reader.takeSome(OUTPUT_BYTES)
  )
    yield isText ? Buffer.from(portion.filter((byte) => byte !== CARRIAGE_RETURN)) : portion;
}

/** RFC 9580, section 5.6. */
async function* inflate({ body }: Packet): AsyncGenerator<Buffer> {
  const reader = new ByteReader(body);
  const [algorithm] = await reader.take(1);
  const rest = restOf(reader);
  if (algorithm === 0) yield* rest;
  else if (algorithm === 1) yield* decode(rest, createInflateRaw({ chunkSize: OUTPUT_BYTES }), reader);
  else if (algorithm === 2) yield* decode(rest, createInflate({ chunkSize: OUTPUT_BYTES }), reader);
  else if (algorithm === 3) yield* decompress('bzip2', Readable.from(rest, { objectMode: false }));
  else throw corrupt(OPENPGP, reader.offset, 'it is compressed in an unknown way');
}

async function* restOf(reader: ByteReader): AsyncGenerator<Buffer> {
  for (
    let portion = await reader.takeSome(OUTPUT_BYTES);
    portion.length > 0;
    portion = await reader.takeSome(OUTPUT_BYTES)
  )
    yield portion;
}

/** Reads the input to the end even if the compressed data ends earlier, because decryption detects damage only at the end. */
async function* decode(
  input: AsyncGenerator<Buffer>,
  decoder: Zlib & NodeJS.ReadWriteStream & Readable,
  reader: ByteReader,
): AsyncGenerator<Buffer> {
  const feeding = feed(input, decoder);
  feeding.catch((error: Error) => decoder.destroy(error));
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (!code?.startsWith('Z_')) throw error;
    throw corrupt(
      OPENPGP,
      reader.offset,
      code === 'Z_BUF_ERROR' ? 'its compressed data ends too early' : 'its compressed data is invalid',
      error,
    );
  } finally {
    decoder.destroy();
  }
  await feeding;
}

async function feed(input: AsyncGenerator<Buffer>, decoder: NodeJS.ReadWriteStream & Readable): Promise<void> {
  for await (const chunk of input) if (!decoder.destroyed && !decoder.write(chunk)) await takesMore(decoder);
  if (!decoder.destroyed) decoder.end();
}

function takesMore(decoder: NodeJS.ReadWriteStream & Readable): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      decoder.off('drain', settle).off('close', settle);
      resolve();
    };
    decoder.on('drain', settle).on('close', settle);
  });
}
