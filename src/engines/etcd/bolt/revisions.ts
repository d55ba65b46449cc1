import { crc32c } from '../../../support/crc32c.ts';
import type { LeafElement } from './page.ts';

/** Maximum number of revisions kept, at 25 bytes each. */
const LIMIT = 4 * 2 ** 20;
const FIRST_SIZE = 4096;

/** Entries of the bucket `key`, each a revision of a key: stored as columns of numbers, since there may be millions. */
export class Revisions {
  count = 0;
  /** Whether there were more than the limit. */
  isOver = false;
  #size = FIRST_SIZE;
  /** Checksum and length in bytes of each entry, covering its key in the bucket and its value. */
  crc = new Uint32Array(FIRST_SIZE);
  bytes = new Uint32Array(FIRST_SIZE);
  /** Two independent hashes of the user's key. */
  hash = new Uint32Array(FIRST_SIZE);
  otherHash = new Uint32Array(FIRST_SIZE);
  main = new Float64Array(FIRST_SIZE);
  isDeletion = new Uint8Array(FIRST_SIZE);

  /** Adds the entries of a leaf. @returns whether it is a leaf of this bucket. */
  add(elements: readonly LeafElement[]): boolean {
    if (elements.length === 0 || !elements.every(isRevision)) return false;
    for (const { key, value } of elements) {
      if (this.count === LIMIT) {
        this.isOver = true;
        return true;
      }
      if (this.count === this.#size) this.#grow();
      const at = this.count;
      this.crc[at] = crc32c(value, crc32c(key));
      this.bytes[at] = key.length + value.length;
      const name = nameIn(value);
      this.hash[at] = hashOf(name, 0x811c_9dc5, 0x0100_0193);
      this.otherHash[at] = hashOf(name, 0x9747_b28c, 0x5bd1_e995);
      this.main[at] = Number(key.readBigUInt64BE(0));
      this.isDeletion[at] = key.length === DELETION_BYTES ? 1 : 0;
      this.count += 1;
    }
    return true;
  }

  #grow(): void {
    this.#size *= 2;
    this.crc = copyInto(new Uint32Array(this.#size), this.crc);
    this.bytes = copyInto(new Uint32Array(this.#size), this.bytes);
    this.hash = copyInto(new Uint32Array(this.#size), this.hash);
    this.otherHash = copyInto(new Uint32Array(this.#size), this.otherHash);
    this.main = copyInto(new Float64Array(this.#size), this.main);
    this.isDeletion = copyInto(new Uint8Array(this.#size), this.isDeletion);
  }
}

function copyInto<T extends Uint32Array | Float64Array | Uint8Array>(to: T, from: T): T {
  to.set(from);
  return to;
}

const REVISION_BYTES = 17;
const DELETION_BYTES = 18;

/** 8 bytes, `_`, 8 bytes, and `t` for a deletion. Source: etcd's server/storage/mvcc/revision.go. */
function isRevision({ key, value, isBucket }: LeafElement): boolean {
  if (isBucket || key[8] !== 0x5f || value[0] !== KEY_FIELD) return false;
  return key.length === REVISION_BYTES || (key.length === DELETION_BYTES && key[17] === 0x74);
}

/** The first field of `mvccpb.KeyValue`, bytes. */
const KEY_FIELD = 0x0a;

function nameIn(value: Buffer): Buffer {
  let length = 0;
  let at = 1;
  for (let shift = 0; shift < 35; shift += 7, at += 1) {
    const byte = value[at] ?? 0;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return value.subarray(at + 1, at + 1 + length);
}

function hashOf(bytes: Buffer, seed: number, prime: number): number {
  let hash = seed;
  for (const byte of bytes) {
    hash = Math.imul(hash ^ byte, prime);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
