import type { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, nameDamaged, truncated } from '../../compression/damage.ts';
import { DecodedStream } from '../../decoded-stream.ts';
import { LAYER_MAGIC_BYTES, type LayerContext } from '../../layer.ts';
import { peek } from '../peek.ts';
import { decryptAead } from './aead-payload.ts';
import { isArmored, removeArmor } from './armor.ts';
import { decryptCfb } from './cfb-payload.ts';
import { type LockedKey, readLockedKeys } from './locked-keys.ts';
import { readMessage } from './message.ts';
import { type Packet, TAG } from './packets.ts';
import { OPENPGP } from './payload-errors.ts';
import type { ChooseKey } from './session-key.ts';
import { findSessionKeys } from './session-keys.ts';

const BUFFER_BYTES = 2 ** 19;

/**
 * Streams the file in an OpenPGP message. The library reads keys and finds the session key; packets and data are read here, with OpenSSL’s ciphers, because
 * neither the library nor gpg reports whether a message was cut or changed.
 */
export function openOpenpgp(input: Readable, { key, keys }: LayerContext): Readable {
  const output = new DecodedStream(decrypt(), input, {
    explain: (error) => nameDamaged(error, key),
    bufferBytes: BUFFER_BYTES,
  });
  return output;

  async function* decrypt(): AsyncGenerator<Buffer> {
    const { first, whole } = await peek(input, LAYER_MAGIC_BYTES);
    const reader = new ByteReader(isArmored(first) ? removeArmor(whole) : whole);
    const { locked, packet } = await readHeader(reader);
    yield* readMessage(decryptPayload(reader, locked, packet));
  }

  /** Yields the content of the encrypted packet. Throws when it is incomplete or something follows it. */
  async function* decryptPayload(
    reader: ByteReader,
    locked: readonly LockedKey[],
    packet: Packet,
  ): AsyncGenerator<Buffer> {
    if (packet.tag === TAG.encryptedOnly) throw withoutIntegrity(key);
    const find = await findSessionKeys(locked, key, await keys.read(), () => !output.destroyed);
    const choose: ChooseKey = (opens) => {
      const chosen = find(opens);
      keys.noteUse(chosen.fingerprint);
      return chosen;
    };
    const body = new ByteReader(packet.body);
    const [version] = await body.take(1);
    if (version === undefined) throw truncated(OPENPGP, reader.offset);
    if (version === 1)
      yield* packet.tag === TAG.encrypted ? decryptCfb(body, choose) : decryptAead(body, 1, key, choose);
    else if (version === 2 && packet.tag === TAG.encrypted) yield* decryptAead(body, 2, key, choose);
    else throw corrupt(OPENPGP, reader.offset, `its encrypted data is of an unknown version, ${version}`);
    if ((await reader.take(1)).length > 0)
      throw corrupt(OPENPGP, reader.offset, 'something follows its encrypted data');
  }
}

/** The encrypted packet and the packets before it. */
async function readHeader(
  reader: ByteReader,
): Promise<{ readonly locked: readonly LockedKey[]; readonly packet: Packet }> {
  const { locked, next } = await readLockedKeys(reader);
  if (!next) throw truncated(OPENPGP, reader.offset);
  if (next.tag !== TAG.encrypted && next.tag !== TAG.encryptedAead && next.tag !== TAG.encryptedOnly)
    throw corrupt(OPENPGP, reader.offset, `a packet of type ${next.tag} stands in the place of the encrypted data`);
  return { locked, packet: next };
}

function withoutIntegrity(key: string): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} is encrypted with OpenPGP without integrity protection, so tampering cannot be detected; GnuPG refuses it, too`,
    { hint: 'Encrypt it with AES (`gpg --cipher-algo AES256`, the default since GnuPG 2.1), which protects it.' },
  );
}
