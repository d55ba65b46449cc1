import { DrillError } from '../../../../support/errors.ts';
import { formatBytes } from '../../../../support/quantities.ts';
import type { TocEntry } from './archive-toc.ts';

/** How pg_dump ends a table's rows: dumpTableData_copy and dumpTableData_insert in PostgreSQL's src/bin/pg_dump/pg_dump.c. */
const END_OF_COPY = '\\.\n\n\n';
const END_OF_INSERTS = '\n\n';
const TAIL_BYTES = 16;

/** Watches one table's rows as they stream past, and checks at the end whether pg_dump had finished writing them. */
export class RowsEnd {
  private readonly entry: TocEntry;
  private tail: Buffer = Buffer.alloc(0);
  private bytesSeen = 0;

  constructor(entry: TocEntry) {
    this.entry = entry;
  }

  push(chunk: Buffer): void {
    this.bytesSeen += chunk.length;
    const known = chunk.length >= TAIL_BYTES ? chunk : Buffer.concat([this.tail, chunk]);
    this.tail = Buffer.from(known.subarray(-TAIL_BYTES)); // a copy: chunks are reused
  }

  /** @throws DrillError `backup-truncated`, or `backup-corrupt` if line endings were changed. */
  requireEnd(where: string): void {
    const tail = this.tail.toString('latin1');
    if (this.isEnd(tail)) return;
    const what = `${where} (${describeEntry(this.entry)})`;
    if (/\r\n$/.test(tail) && this.isEnd(tail.replaceAll('\r\n', '\n'))) throw lineEndingsChanged(what);
    const ends = this.bytesSeen === 0 ? 'is empty' : `ends after ${formatBytes(this.bytesSeen)} of rows`;
    throw new DrillError(
      'backup-truncated',
      `${what} ${ends}, without the mark that pg_dump writes after the last row`,
      {
        hint: 'The dump or its upload was cut short: compare with what pg_dump wrote, and take a new backup.',
      },
    );
  }

  private isEnd(tail: string): boolean {
    const isWhole = this.bytesSeen < TAIL_BYTES;
    if (this.entry.isCopy) return (isWhole && tail === END_OF_COPY) || tail.endsWith(`\n${END_OF_COPY}`);
    return (isWhole && tail === END_OF_INSERTS) || tail.endsWith(`;\n${END_OF_INSERTS}`);
  }
}

/** `rows of public.customer`, `the large objects`. */
export function describeEntry({ desc, namespace, tag }: TocEntry): string {
  if (desc === 'BLOBS') return 'the large objects';
  return desc === 'TABLE DATA' ? `rows of ${namespace ? `${namespace}.` : ''}${tag}` : `${desc} ${tag}`;
}

export function lineEndingsChanged(what: string): DrillError {
  return new DrillError('backup-corrupt', `${what}: line endings were changed, LF to CR LF`, {
    hint: 'A terminal or a text-mode copy changed them: dump with `docker exec` without `-t`, or `pg_dump --file`, and copy in binary mode.',
  });
}
