/** An event's bytes end before the announced length. {@link readLog} adds the position. */
export class EventTooShort extends Error {}

/** Reads the fields of one event, little-endian unless stated otherwise. Every method throws {@link EventTooShort} at the end of the bytes. */
export class EventBytes {
  readonly bytes: Buffer;
  at: number;

  /** @param at offset of the first field. */
  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** A number of 1 to 6 bytes. */
  uint(size: number): number {
    return this.bytes.readUIntLE(this.#next(size), size);
  }

  /** A number of 7 or 8 bytes. */
  bigUint(size: 7 | 8): bigint {
    const at = this.#next(size);
    const low = BigInt(this.bytes.readUInt32LE(at));
    return low | (BigInt(this.bytes.readUIntLE(at + 4, size - 4)) << 32n);
  }

  take(size: number): Buffer {
    const at = this.#next(size);
    return this.bytes.subarray(at, at + size);
  }

  skip(size: number): void {
    this.#next(size);
  }

  rest(): Buffer {
    return this.take(this.left);
  }

  /** Text preceded by its length in one byte and followed by a zero byte. */
  shortText(): string {
    const text = this.take(this.uint(1)).toString('utf8');
    this.skip(1);
    return text;
  }

  /** A number in 1 to 9 bytes, the first of which states how many: MySQL's `net_store_length`. */
  packedLength(): number {
    const first = this.uint(1);
    if (first < 251) return first;
    if (first === 252) return this.uint(2);
    if (first === 253) return this.uint(3);
    if (first === 254) return Number(this.bigUint(8));
    throw new EventTooShort('a length begins with a byte that no length begins with');
  }

  /**
   * A number in 1 to 9 bytes: the number of trailing one bits of the first byte is the number of bytes that follow. Source: MySQL's libs/mysql/serialization,
   * "variable-length integers".
   */
  variableUint(): bigint {
    const first = this.uint(1);
    const more = trailingOnes(first);
    if (more === 8) return this.bigUint(8);
    let value = BigInt(first >> (more + 1));
    for (let index = 0; index < more; index += 1) value |= BigInt(this.uint(1)) << BigInt(7 - more + 8 * index);
    return value;
  }

  /** The signed variant: 0, -1, 1, -2, … */
  variableInt(): bigint {
    const value = this.variableUint();
    return value & 1n ? -((value + 1n) >> 1n) : value >> 1n;
  }

  #next(size: number): number {
    const { at } = this;
    if (size < 0 || at + size > this.bytes.length) {
      throw new EventTooShort(`${size} bytes are announced, and ${this.left} are left`);
    }
    this.at = at + size;
    return at;
  }
}

function trailingOnes(byte: number): number {
  let count = 0;
  while (count < 8 && byte & (1 << count)) count += 1;
  return count;
}
