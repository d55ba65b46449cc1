import { ArchiveReader } from './archive-reader.ts';

export interface TocEntry {
  /** Its id in the archive, which data blocks of a custom archive refer to. */
  readonly dumpId: number;
  /** Its type, in pg_dump's words: `TABLE`, `TABLE DATA`, `ACL`, `EXTENSION`, … */
  readonly desc: string;
  readonly tag: string;
  readonly namespace: string | undefined;
  readonly owner: string | undefined;
  /** The SQL that creates it; empty for data. */
  readonly defn: string;
  /** For directory and tar archives: the file with its data. */
  readonly file: string | undefined;
  readonly hasData: boolean;
  /** Whether its rows are COPY data; otherwise they are INSERT statements. */
  readonly isCopy: boolean;
  /** When it is restored; undefined for entries that follow the one before, such as comments and privileges. */
  readonly section: Section | undefined;
  /** Ids of entries that it depends on. Not all of them are in the archive. */
  readonly dependsOn: readonly number[];
}

export type Section = 'pre-data' | 'data' | 'post-data';

export interface ArchiveToc {
  /** `[1, 16, 0]`. */
  readonly version: readonly [number, number, number];
  /** A directory archive also states `tar`: its table of contents is the same. */
  readonly layout: 'custom' | 'tar' | 'directory';
  readonly compression: string;
  readonly createdAt: string | undefined;
  readonly database: string | undefined;
  readonly serverVersion: string | undefined;
  readonly dumpVersion: string | undefined;
  readonly entries: readonly TocEntry[];
  /** Bytes per integer; the offsets at which the entries and, in a custom archive, the data start. */
  readonly intSize: number;
  readonly entriesOffset: number;
  readonly dataOffset: number;
}

const MAGIC = Buffer.from('PGDMP', 'latin1');
const LAYOUTS: Record<number, ArchiveToc['layout']> = { 1: 'custom', 3: 'tar', 5: 'directory' };
const COMPRESSION_NAMES = ['none', 'gzip', 'lz4', 'zstd'];
/** No input could hold more entries than this; a larger count is damage. */
const MAX_ENTRIES = 20_000_000;
/** Ids count the objects of the dumped database, and pg_restore allocates memory by the largest of them. */
const MAX_DUMP_ID = MAX_ENTRIES;
/** `teSection` in PostgreSQL's src/bin/pg_dump/pg_backup.h. */
const SECTIONS: Record<number, Section> = { 2: 'pre-data', 3: 'data', 4: 'post-data' };

export function isArchive(bytes: Buffer): boolean {
  return bytes.length >= MAGIC.length && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/**
 * Reads the header and table of contents of an archive, versions 1.12 (PostgreSQL 9.0) to 1.16 and later ones with the same layout.
 * Source of the format: ReadHead and ReadToc in PostgreSQL's src/bin/pg_dump/pg_backup_archiver.c.
 * @throws NeedMoreBytes when the bytes end too early; DrillError `backup-corrupt` on damage.
 */
export function readArchiveToc(bytes: Buffer): ArchiveToc {
  const reader = new ArchiveReader(bytes, MAGIC.length);
  if (!isArchive(bytes)) throw reader.corrupt('it does not begin with PGDMP');
  const version = [reader.readByte(), reader.readByte(), reader.readByte()] as const;
  const minor = version[0] === 1 ? version[1] : 99;
  if (version[0] !== 1 || minor < 10 || minor > 40) throw reader.corrupt(`archive version ${version.join('.')}`);
  const intSize = reader.readByte();
  reader.setSizes(intSize, reader.readByte());
  const layoutCode = reader.readByte();
  const layout = LAYOUTS[layoutCode];
  if (!layout) throw reader.corrupt(`layout ${layoutCode}`);
  const compression = readCompression(reader, minor);
  const createdAt = readCreatedAt(reader);
  const database = reader.readString();
  const serverVersion = reader.readString();
  const dumpVersion = reader.readString();
  const entriesOffset = reader.offset;
  const entries = readEntries(reader, minor, layout);
  const dataOffset = reader.offset;
  return {
    version,
    layout,
    compression,
    createdAt,
    database,
    serverVersion,
    dumpVersion,
    entries,
    intSize,
    entriesOffset,
    dataOffset,
  };
}

/** Since 1.15, one byte names the algorithm; before, an integer gave gzip's level (-1 the default, 0 none). */
function readCompression(reader: ArchiveReader, minor: number): string {
  if (minor < 15) return reader.readInt() === 0 ? 'none' : 'gzip';
  const code = reader.readByte();
  const name = COMPRESSION_NAMES[code];
  if (!name) throw reader.corrupt(`compression ${code}`);
  return name;
}

/** A broken-down local time (struct tm), zone unknown. */
function readCreatedAt(reader: ArchiveReader): string | undefined {
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0] = Array.from({ length: 7 }, () =>
    reader.readInt(),
  );
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  const plausible = year > 80 && year < 300 && month >= 0 && month < 12 && day > 0 && day < 32;
  if (!plausible) return undefined;
  return `${pad(year + 1900, 4)}-${pad(month + 1)}-${pad(day)} ${pad(hour)}:${pad(minute)}:${pad(second)}`;
}

function readEntries(reader: ArchiveReader, minor: number, layout: ArchiveToc['layout']): TocEntry[] {
  const count = reader.readInt();
  if (count < 0 || count > MAX_ENTRIES) throw reader.corrupt(`${count} entries`);
  const entries: TocEntry[] = [];
  while (entries.length < count) entries.push(readEntry(reader, minor, layout));
  return entries;
}

function readEntry(reader: ArchiveReader, minor: number, layout: ArchiveToc['layout']): TocEntry {
  const dumpId = reader.readInt();
  if (dumpId <= 0 || dumpId > MAX_DUMP_ID) throw reader.corrupt(`entry id ${dumpId}`);
  const hasData = reader.readInt() !== 0;
  reader.readString(); // the catalog's oid
  reader.readString(); // the object's oid
  const tag = reader.readString() ?? '';
  const desc = reader.readString() ?? '';
  const section = minor >= 11 ? SECTIONS[reader.readInt()] : undefined;
  const defn = reader.readString() ?? '';
  reader.readString(); // how to drop it
  const isCopy = Boolean(reader.readString()); // its COPY statement
  const namespace = reader.readString();
  reader.readString(); // tablespace
  if (minor >= 14) reader.readString(); // table access method
  if (minor >= 16) reader.readInt(); // kind of relation
  const owner = reader.readString();
  reader.readString(); // with oids
  const dependsOn = readDependencies(reader);
  const file = layout === 'custom' ? undefined : reader.readString() || undefined;
  if (layout === 'custom') reader.skipOffset();
  return { dumpId, desc, tag, namespace, owner, defn, file, hasData, isCopy, section, dependsOn };
}

/** Numbers as text, until one is missing. */
function readDependencies(reader: ArchiveReader): number[] {
  const ids: number[] = [];
  for (let text = reader.readString(); text !== undefined; text = reader.readString()) ids.push(Number(text));
  return ids;
}
