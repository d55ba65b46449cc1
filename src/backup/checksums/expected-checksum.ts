import type { ChecksumAlgorithm } from './parse-checksums.ts';

/** A checksum that a backup should have, as a file next to it says. */
export interface ExpectedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In hex digits, lower case. */
  readonly digest: string;
  /** Name of the checksum file, printable. */
  readonly file: string;
  /** How long before the backup the checksum file was stored, so that it may be of an overwritten backup; 0: not before it. */
  readonly olderByMs: number;
  /** Whether the file lists the backup's own name, or no name. Otherwise a difference shows nothing. */
  readonly isNamed: boolean;
}
