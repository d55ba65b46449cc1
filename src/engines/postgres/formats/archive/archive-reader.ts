import { DrillError } from '../../../../support/errors.ts';

/** The bytes end before the structure does: either more follow (this was only the head of a longer object), or the backup is truncated. */
export class NeedMoreBytes extends Error {}

/** The primitives of pg_dump's archive header and table of contents. Never allocates memory based on a length claimed by the input. */
export class ArchiveReader {
  private readonly bytes: Buffer;
  private position: number;
  private intSize = 4;
  private offsetSize = 8;

  constructor(bytes: Buffer, position = 0) {
    this.bytes = bytes;
    this.position = position;
  }

  get offset(): number {
    return this.position;
  }

  /** Bytes per integer and per file offset, as stated in the header. */
  setSizes(intSize: number, offsetSize: number): void {
    if (intSize < 1 || intSize > 8 || offsetSize < 1 || offsetSize > 8) {
      throw this.corrupt(`integers of ${intSize} and offsets of ${offsetSize} bytes`);
    }
    this.intSize = intSize;
    this.offsetSize = offsetSize;
  }

  readByte(): number {
    const byte = this.bytes[this.position];
    if (byte === undefined) throw new NeedMoreBytes();
    this.position += 1;
    return byte;
  }

  /** One byte of sign, then the magnitude, least significant byte first. */
  readInt(): number {
    const negative = this.readByte() !== 0;
    let value = 0;
    let weight = 1;
    for (let index = 0; index < this.intSize; index += 1) {
      value += this.readByte() * weight;
      weight *= 256;
    }
    if (!Number.isSafeInteger(value)) throw this.corrupt('an integer beyond 53 bits');
    return negative ? -value : value;
  }

  /** @returns undefined for a missing string (a negative length). */
  readString(): string | undefined {
    const length = this.readInt();
    if (length < 0) return undefined;
    if (length > MAX_STRING_BYTES) throw this.corrupt(`a string of ${length} bytes`);
    if (this.position + length > this.bytes.length) throw new NeedMoreBytes();
    const text = this.bytes.toString('utf8', this.position, this.position + length);
    this.position += length;
    return text;
  }

  /** A file offset: one byte of state, then the offset. Only pg_restore needs a table's position, so it is skipped. */
  skipOffset(): void {
    for (let index = 0; index <= this.offsetSize; index += 1) this.readByte();
  }

  corrupt(what: string): DrillError {
    return new DrillError(
      'backup-corrupt',
      `the archive's table of contents is damaged at byte ${this.position}: ${what}`,
      {
        hint: 'Take a new backup, and compare the size and checksum of this one with what was written.',
      },
    );
  }
}

/** Postgres stores no value over 1 GiB; a definition of over 256 MiB is damage, not a schema. */
const MAX_STRING_BYTES = 256 * 2 ** 20;
