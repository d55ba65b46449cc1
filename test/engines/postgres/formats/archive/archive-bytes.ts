/**
 * An entry of an archive whose header is written as by pg_dump, for tests that do not run pg_dump. Integers have 4
 * bytes, offsets 8.
 */
export interface MadeEntry {
  readonly desc: string;
  readonly tag: string;
  readonly defn?: string;
  readonly owner?: string;
  readonly file?: string;
  readonly hasData?: boolean;
  /** Whether its rows are INSERT statements. Default: COPY data. */
  readonly isInserts?: boolean;
  /** `teSection`: 1 none, 2 before the data (the default), 3 data, 4 after it. */
  readonly section?: number;
  /** Default: an entry that is not in the archive. */
  readonly dependsOn?: readonly number[];
}

export interface MadeArchive {
  readonly minor?: number;
  readonly layout?: 1 | 3 | 5;
  readonly database?: string;
  readonly serverVersion?: string;
  readonly entries?: readonly MadeEntry[];
  readonly compression?: 'none' | 'gzip';
}

export function makeArchive(archive: MadeArchive = {}): Buffer {
  const { minor = 16, layout = 1, entries = [] } = archive;
  const isCustom = layout === 1;
  return Buffer.concat([
    Buffer.from('PGDMP'),
    Buffer.from([1, minor, 0, 4, 8, layout]),
    minor >= 15 ? Buffer.from([archive.compression === 'none' ? 0 : 1]) : int(archive.compression === 'none' ? 0 : -1),
    ...[11, 16, 10, 21, 10, 126, 0].map(int),
    ...[archive.database ?? 'orders', archive.serverVersion ?? '17.11 (Debian 17.11-0+deb13u1)', '17.11'].map(text),
    int(entries.length),
    ...entries.flatMap((entry, index) => [
      ...[int(index + 1), int(entry.hasData ? 1 : 0), text('0'), text('0'), text(entry.tag), text(entry.desc)],
      ...[int(entry.section ?? 2), text(entry.defn ?? ''), text(''), copyStatement(entry), text('public'), text('')],
      ...(minor >= 14 ? [text('heap')] : []),
      ...(minor >= 16 ? [int(114)] : []),
      ...[text(entry.owner ?? 'postgres'), text('false')],
      ...[...(entry.dependsOn ?? [70_000]).map((id) => text(String(id))), int(-1)],
      isCustom ? Buffer.alloc(9) : text(entry.file ?? ''),
    ]),
  ]);
}

function copyStatement({ desc, tag, isInserts }: MadeEntry): Buffer {
  return desc === 'TABLE DATA' && !isInserts ? text(`COPY public.${tag} (id) FROM stdin;\n`) : int(-1);
}

/** One data block of a custom archive: each chunk with its length, then a length of zero. */
export function rowsBlock(dumpId: number, chunks: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from([1]), int(dumpId), ...chunks.map(text), int(0)]);
}

/** The large objects of a custom archive, keyed by id. */
export function largeObjectsBlock(dumpId: number, objects: Readonly<Record<string, readonly string[]>>): Buffer {
  const each = Object.entries(objects).flatMap(([oid, chunks]) => [int(Number(oid)), ...chunks.map(text), int(0)]);
  return Buffer.concat([Buffer.from([3]), int(dumpId), ...each, int(0)]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int(bytes.length), bytes]);
}
