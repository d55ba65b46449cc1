import type { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import type { DirectoryContent } from '../../../../backup/content.ts';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { DrillError } from '../../../../support/errors.ts';
import { toPrintable } from '../../../../support/printable.ts';
import { requireTarEnd } from '../../../physical/require-tar-end.ts';

/** Parts wanted from the archives of one table in one backup. */
export interface WantedParts {
  readonly content: DirectoryContent;
  readonly archives: readonly string[];
  readonly parts: ReadonlySet<string>;
  /** Relative, with a trailing `/`. */
  readonly folder: string;
}

/**
 * Reads the files of parts from tars that contain `PART/FILE`, with one or more parts each. Anything else in them is skipped: links, parts that were not
 * requested.
 * @throws in the stream: DrillError `backup-truncated` for a tar that is cut off, and for a part that none of them contains.
 */
export async function* readArchives(wanted: readonly WantedParts[], signal: AbortSignal): AsyncGenerator<SandboxFile> {
  for (const { content, archives, parts, folder } of wanted) {
    const seen = new Set<string>();
    for (const archive of archives) {
      for await (const { name, sizeBytes, stream } of entriesOf(await openArchive(archive, content, signal), archive)) {
        const part = name.slice(0, name.indexOf('/'));
        if (!parts.has(part)) stream.resume();
        else {
          seen.add(part);
          yield { name: `${folder}${name}`, sizeBytes, content: stream };
        }
      }
    }
    const lost = [...parts].filter((part) => !seen.has(part));
    if (lost[0] !== undefined) throw lacksPart(archives[0] ?? '', lost[0], lost.length);
  }
}

/** Brotli has no magic bytes, so the name decides. */
async function openArchive(name: string, content: DirectoryContent, signal: AbortSignal): Promise<Readable> {
  if (name.endsWith('.br'))
    return content.decompress('brotli', content.stream(name, signal), `${content.backup.key}${name}`);
  return content.streamUnwrapped(name, signal);
}

interface Entry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly stream: Readable;
}

async function* entriesOf(tar: Readable, archive: string): AsyncGenerator<Entry> {
  const unpacking = extract();
  const source = requireTarEnd(tar, toPrintable(archive, 200));
  source.on('error', (error) => unpacking.destroy(error));
  source.pipe(unpacking);
  try {
    for await (const entry of unpacking) {
      const { name, type, size = 0 } = entry.header;
      const clean = name.replace(/^[./]+/, '');
      if (type === 'file' && clean.includes('/'))
        yield { name: clean, sizeBytes: size, stream: entry as unknown as Readable };
      else entry.resume();
    }
  } catch (error) {
    if (error instanceof DrillError) throw error;
    throw new DrillError('backup-truncated', `${toPrintable(archive, 200)} cannot be unpacked`, {
      cause: error,
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    });
  } finally {
    source.destroy();
  }
}

function lacksPart(archive: string, part: string, count: number): DrillError {
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  return new DrillError(
    'backup-truncated',
    `part ${toPrintable(part, 100)}${more} is not in any archive of its table, such as ${toPrintable(archive, 200)}`,
    { hint: 'Compare the archives with the originals, and take a new backup.' },
  );
}
