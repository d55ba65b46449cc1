import { pipeline, type Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import type { ArchiveEntry } from '../archive/archive-entry.ts';
import { normalName } from '../archive/member-rules.ts';
import { tarEntries } from '../archive/tar/tar-entries.ts';
import { nameDamaged, truncated } from '../compression/damage.ts';
import { TarEnd } from './tar-end.ts';

/** A file in a tar, as the tar describes it; untrusted. */
export interface TarredFile {
  /** With `/` as the separator, and none at the start. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Its position among all entries of the tar. */
  readonly index: number;
  /** In bytes from the start of the unpacked tar. */
  readonly offset: number;
}

export interface TarListing {
  readonly files: readonly TarredFile[];
  /** Damage found after the last of them: the tar is cut off or corrupt. */
  readonly damage: DrillError | undefined;
  /** Whether the tar is longer than the part that was read. */
  readonly isPart: boolean;
  /** Bytes of the unpacked tar that were read. */
  readonly readBytes: number;
}

/** No server creates longer names. */
const MAX_NAME_LENGTH = 1024;
/** A tar with more files is not a log archive. */
const MAX_FILES = 100_000;

/**
 * Files in one tar, which is streamed from the start as often as needed and never kept in memory: reading files in tar order takes one pass, and each step
 * backwards another. One file is read at a time.
 */
export class TarredFiles {
  readonly #key: string;
  readonly #open: (signal: AbortSignal) => Promise<Readable>;
  #pass: TarPass | undefined;

  /** @param key of the tar, for messages. @param open streams the tar from its first byte, without compression and encryption. */
  constructor(key: string, open: (signal: AbortSignal) => Promise<Readable>) {
    this.#key = key;
    this.#open = open;
  }

  /**
   * Reads the tar once.
   * @param mostBytes of the unpacked tar to read before stopping.
   * @throws DrillError `format-unsupported` for too many files, and whatever opening and reading it throw, except damage.
   */
  async list(isWanted: (name: string) => boolean, mostBytes: number, signal: AbortSignal): Promise<TarListing> {
    const files: TarredFile[] = [];
    const end = new TarEnd(mostBytes);
    try {
      const input = await this.#open(signal);
      pipeline(input, end, () => undefined); // an error reaches whoever reads the end
      let index = 0;
      for await (const entry of tarEntries(end, this.#key)) {
        const name = normalName(entry.name);
        if (entry.kind !== 'folder' && name.length <= MAX_NAME_LENGTH && isWanted(name)) {
          if (files.length >= MAX_FILES) throw tooMany(this.#key);
          files.push({ name, index, offset: entry.offset, sizeBytes: await sizeOf(entry, this.#key) });
        }
        index += 1;
      }
      if (!end.isWhole) throw truncated('tar', end.size);
      return { files, damage: undefined, isPart: false, readBytes: end.size };
    } catch (thrown) {
      if (end.isTooLong) return { files, damage: undefined, isPart: true, readBytes: end.size };
      const error = nameDamaged(thrown, this.#key);
      if (error instanceof DrillError && DAMAGE.has(error.code))
        return { files, damage: error, isPart: false, readBytes: end.size };
      throw error;
    }
  }

  /** The content of a file. The previous one must have been read or released. */
  async *read({ index }: TarredFile, signal: AbortSignal): AsyncGenerator<Buffer> {
    if (!this.#pass || this.#pass.at >= index) {
      this.close();
      const input = await this.#open(signal);
      this.#pass = new TarPass(input, tarEntries(input, this.#key));
    }
    const pass = this.#pass;
    try {
      await pass.seek(index);
      for (let chunk = await pass.next(); chunk; chunk = await pass.next()) yield chunk;
    } catch (thrown) {
      this.close();
      throw nameDamaged(thrown, this.#key);
    }
  }

  /** Stops reading the tar. */
  close(): void {
    this.#pass?.close();
    this.#pass = undefined;
  }
}

const DAMAGE: ReadonlySet<string> = new Set(['backup-truncated', 'backup-corrupt']);

async function sizeOf(entry: ArchiveEntry, key: string): Promise<number> {
  if (entry.kind === 'link') throw isLink(key, normalName(entry.name));
  if (entry.refusal) throw entry.refusal;
  let size = 0;
  for await (const chunk of entry.read()) size += chunk.length;
  return size;
}

function isLink(key: string, name: string): DrillError {
  return new DrillError('format-unsupported', `${key} is a tar in which ${name.slice(0, 80)} is a link, not a file`, {
    hint: 'Pack the files that links lead to: `tar --dereference` (`-h`), `--hard-dereference`.',
  });
}

function tooMany(key: string): DrillError {
  return new DrillError('format-unsupported', `${key} holds more than ${MAX_FILES} files`, {
    hint: 'Write tars that hold only a few days of logs each.',
  });
}

/** One pass over a tar. A file that was abandoned halfway is read to the end first, to reach the next one. */
class TarPass {
  readonly #input: Readable;
  readonly #entries: AsyncGenerator<ArchiveEntry>;
  #chunks: AsyncGenerator<Buffer> | undefined;
  /** Index of the current entry. */
  at = -1;

  constructor(input: Readable, entries: AsyncGenerator<ArchiveEntry>) {
    this.#input = input;
    this.#entries = entries;
  }

  async seek(index: number): Promise<void> {
    while (await this.next());
    while (this.at < index) {
      const { value, done } = await this.#entries.next();
      if (done) throw new TypeError('a tar has fewer files than it had before');
      this.at += 1;
      if (this.at === index) this.#chunks = value.read();
    }
  }

  /** @returns undefined at the end of the file. */
  async next(): Promise<Buffer | undefined> {
    const { value, done } = (await this.#chunks?.next()) ?? { value: undefined, done: true };
    if (!done) return value;
    this.#chunks = undefined;
    return undefined;
  }

  close(): void {
    this.#chunks = undefined;
    this.#input.destroy();
    this.#entries.return(undefined).catch(() => undefined); // it ends once its input has been destroyed
  }
}
