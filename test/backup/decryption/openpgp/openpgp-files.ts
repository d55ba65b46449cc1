import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createMessage, encrypt, enums, generateKey, type PartialConfig, type PublicKey } from 'openpgp';

export interface Pair {
  /** Armored. */
  readonly privateKey: string;
  readonly publicKey: PublicKey;
}

/** Derives keys from passphrases in milliseconds. */
const FAST: PartialConfig = { s2kIterationCountByte: 0, showVersion: false };

export async function newPair(passphrase?: string): Promise<Pair> {
  const made = await generateKey({
    userIDs: [{ name: 'Backup' }],
    format: 'object',
    ...(passphrase === undefined ? {} : { passphrase }),
    config: FAST,
  });
  return { privateKey: made.privateKey.armor(), publicKey: made.publicKey };
}

export interface Sealing {
  readonly to?: readonly PublicKey[];
  readonly passphrases?: readonly string[];
  readonly hidden?: boolean;
  readonly config?: PartialConfig;
}

export async function sealed(content: Buffer, { to, passphrases, hidden, config }: Sealing): Promise<Buffer> {
  const message = await createMessage({ binary: content });
  const file = await encrypt({
    message,
    format: 'binary',
    ...(to ? { encryptionKeys: [...to] } : {}),
    ...(passphrases ? { passwords: [...passphrases] } : {}),
    wildcard: hidden ?? false,
    config: { ...FAST, ...config },
  });
  return Buffer.from(file);
}

/** The packet of RFC 9580 with AES-GCM, in chunks of 1 kB. */
export const AEAD: PartialConfig = {
  aeadProtect: true,
  preferredAEADAlgorithm: enums.aead.gcm,
  aeadChunkSizeByte: 4,
};
export const OCB: PartialConfig = { ...AEAD, preferredAEADAlgorithm: enums.aead.ocb };

/** ASCII armor as gpg writes it: a header, lines of 64 characters, a checksum. */
export function armored(file: Buffer, header = 'Version: GnuPG v2\n'): Buffer {
  const lines = file.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(`-----BEGIN PGP MESSAGE-----\n${header}\n${lines.join('\n')}\n=AAAA\n-----END PGP MESSAGE-----\n`);
}

/** Offsets of the packets in the file, and its end. Knows only new-format lengths, which is what the library writes. */
export function packetBorders(file: Buffer): readonly number[] {
  const borders = [0];
  for (let at = 0; at < file.length; borders.push(at)) {
    at += 1;
    for (;;) {
      const first = file.readUInt8(at);
      if (first < 192) at += 1 + first;
      else if (first < 224) at += 2 + ((first - 192) << 8) + file.readUInt8(at + 1) + 192;
      else if (first === 255) at += 5 + file.readUInt32BE(at + 1);
      else {
        at += 1 + 2 ** (first & 31);
        borders.push(at);
        continue;
      }
      break;
    }
  }
  return borders;
}

/** A packet in the new format, with a five-byte length. */
export function packet(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.from([0xc0 | tag, 255, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}

/** The packet for a passphrase whose unsalted SHA-256 is the AES-256 session key, the simplest that gpg reads. */
export function simpleKey(passphrase: string): { readonly header: Buffer; readonly key: Buffer } {
  return { header: packet(3, Buffer.from([4, 9, 0, 8])), key: createHash('sha256').update(passphrase).digest() };
}

/** Data in CFB mode with its modification detection code, wrapped around any packets. */
export function cfbPacket(key: Buffer, inner: Buffer, tag = 18): Buffer {
  const prefix = randomBytes(16);
  const plain = Buffer.concat([prefix, prefix.subarray(-2), inner, Buffer.from([0xd3, 0x14])]);
  const whole = Buffer.concat([plain, createHash('sha1').update(plain).digest()]);
  const cipher = createCipheriv('aes-256-cfb', key, Buffer.alloc(16));
  return packet(tag, Buffer.from(tag === 18 ? [1] : []), cipher.update(whole));
}

export function literal(content: Buffer, kind = 'b'): Buffer {
  return packet(11, Buffer.from(`${kind}\x04name`), Buffer.alloc(4), content);
}
