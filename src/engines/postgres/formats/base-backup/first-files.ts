import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { readStart } from '../../../../support/read-start.ts';
import { visitTar } from '../../../recognition/visit-tar.ts';

/** What a base backup says of itself in its first files. */
export interface FirstFiles {
  readonly label: string;
  /** The server's major version, of the directory or of any database in it: `17`. */
  readonly major: string;
}

/** A label has some 300 bytes, and its user's own text of at most 1,024. */
const MAX_BYTES = 16_384;

/**
 * Reads a tar until both are found, and then no further.
 * @returns undefined for what it does not hold. Throws what the source is destroyed with; a tar that cannot be read holds nothing more.
 */
export async function readFirstFiles(source: Readable): Promise<Partial<FirstFiles>> {
  const found: { label?: string; major?: string } = {};
  // damage of the tar is found while it is unpacked
  await visitTar(source, async (entry) => {
    const name = entry.header.name.replace(/^\.\//, '');
    const wanted = name === 'backup_label' ? 'label' : /(?:^|\/)PG_VERSION$/.test(name) ? 'major' : undefined;
    if (wanted !== undefined && (entry.header.size ?? 0) <= MAX_BYTES) found[wanted] ??= (await text(entry)).trim();
    return found.label !== undefined && found.major !== undefined;
  });
  return found;
}

/** The text of such a file, or its beginning. */
export async function readFirstFile(stream: Readable): Promise<string> {
  return (await readStart(stream, MAX_BYTES)).toString('utf8').trim();
}

/** As {@link readFirstFiles}, in the first bytes of a tar that may end anywhere. */
export function readFirstFilesIn(head: Buffer): Promise<Partial<FirstFiles>> {
  return readFirstFiles(Readable.from([head]));
}
