import { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import type { TransferMeter } from '../content.ts';
import type { KeyRing } from '../layer.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { type TarredFile, TarredFiles } from './tarred-files.ts';
import { unwrap } from './unwrap.ts';
import { readWhole } from './whole-read.ts';

/** A file of a log: stored by itself, or a member of a tar. */
export interface FileOfLog {
  /** Of the tar where it is in one. */
  readonly key: string;
  /** Its name in the tar. */
  readonly member?: string | undefined;
}

/** What of a tar is wanted. */
export interface TarOfLog {
  readonly files: readonly (FileOfLog & {
    readonly member: string;
    readonly sizeBytes: number;
    readonly modifiedAt: Date;
  })[];
  /** What is wrong with the tar behind the last of them. */
  readonly damage: DrillError | undefined;
  /** The tar is longer than what was to be read of it. */
  readonly isPart: boolean;
  /** In bytes: how much of the unpacked tar was read, just now. */
  readonly readBytes: number;
}

/** No tar of logs is compressed to less than this part of its size: one that seems to be is made to be read without end. */
const MAX_INFLATION = 1000;
/** In bytes: below this it does not matter. */
const ALWAYS_READ = 2 ** 24;

interface OpenTar {
  readonly object: StoredObject;
  readonly files: TarredFiles;
  /** Neither compressed nor encrypted, so that its members are parts of the stored object. */
  isPlain: boolean;
  readonly byName: Map<string, TarredFile>;
  /** Whose names were wanted when it was listed whole. */
  listedFor?: (name: string) => boolean;
}

interface Parts {
  readonly source: BackupSource;
  readonly files: readonly StoredObject[];
  readonly keys: KeyRing;
  readonly meter: TransferMeter;
}

/** Tars among the files of a log archive: nothing of them is held, see {@link TarredFiles}. */
export class LogTars {
  readonly #parts: Parts;
  readonly #tars = new Map<string, OpenTar>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Reads a tar to find its members, once for as long as it is asked for the same ones.
   * @param isWanted by a member's name. Of two members of one name the last counts, as for tar itself.
   * @param mostBytes of the unpacked tar that are read. Default: all, of one that is a tar of logs.
   * @throws DrillError what the source throws, and `format-unsupported`, `key-missing`, `key-wrong` and the like; damage is in what it gives.
   */
  async list(
    { key }: { readonly key: string },
    isWanted: (name: string) => boolean,
    signal: AbortSignal,
    mostBytes?: number,
  ): Promise<TarOfLog> {
    const tar = this.#tarOf(key);
    const { modifiedAt, sizeBytes } = tar.object;
    const membersOf = () =>
      [...tar.byName.values()].map(({ name, sizeBytes }) => ({ key, member: name, sizeBytes, modifiedAt }));
    if (tar.listedFor === isWanted) return { files: membersOf(), damage: undefined, isPart: false, readBytes: 0 };
    const most = Math.max(ALWAYS_READ, sizeBytes * MAX_INFLATION);
    const { files, damage, isPart, readBytes } = await tar.files.list(
      isWanted,
      Math.min(most, mostBytes ?? most),
      signal,
    );
    if (isPart && (mostBytes === undefined || mostBytes > most)) throw tooLong(key, sizeBytes, most);
    for (const file of files) tar.byName.set(file.name, file);
    if (!damage && !isPart) tar.listedFor = isWanted;
    return { files: membersOf(), damage, isPart, readBytes };
  }

  /** A member's content, with its own compression and encryption removed. */
  async stream({ key, member = '' }: FileOfLog, signal: AbortSignal): Promise<Readable> {
    const tar = this.#tars.get(key);
    const file = tar?.byName.get(member);
    if (!tar || !file) throw new TypeError(`${key} was not listed`);
    const { keys } = this.#parts;
    if (file.sizeBytes === 0) return Readable.from([]);
    const { content } = await unwrap(this.#open(tar, file, signal), { key: `${key} (${member})`, keys });
    return content;
  }

  release(): void {
    for (const { files } of this.#tars.values()) files.close();
  }

  #open(tar: OpenTar, file: TarredFile, signal: AbortSignal): Readable {
    const { source, meter } = this.#parts;
    if (!tar.isPlain || source.hasCostlyRanges)
      return Readable.from(tar.files.read(file, signal), { objectMode: false });
    const range = { start: file.offset, end: file.offset + file.sizeBytes };
    return readWhole(source, tar.object, { signal, meter, range });
  }

  #tarOf(key: string): OpenTar {
    const known = this.#tars.get(key);
    if (known) return known;
    const { source, files, keys, meter } = this.#parts;
    const object = files.find((file) => file.key === key);
    if (!object) throw new TypeError(`${key} was not listed`);
    const tar: OpenTar = {
      object,
      files: new TarredFiles(key, async (signal) => {
        const { content, layers } = await unwrap(readWhole(source, object, { signal, meter }), { key, keys });
        tar.isPlain = layers.length === 0;
        return content;
      }),
      isPlain: false,
      byName: new Map(),
    };
    this.#tars.set(key, tar);
    return tar;
  }
}

function tooLong(key: string, sizeBytes: number, mostBytes: number): DrillError {
  return new DrillError(
    'format-unsupported',
    `${key} has ${formatBytes(sizeBytes)} and unpacks to more than ${formatBytes(mostBytes)}: a tar of logs is not compressed like that`,
    { hint: 'Check the job that wrote it. Archive the logs themselves, or pack them again.' },
  );
}
