import { pipeline, type Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import type { ArchiveEntry } from '../archive/archive-entry.ts';
import { normalName } from '../archive/member-rules.ts';
import { tarEntries } from '../archive/tar/tar-entries.ts';
import { nameDamaged, truncated } from '../compression/damage.ts';
import { TarEnd } from './tar-end.ts';

/** A file within a tar, as the tar states it: hostile. */
export interface TarredFile {
  /** With `/` between folders, and none before the first. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Its place among all that the tar holds. */
  readonly index: number;
  /** In bytes from the beginning of the unpacked tar. */
  readonly offset: number;
}

export interface TarListing {
  readonly files: readonly TarredFile[];
  /** What is wrong with the tar behind the last of them: it is cut off or damaged. */
  readonly damage: DrillError | undefined;
  /** The tar is longer than what was to be read of it. */
  readonly isPart: boolean;
  /** In bytes: how much of the unpacked tar was read. */
  readonly readBytes: number;
}

/** A longer name is none that a server gave. */
const MAX_NAME_LENGTH = 1024;
/** A tar that holds more is no archive of a log. */
const MAX_FILES = 100_000;

/**
 * Files in one tar, which is read from its beginning as often as needed and never held: files that are asked for in the order of the tar take one reading
 * of it, and each step back another one. One file is read at a time.
 */
export class TarredFiles {
  readonly #key: string;
  readonly #open: (signal: AbortSignal) => Promise<Readable>;
  #pass: TarPass | undefined;

  /** @param key of the tar, for messages. @param open gives the tar from its first byte, without compression and encryption. */
  constructor(key: string, open: (signal: AbortSignal) => Promise<Readable>) {
    this.#key = key;
    this.#open = open;
  }

  /**
   * Reads the tar once.
   * @param mostBytes of the unpacked tar; a longer one is given up there.
   * @throws DrillError `format-unsupported` for too many files, what opening and reading it throw, but for damage.
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

  /** The content of a file, once the one before was read or let go. */
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

  /** Ends the reading of the tar. */
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

/** One reading of a tar. A file that its reader let go is read to its end before the next one: the next one comes behind it. */
class TarPass {
  readonly #input: Readable;
  readonly #entries: AsyncGenerator<ArchiveEntry>;
  #chunks: AsyncGenerator<Buffer> | undefined;
  /** The file that was come to. */
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
