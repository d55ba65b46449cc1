import type { ByteReader } from '../../compression/byte-reader.ts';
import { corrupt, truncated } from '../../compression/damage.ts';
import type { ArchiveEntry } from '../archive-entry.ts';
import { CENTRAL_HEADER, END, MemberSum, readDirectory, skip } from './central-directory.ts';
import { readDescriptor } from './descriptor.ts';
import { type LocalHeader, readLocalHeader } from './local-header.ts';
import { readContent, refusalOf } from './member-content.ts';
import type { MemberKeys } from './open-member.ts';

const LOCAL_HEADER = 0x04034b50;
/** Markers before the first member of an archive that was created with splitting enabled, whether or not it was split. */
const SPLIT_MARKS: ReadonlySet<number> = new Set([0x08074b50, 0x30304b50]);

/**
 * The members of a zip archive, read front to back without seeking; the directory at the end is then checked against what was read. Source: PKWARE's
 * APPNOTE.TXT 6.3.10.
 */
export async function* zipEntries(reader: ByteReader, keys: MemberKeys): AsyncGenerator<ArchiveEntry> {
  const seen = new MemberSum();
  for (;;) {
    const at = reader.offset;
    const bytes = await reader.take(4);
    if (bytes.length < 4) throw truncated('zip', reader.offset);
    const signature = bytes.readUInt32LE();
    if (at === 0 && SPLIT_MARKS.has(signature)) continue;
    if (signature === CENTRAL_HEADER || signature === END) return await readDirectory(reader, signature, seen);
    if (signature !== LOCAL_HEADER) throw corrupt('zip', at, 'no member and no directory begins there');
    const header = await readLocalHeader(reader);
    const content = new Content(reader, header, keys);
    yield entryOf(header, reader.offset, content);
    seen.add(header.name, await content.finish());
  }
}

function entryOf(header: LocalHeader, offset: number, content: Content): ArchiveEntry {
  const name = header.name.toString('utf8');
  return {
    name,
    offset,
    kind: /[/\\]$/.test(name) ? 'folder' : 'file',
    refusal: content.refusal,
    read: () => content.read(),
  };
}

/** The content of one member, to be read or skipped. */
class Content {
  readonly refusal: ReturnType<typeof refusalOf>;
  readonly #reader: ByteReader;
  readonly #header: LocalHeader;
  readonly #keys: MemberKeys;
  #chunks: AsyncGenerator<Buffer, number> | undefined;
  #crc: number | undefined;

  constructor(reader: ByteReader, header: LocalHeader, keys: MemberKeys) {
    this.#reader = reader;
    this.#header = header;
    this.#keys = keys;
    this.refusal = refusalOf(keys, header);
  }

  async *read(): AsyncGenerator<Buffer> {
    this.#chunks ??= readContent(this.#reader, this.#header, this.#keys);
    this.#crc = yield* this.#chunks;
  }

  /** Moves past the member. @returns its checksum. Throws its refusal when its end can only be found by reading it. */
  async finish(): Promise<number> {
    const { storedBytes, hasDescriptor, isZip64, crc } = this.#header;
    if (this.#crc !== undefined) return this.#crc;
    if (this.#chunks === undefined && storedBytes !== undefined && !(hasDescriptor && crc === 0)) {
      await skip(this.#reader, storedBytes);
      if (hasDescriptor) await this.#skipDescriptor(storedBytes, isZip64);
      return crc;
    }
    if (this.refusal) throw this.refusal;
    for await (const _ of this.read());
    return this.#crc ?? 0;
  }

  async #skipDescriptor(storedBytes: number, isZip64: boolean): Promise<void> {
    const { crc, sizeBytes = 0 } = this.#header;
    if (!(await readDescriptor(this.#reader, { crc, storedBytes, sizeBytes }, isZip64)))
      throw corrupt('zip', this.#reader.offset, 'a checksum or a size does not match');
  }
}
