import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { toPrintable } from '../../support/printable.ts';
import { formatDuration } from '../../support/quantities.ts';
import { keepError } from '../reading/replay.ts';
import type { ExpectedChecksum } from './expected-checksum.ts';
import type { ChecksumAlgorithm } from './parse-checksums.ts';

const TITLES: Readonly<Record<ChecksumAlgorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA-1',
  sha224: 'SHA-224',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};
const BUFFER_BYTES = 2 ** 20;
const SHOWN_DIGITS = 16;

/**
 * Compares a backup's stored bytes with the checksums listed next to it, while they are read for the restore. A file that differs fails the stream that read
 * it with `backup-corrupt`, or with `checksum-outdated` when the checksum is older than the backup, so that either may be to blame.
 */
export class ChecksumWatch {
  readonly #name: string;
  readonly #expected: readonly ExpectedChecksum[];
  #found: Finding | undefined;

  /** @param key names the backup in messages. */
  constructor(key: string, expected: readonly ExpectedChecksum[]) {
    this.#name = toPrintable(key);
    this.#expected = expected;
  }

  /** Names of the files that list the checksums. */
  get files(): readonly string[] {
    return [...new Set(this.#expected.map(({ file }) => file))];
  }

  /** The same bytes, compared once all of them have passed. Destroying either end destroys the other. */
  watch(stored: Readable): Readable {
    const [first] = this.#expected;
    if (!first || (this.#found && !this.#found.error)) return stored;
    const hashes = new Map(this.#expected.map(({ algorithm }) => [algorithm, createHash(algorithm)]));
    const watched = new Transform({
      highWaterMark: BUFFER_BYTES,
      transform: (chunk: Buffer, _, done) => {
        for (const hash of hashes.values()) hash.update(chunk);
        done(null, chunk);
      },
      flush: (done) => {
        const digests = new Map([...hashes].map(([algorithm, hash]) => [algorithm, hash.digest('hex')]));
        this.#found = compare(this.#name, this.#expected, digests);
        done(this.#found.error);
      },
    });
    return keepError(pipeline(keepError(stored), watched, () => undefined)); // the returned stream has the error
  }

  /**
   * Call after the restore. @returns what matched, for the record, and what to warn of.
   * @throws DrillError `backup-corrupt`, `checksum-outdated` if a checksum differs and nothing has thrown it yet.
   */
  conclude(): { readonly matched: readonly string[]; readonly warnings: readonly string[] } {
    if (this.#found?.error) throw this.#found.error;
    if (this.#found) return this.#found;
    const unread = `the restore did not read ${this.#name} to its end, so ${this.files.join(', ')} was not compared`;
    return { matched: [], warnings: this.#expected.length === 0 ? [] : [unread] };
  }
}

interface Finding {
  readonly matched: readonly string[];
  readonly warnings: readonly string[];
  readonly error?: DrillError;
}

function compare(
  name: string,
  expected: readonly ExpectedChecksum[],
  digests: ReadonlyMap<ChecksumAlgorithm, string>,
): Finding {
  const isMatch = ({ algorithm, digest }: ExpectedChecksum) => digests.get(algorithm) === digest;
  const matched = expected.filter(isMatch).map(({ algorithm, file }) => `${TITLES[algorithm]} matches ${file}`);
  const differing = expected.filter((each) => !isMatch(each));
  const certain = differing.find(({ isNamed, olderByMs }) => isNamed && olderByMs === 0);
  const doubtful = differing.find(({ isNamed }) => isNamed);
  const warnings = differing.map(({ isNamed, olderByMs, file }) =>
    isNamed
      ? `${file} is ${formatDuration(olderByMs)} older than ${name} and does not match it; a checksum in another file does`
      : `${file} lists a checksum that is neither of ${name} nor under its name`,
  );
  if (certain) return { matched, warnings: [], error: corrupt(name, certain, digests) };
  if (doubtful && matched.length === 0) return { matched, warnings: [], error: outdated(name, doubtful, digests) };
  return { matched, warnings };
}

function corrupt(name: string, expected: ExpectedChecksum, digests: ReadonlyMap<ChecksumAlgorithm, string>) {
  return new DrillError('backup-corrupt', `${name} does not match ${expected.file}: ${both(expected, digests)}`, {
    hint: 'The file was damaged, cut off or replaced after its checksum was written. Compare it with other copies, and look for the step that changes it.',
  });
}

function outdated(name: string, expected: ExpectedChecksum, digests: ReadonlyMap<ChecksumAlgorithm, string>) {
  const { file, olderByMs } = expected;
  const what = `${name} does not match ${file}, which is ${formatDuration(olderByMs)} older`;
  return new DrillError('checksum-outdated', `${what}: ${both(expected, digests)}`, {
    hint: `If the job has overwritten the backup since, let it write the checksum right after each backup, or delete ${file}. If it has not, the backup is damaged.`,
    mayPass: true,
  });
}

function both({ algorithm, digest }: ExpectedChecksum, digests: ReadonlyMap<ChecksumAlgorithm, string>): string {
  return `its ${TITLES[algorithm]} is ${shorten(digests.get(algorithm) ?? '')}, not ${shorten(digest)}`;
}

function shorten(digest: string): string {
  return `${digest.slice(0, SHOWN_DIGITS)}…`;
}
