import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { DirectoryContent, ObjectContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import { foreignTar } from '../../../recognition/foreign-content.ts';
import { namesInTar } from '../../../recognition/tar-names.ts';
import { NeedMoreBytes } from './archive-reader.ts';
import { type ArchiveToc, isArchive, readArchiveToc } from './archive-toc.ts';
import { readTarMembers } from './tar-members.ts';

/** Maximum size of the head; a shorter one is the whole content. */
const HEAD_BYTES = 2 ** 20;
/** Enough for a table of contents with hundreds of thousands of objects; no more than this is read. */
const MAX_TOC_BYTES = 64 * 2 ** 20;

/** Finds the table of contents of a custom archive: in the head, or in as much of the stream as it needs. */
export async function findCustomToc(content: ObjectContent, signal: AbortSignal): Promise<ArchiveToc> {
  const toc = tryToc(content.head);
  if (toc) return toc;
  if (content.head.length < HEAD_BYTES) throw cutShort(content.backup.key, content.head.length);
  const found = await readGrowing(content.stream(signal));
  if (typeof found === 'number') throw cutShort(content.backup.key, found);
  return found;
}

/** Finds the table of contents inside a tar: near the front if pg_dump wrote it, anywhere if a directory was packed. */
export async function findTarToc(content: ObjectContent, signal: AbortSignal): Promise<ArchiveToc> {
  const fromHead = await tocInTar(Readable.from([content.head]), signal).catch(() => undefined); // the head ends within a member
  const toc = fromHead ?? (await tocInTar(content.stream(signal), signal));
  if (toc) return toc;
  const names = namesInTar(content.head);
  if (names.some(isMemberOfDump)) throw withoutContents(content.backup.key);
  throw foreignTar(content.backup.key, names, content.head.length < HEAD_BYTES);
}

/** `3565.dat` and the like: pg_dump's names for the rows of a table and for large objects. */
function isMemberOfDump(name: string): boolean {
  return /^(?:.*\/)?(?:\d+\.dat|blob_\d+\.dat|blobs(?:_\d+)?\.toc)(?:\.(?:gz|lz4|zst))?$/.test(name);
}

function withoutContents(key: string): DrillError {
  return new DrillError(
    'backup-truncated',
    `${key} is a tar of a pg_dump dump without toc.dat, so nothing in it can be restored`,
    {
      hint: 'The dump was not finished, or toc.dat was lost when it was packed: look at the job that writes it.',
    },
  );
}

export async function findDirectoryToc(content: DirectoryContent, signal: AbortSignal): Promise<ArchiveToc> {
  const { key } = content.backup;
  const size = content.members.get('toc.dat')?.sizeBytes;
  if (size === undefined) {
    throw new DrillError(
      'backup-unrecognised',
      `${key} holds ${content.members.size} objects, but no toc.dat: it is not a pg_dump directory`,
      {
        hint: 'Set `backup.match` to select the prefix that contains toc.dat; without toc.dat the dump was never finished.',
      },
    );
  }
  return parseWhole(key, await collect(content.stream('toc.dat', signal), size));
}

async function tocInTar(source: Readable, signal: AbortSignal): Promise<ArchiveToc | undefined> {
  for await (const member of readTarMembers(source, signal)) {
    if (member.name === 'toc.dat') return parseWhole('toc.dat', await collect(member.content, member.sizeBytes ?? 0));
    member.content.resume();
  }
  return undefined;
}

async function collect(source: Readable, sizeBytes: number): Promise<Buffer> {
  if (sizeBytes <= MAX_TOC_BYTES) return buffer(source);
  source.destroy();
  throw new DrillError(
    'backup-corrupt',
    `toc.dat claims ${formatBytes(sizeBytes)}; no table of contents is that long`,
    {
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    },
  );
}

function parseWhole(key: string, bytes: Buffer): ArchiveToc {
  if (!isArchive(bytes) && bytes.length >= 5) {
    throw new DrillError('backup-corrupt', `${key}: toc.dat is not a table of contents of pg_dump`, {
      hint: 'Compare its size and checksum with what was written, and take a new backup.',
    });
  }
  const toc = tryToc(bytes);
  if (!toc) throw cutShort(key, bytes.length);
  return toc;
}

function tryToc(bytes: Buffer): ArchiveToc | undefined {
  try {
    return readArchiveToc(bytes);
  } catch (error) {
    if (error instanceof NeedMoreBytes) return undefined;
    throw error;
  }
}

/** Parses again each time the collected bytes have doubled. @returns the number of bytes if they ended first. */
async function readGrowing(source: Readable): Promise<ArchiveToc | number> {
  const chunks: Buffer[] = [];
  let length = 0;
  let tryAt = 2 * HEAD_BYTES;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length < tryAt) continue;
    const toc = tryToc(Buffer.concat(chunks));
    if (toc) return toc;
    if (length > MAX_TOC_BYTES) {
      throw new DrillError(
        'backup-corrupt',
        `the archive's table of contents does not end within ${formatBytes(MAX_TOC_BYTES)}`,
        {
          hint: 'Compare its size and checksum with what was written, and take a new backup.',
        },
      );
    }
    tryAt = length * 2;
  }
  return tryToc(Buffer.concat(chunks)) ?? length;
}

function cutShort(key: string, length: number): DrillError {
  return new DrillError('backup-truncated', `${key} ends after ${formatBytes(length)}, inside its table of contents`, {
    hint: 'Compare its size with what pg_dump wrote: the upload or the dump was cut short.',
  });
}
