import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DrillError } from '../../../support/errors.ts';
import { piecesOf } from '../../../support/stream-pieces.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { nameOfLogFile } from './plan-log.ts';
import { streamLogFile } from './read-log-file.ts';

/**
 * An archive with a single file for each name that the server requests. Copies of a segment, such as a compressed and a plain one, or those in several folders,
 * are compared before its end is passed on. They are read one after another, however many there are, and none is held in memory: if two differ, it is
 * impossible to tell which one the server wrote.
 */
export function settleCopies(archive: LogArchive): LogArchive {
  const byName = Map.groupBy(archive.files, ({ key }) => nameOfLogFile(key));
  const copiesOf = new Map<LogFile, readonly LogFile[]>();
  const left = new Set<LogFile>();
  for (const [name, copies] of byName) {
    const kept = copies.at(-1);
    if (name === undefined || !kept || copies.length < 2) continue;
    copiesOf.set(kept, copies.slice(0, -1));
    for (const copy of copies.slice(0, -1)) left.add(copy);
  }
  if (copiesOf.size === 0) return archive;
  const stream = async (file: LogFile, signal: AbortSignal): Promise<Readable> => {
    const copies = copiesOf.get(file);
    if (!copies) return streamLogFile(archive, file, signal);
    return Readable.from(compared(archive, file, copies, signal), { objectMode: false });
  };
  return {
    ...archive,
    files: archive.files.filter((file) => !left.has(file)),
    read: async (file, signal) =>
      copiesOf.has(file) ? buffer(await stream(file, signal)) : archive.read(file, signal),
    ...(archive.stream && { stream }),
  };
}

/** Passes a file through, and fails if a copy of it has other bytes: only at the end is a segment known to be complete. */
async function* compared(
  archive: LogArchive,
  file: LogFile,
  copies: readonly LogFile[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const content = new ContentDigest();
  for await (const chunk of piecesOf(await streamLogFile(archive, file, signal))) {
    content.add(chunk);
    yield chunk;
  }
  const digest = content.digest();
  for (const copy of copies) {
    const other = await digestUpTo(content.bytes, await streamLogFile(archive, copy, signal));
    if (other !== digest) throw differ(archive, copy, file);
  }
}

/** @returns undefined for a stream longer than that many bytes, which is not read further. */
async function digestUpTo(bytes: number, stream: Readable): Promise<string | undefined> {
  const content = new ContentDigest();
  for await (const chunk of piecesOf(stream)) {
    content.add(chunk);
    if (content.bytes > bytes) return undefined;
  }
  return content.digest();
}

class ContentDigest {
  readonly #hash = createHash('sha256');
  bytes = 0;

  add(chunk: Buffer): void {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
  }

  digest(): string {
    return this.#hash.digest('hex');
  }
}

function differ({ description }: LogArchive, copy: LogFile, file: LogFile): DrillError {
  return new DrillError(
    'log-damaged',
    `${description} holds two files that differ for ${nameOfLogFile(file.key)}: ${copy.key} and ${file.key}`,
    {
      hint: 'Two servers archive into one place, or one of the files was changed: find out which is right, move the other away, and take a new backup.',
    },
  );
}
