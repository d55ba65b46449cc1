/** Writes archive headers as pg_dump does, for tests that need no pg_dump. Integers of 4 bytes, offsets of 8. */
export interface MadeEntry {
  readonly desc: string;
  readonly tag: string;
  readonly defn?: string;
  readonly owner?: string;
  readonly file?: string;
  readonly hasData?: boolean;
}

export interface MadeArchive {
  readonly minor?: number;
  readonly layout?: 1 | 3 | 5;
  readonly database?: string;
  readonly serverVersion?: string;
  readonly entries?: readonly MadeEntry[];
}

export function makeArchive(archive: MadeArchive = {}): Buffer {
  const { minor = 16, layout = 1, entries = [] } = archive;
  const isCustom = layout === 1;
  return Buffer.concat([
    Buffer.from('PGDMP'),
    Buffer.from([1, minor, 0, 4, 8, layout]),
    minor >= 15 ? Buffer.from([1]) : int(-1),
    ...[11, 16, 10, 21, 10, 126, 0].map(int),
    ...[archive.database ?? 'orders', archive.serverVersion ?? '17.11 (Debian 17.11-0+deb13u1)', '17.11'].map(text),
    int(entries.length),
    ...entries.flatMap((entry, index) => [
      ...[int(index + 1), int(entry.hasData ? 1 : 0), text('0'), text('0'), text(entry.tag), text(entry.desc)],
      ...[int(2), text(entry.defn ?? ''), text(''), text(''), text('public'), text('')],
      ...(minor >= 14 ? [text('heap')] : []),
      ...(minor >= 16 ? [int(114)] : []),
      ...[text(entry.owner ?? 'postgres'), text('false'), text('7'), int(-1)],
      isCustom ? Buffer.alloc(9) : text(entry.file ?? ''),
    ]),
  ]);
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
