import { DrillError } from '../../../support/errors.ts';
import { LINE_ENDING_HINT } from '../../../support/line-endings.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';

const VERSION_LINE = 'age-encryption.org/v1';
/** Room for several hundred recipients. */
const MAX_HEADER_BYTES = 2 ** 16;

/**
 * Reads the header of an age file: lines of text up to and including the one with the MAC, `--- …`. Leaves the reader at the payload.
 * Throws `backup-truncated`, `backup-corrupt`, and `format-unsupported` for later versions of the format.
 */
export async function readHeader(reader: ByteReader, key: string): Promise<Buffer> {
  const version = await readLine(reader);
  if (version.toString('latin1') === `${VERSION_LINE}\r`) {
    throw new DrillError('backup-corrupt', 'the age data of the backup is damaged: its line endings were changed', {
      hint: LINE_ENDING_HINT,
    });
  }
  if (version.toString('latin1') !== VERSION_LINE) {
    throw new DrillError(
      'format-unsupported',
      `${key} is encrypted with a version of age that Firedrill does not read: ${toPrintable(version.toString('latin1'), 60)}`,
      { hint: 'Encrypt with age 1 (age-encryption.org/v1).' },
    );
  }
  const lines = [version];
  while (reader.offset < MAX_HEADER_BYTES) {
    const line = await readLine(reader);
    lines.push(line);
    if (line.toString('latin1', 0, 4) === '--- ') return Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  }
  throw corrupt('age', reader.offset, 'its header has no end');
}

/** @returns the line without its line feed. */
async function readLine(reader: ByteReader): Promise<Buffer> {
  const bytes: number[] = [];
  for (;;) {
    const [byte] = await reader.take(1);
    if (byte === undefined) throw truncated('age', reader.offset);
    if (byte === 10) return Buffer.from(bytes);
    if (reader.offset > MAX_HEADER_BYTES) throw corrupt('age', reader.offset, 'its header has no end');
    bytes.push(byte);
  }
}
