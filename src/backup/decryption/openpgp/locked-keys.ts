import type { ByteReader } from '../../compression/byte-reader.ts';
import { type Packet, readPacket, readWhole, skip, TAG } from './packets.ts';
import { OUTER } from './payload-errors.ts';

/** A packet with the session key, encrypted with a public key or a passphrase. */
export interface LockedKey {
  readonly kind: 'public key' | 'passphrase';
  readonly body: Buffer;
}

/** An RSA packet with 16,384 bits takes 2 kB. */
const MAX_PACKET_BYTES = 2 ** 14;
/** Most recipients that we accept per message. */
const MAX_PACKETS = 1000;

/** Reads the packets of a message up to the first that is not a session key packet, `next`. Throws `backup-truncated`, `backup-corrupt`. */
export async function readLockedKeys(
  reader: ByteReader,
): Promise<{ readonly locked: readonly LockedKey[]; readonly next: Packet | undefined }> {
  const locked: LockedKey[] = [];
  for (let count = 0; count < MAX_PACKETS; count += 1) {
    const packet = await readPacket(reader, OUTER);
    if (packet?.tag === TAG.publicKeySession || packet?.tag === TAG.passwordSession) {
      const kind = packet.tag === TAG.publicKeySession ? 'public key' : 'passphrase';
      locked.push({ kind, body: await readWhole(packet, MAX_PACKET_BYTES, OUTER) });
    } else if (packet?.tag === TAG.marker || packet?.tag === TAG.padding) await skip(packet);
    else return { locked, next: packet };
  }
  throw OUTER.malformed(reader.offset, `its header has more than ${MAX_PACKETS} packets`);
}

/** The id of the recipient's public key, in upper-case hex as gpg shows it; undefined for a hidden recipient. */
export function keyIdOf({ body }: LockedKey): string | undefined {
  const id = idOf(body);
  return id.length < 8 || id.every((byte) => byte === 0) ? undefined : id.toString('hex').toUpperCase();
}

/** @param id of a key, in hex. @returns whether the packet may be for that key; true for hidden recipients. */
export function isFor(locked: LockedKey, id: string): boolean {
  const own = keyIdOf(locked);
  return own === undefined || own === id.toUpperCase();
}

/** The number of the public-key algorithm (RFC 9580, section 9.1). */
export function algorithmOf({ body }: LockedKey): number | undefined {
  return body[0] === 6 ? body[2 + (body[1] ?? 0)] : body[9];
}

/** Version 3 has the key's id; version 6 (RFC 9580, section 5.1.2) a length, the key's version and its fingerprint, or the length zero. */
function idOf(body: Buffer): Buffer {
  if (body[0] !== 6) return body.subarray(1, 9);
  const length = body[1] ?? 0;
  if (length === 0) return Buffer.alloc(0);
  const fingerprint = body.subarray(3, 2 + length);
  return body[2] === 4 ? fingerprint.subarray(-8) : fingerprint.subarray(0, 8);
}
