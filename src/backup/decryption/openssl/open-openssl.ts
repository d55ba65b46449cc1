import { createDecipheriv, type Decipheriv, getCipherInfo } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, nameDamaged, truncated } from '../../compression/damage.ts';
import { DecodedStream } from '../../decoded-stream.ts';
import {
  type BackupKey,
  garbage,
  type KeyRing,
  LAYER_MAGIC_BYTES,
  type LayerContext,
  PASSPHRASE,
} from '../../layer.ts';
import { describeOpenssl, OPENSSL_DEFAULTS } from '../../openssl-spec.ts';
import { Base64Decoder } from '../base64.ts';
import { evidenceOf, PROOF_BITS } from '../evidence.ts';
import { peek } from '../peek.ts';
import { type DerivedKey, deriveKey } from './derive-key.ts';

const OPENSSL = 'OpenSSL';
const MAGIC = 'Salted__';
const HEADER_BYTES = 16;
const SAMPLE_BYTES = 4096;
const PORTION_BYTES = 2 ** 18;
const BUFFER_BYTES = 2 ** 19;

/**
 * Decrypts and streams the output of `openssl enc`. The format has no integrity check: a wrong key, or a cipher other than the drill names, yields random
 * bytes, and so does damage, for a block or two. So the key is chosen by the first decrypted bytes; if they match nothing known, reporting that is up to the
 * content's reader (`isUnchecked`). If the first bytes prove the key, the padding at the end reveals most cuts.
 */
export function openOpenssl(input: Readable, { key, keys, mustBeKnown }: LayerContext): Readable {
  return new DecodedStream(decrypt(), input, {
    explain: (error) => nameDamaged(error, key),
    bufferBytes: BUFFER_BYTES,
  });

  async function* decrypt(): AsyncGenerator<Buffer> {
    const spec = keys.openssl ?? OPENSSL_DEFAULTS;
    const { first, whole } = await peek(input, LAYER_MAGIC_BYTES);
    const reader = new ByteReader(first.toString('latin1', 0, MAGIC.length) === MAGIC ? whole : removeBase64(whole));
    const header = await reader.take(HEADER_BYTES);
    let sealed = await reader.take(SAMPLE_BYTES);
    const blockBytes = getCipherInfo(spec.cipher)?.blockSize ?? 1;
    if (header.length < HEADER_BYTES || (sealed.length === 0 && blockBytes > 1))
      throw truncated(OPENSSL, reader.offset);
    const salt = header.subarray(MAGIC.length);
    const named = await keys.read();
    const candidates: Candidate[] = [];
    for (const each of inOrder(named, keys.lastUsed)) {
      const derived = await deriveKey(firstLine(each.text), salt, spec);
      const candidate = {
        key: each,
        derived,
        ...examine(createDecipheriv(spec.cipher, derived.key, derived.iv), sealed),
      };
      candidates.push(candidate);
      if (candidate.evidence >= PROOF_BITS) break;
    }
    const { derived, isKnown } = choose(candidates, keys);
    const tried = `${describeOpenssl(spec)}, tried: ${named.map(({ name }) => name).join(', ')}`;
    if (mustBeKnown && !isKnown) throw garbage(key, OPENSSL, tried);
    const decipher = createDecipheriv(spec.cipher, derived.key, derived.iv);
    for (; sealed.length > 0; sealed = await reader.takeSome(PORTION_BYTES)) {
      const plain = decipher.update(sealed);
      if (plain.length > 0) yield plain;
    }
    const last = end(decipher);
    if (last && last.length > 0) yield last;
    if (last) return;
    if (isKnown) throw explainEnd(reader.offset, blockBytes);
    throw garbage(key, OPENSSL, tried);
  }
}

interface Candidate {
  readonly key: BackupKey;
  readonly derived: DerivedKey;
  /** Evidence that the key is right, in bits; see {@link evidenceOf}. */
  readonly evidence: number;
  /**
   * For a short file, whether it ends with valid padding: always with the right key, in 1 of 256 cases with a wrong one. undefined: the sample does not reach
   * the end.
   */
  readonly isPadded: boolean | undefined;
}

/** Tries the key that opened the last file first. */
function inOrder(named: readonly BackupKey[], lastUsed: BackupKey | undefined): readonly BackupKey[] {
  return lastUsed ? [lastUsed, ...named.filter((one) => one !== lastUsed)] : named;
}

/**
 * A key that the first bytes prove; else, among those with valid padding, the one that opened another file of the backup, or the likeliest. A wrong key
 * occasionally yields weak evidence: that proves nothing, and another key may still be right.
 */
function choose(
  candidates: readonly Candidate[],
  keys: KeyRing,
): { readonly derived: DerivedKey; readonly isKnown: boolean } {
  const proven = candidates.find(({ evidence }) => evidence >= PROOF_BITS);
  if (proven) {
    keys.noteUse(PASSPHRASE, proven.key);
    return { derived: proven.derived, isKnown: true };
  }
  const padded = candidates.filter(({ isPadded }) => isPadded);
  const possible = padded.length > 0 ? padded : candidates;
  const used = possible.find(({ key }) => key === keys.lastUsed);
  if (used) return { derived: used.derived, isKnown: true };
  const [likeliest] = possible.toSorted((one, other) => other.evidence - one.evidence);
  if (!likeliest) throw new DrillError('internal', 'a key ring that is not empty gave no key');
  return { derived: likeliest.derived, isKnown: false };
}

function examine(decipher: Decipheriv, sealed: Buffer): Pick<Candidate, 'evidence' | 'isPadded'> {
  const plain = decipher.update(sealed);
  if (sealed.length === SAMPLE_BYTES) return { evidence: evidenceOf(plain), isPadded: undefined };
  const last = end(decipher);
  return { evidence: evidenceOf(last ? Buffer.concat([plain, last]) : plain), isPadded: last !== undefined };
}

/** @returns undefined when the padding is invalid. */
function end(decipher: Decipheriv): Buffer | undefined {
  try {
    return decipher.final();
  } catch {
    return undefined; // the only thing that `final` checks is length and padding
  }
}

function explainEnd(offset: number, blockBytes: number): DrillError {
  if ((offset - HEADER_BYTES) % blockBytes !== 0) return truncated(OPENSSL, offset);
  return new DrillError(
    'backup-truncated',
    `the OpenSSL data of the backup ends after ${formatCount(offset)} bytes without its padding: it was cut off there, or its last ${2 * blockBytes} bytes were changed`,
    {
      hint: 'Compare its size and checksum with those of the original file: most likely the upload or the backup job stopped halfway.',
    },
  );
}

async function* removeBase64(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = new Base64Decoder();
  let offset = 0;
  for await (const chunk of input) {
    offset += chunk.length;
    const bytes = decoder.push(chunk.toString('latin1'));
    if (!bytes) throw corrupt('base64 of the OpenSSL', offset, 'it holds something that is not base64');
    if (bytes.length > 0) yield bytes;
  }
  if (!decoder.isWhole) throw truncated('base64 of the OpenSSL', offset);
}

/** `openssl enc -pass file:` reads only the first line of a file. */
function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
