import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DrillError } from '../../../support/errors.ts';
import { piecesOf } from '../../../support/stream-pieces.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { nameOfLogFile } from './plan-log.ts';
import { streamLogFile } from './read-log-file.ts';

/**
 * An archive with one file for each name that the server asks for. Copies of one segment, such as a compressed and a plain one, or those in two folders, are
 * compared while it is read, and none of them is held: which of two different ones the server wrote cannot be told.
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

/** Passes a file on, and fails where a copy of it goes on in another way: nothing marks a segment as whole before it has ended. */
async function* compared(
  archive: LogArchive,
  file: LogFile,
  copies: readonly LogFile[],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const others: { readonly copy: LogFile; readonly content: ComparedCopy }[] = [];
  try {
    for (const copy of copies)
      others.push({ copy, content: new ComparedCopy(await streamLogFile(archive, copy, signal)) });
    for await (const chunk of piecesOf(await streamLogFile(archive, file, signal))) {
      for (const { copy, content } of others) if (!(await content.goesOnWith(chunk))) throw differ(archive, copy, file);
      yield chunk;
    }
    for (const { copy, content } of others) if (!(await content.isAtEnd())) throw differ(archive, copy, file);
  } finally {
    for (const { content } of others) content.close();
  }
}

class ComparedCopy {
  readonly #stream: Readable;
  readonly #pieces: AsyncGenerator<Buffer>;
  /** What of it was read, and not compared yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#stream = stream;
    this.#pieces = piecesOf(stream);
    stream.on('error', () => undefined); // whoever compares it learns
  }

  async goesOnWith(chunk: Buffer): Promise<boolean> {
    for (let at = 0; at < chunk.length; ) {
      if (await this.isAtEnd()) return false;
      const length = Math.min(this.#rest.length, chunk.length - at);
      if (!this.#rest.subarray(0, length).equals(chunk.subarray(at, at + length))) return false;
      this.#rest = this.#rest.subarray(length);
      at += length;
    }
    return true;
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) return true;
      this.#rest = next.value;
    }
    return false;
  }

  close(): void {
    this.#stream.destroy();
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
