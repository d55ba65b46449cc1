import { Readable } from 'node:stream';
import { DrillError } from '../../support/errors.ts';
import { formatBytes } from '../../support/quantities.ts';
import type { TransferMeter } from '../content.ts';
import type { KeyRing } from '../layer.ts';
import type { BackupSource, StoredObject } from '../source.ts';
import { type TarredFile, TarredFiles } from './tarred-files.ts';
import { unwrap } from './unwrap.ts';
import { readWhole } from './whole-read.ts';

/** A log file: stored on its own, or a member of a tar. */
export interface FileOfLog {
  /** Key of the stored object; for a member, that of its tar. */
  readonly key: string;
  /** Its name in the tar. */
  readonly member?: string | undefined;
}

/** The wanted members of a tar. */
export interface TarOfLog {
  readonly files: readonly (FileOfLog & {
    readonly member: string;
    readonly sizeBytes: number;
    readonly modifiedAt: Date;
  })[];
  /** Damage found in the tar after the last of them. */
  readonly damage: DrillError | undefined;
  /** Whether the tar is longer than the part that was read. */
  readonly isPart: boolean;
  /** Bytes of the unpacked tar that this call read. */
  readonly readBytes: number;
}

/** Maximum compression ratio of a tar of logs: a higher one means a decompression bomb. */
const MAX_INFLATION = 1000;
/** Unpacked size in bytes up to which the ratio does not matter. */
const ALWAYS_READ = 2 ** 24;

interface OpenTar {
  readonly object: StoredObject;
  readonly files: TarredFiles;
  /** Neither compressed nor encrypted, so its members are ranges of the stored object. */
  isPlain: boolean;
  readonly byName: Map<string, TarredFile>;
  /** The filter with which it was last listed completely. */
  listedFor?: (name: string) => boolean;
}

interface Parts {
  readonly source: BackupSource;
  readonly files: readonly StoredObject[];
  readonly keys: KeyRing;
  readonly meter: TransferMeter;
}

/** Tars among the files of a log archive; their content is not kept in memory, see {@link TarredFiles}. */
export class LogTars {
  readonly #parts: Parts;
  readonly #tars = new Map<string, OpenTar>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Reads a tar to find its members; the result is reused while the filter stays the same.
   * @param isWanted called with a member's name. If two members share a name, the last one wins, as for tar itself.
   * @param mostBytes how much of the unpacked tar to read. Default: all, within the limits for a tar of logs.
   * @throws DrillError whatever the source throws, and `format-unsupported`, `key-missing`, `key-wrong` and the like; damage is returned.
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
