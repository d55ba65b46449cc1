import type { Readable } from 'node:stream';
import type { Compression, Decompress } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { describeEntry, lineEndingsChanged, RowsEnd } from './archive-end.ts';
import type { ArchiveToc, TocEntry } from './archive-toc.ts';
import { type Watcher, watchStream } from './watch-stream.ts';

/** The order in which pg_restore looks for a member. Source: cfopen_read in PostgreSQL's src/bin/pg_dump/compress_io.c. */
const SUFFIXES: readonly (readonly [suffix: string, compression: Compression])[] = [
  ['', 'none'],
  ['.gz', 'gzip'],
  ['.lz4', 'lz4'],
  ['.zst', 'zstd'],
];
/** A list of large objects has some 30 bytes for each, so this allows tens of millions of them. */
const MAX_LIST_CHARACTERS = 512 * 2 ** 20;

/**
 * Checks that a directory or tar archive has all its data and that each member is complete: rows end in pg_dump's own marker, and every large object named in
 * the archive is listed and present. The content of large objects has no marker: truncation of an uncompressed one cannot be detected.
 */
export class ArchiveMembers {
  private readonly key: string;
  private readonly decompress: Decompress;
  private readonly sizes: Map<number, number>;
  private readonly entries = new Map<string, TocEntry>();
  private readonly declared: ReadonlySet<string>;
  private readonly seen = new Set<string>();
  private readonly listed = new Map<string, string>();
  private readonly lists: string[] = [];

  /** @param sizes collects how many bytes each entry has, if the archive states it. */
  constructor(toc: ArchiveToc, key: string, decompress: Decompress, sizes = new Map<number, number>()) {
    this.key = key;
    this.sizes = sizes;
    this.decompress = decompress;
    for (const entry of toc.entries) if (entry.hasData && entry.file) this.entries.set(memberOf(entry, toc), entry);
    this.declared = new Set(toc.entries.flatMap(largeObjectsOf));
  }

  /** @throws DrillError `backup-truncated` naming the first data file that is listed in the table of contents but missing. */
  requireListed(names: ReadonlySet<string>): void {
    this.requireFiles([...this.entries.keys()], names, 'data files', 'toc.dat');
  }

  /** @returns the other name under which pg_restore looks for this member once the tar is unpacked. */
  aliasOf(name: string): string | undefined {
    const file = this.entries.get(name)?.file;
    return file === name ? undefined : file;
  }

  /** @returns the member's bytes, checked as they stream past: a member that ends too early ends with an error. */
  watch(name: string, sizeBytes: number | undefined, content: Readable): Readable {
    this.seen.add(name);
    const [suffix, compression] = SUFFIXES.findLast(([ending]) => name.endsWith(ending)) ?? ['', 'none'];
    const where = `${this.key}: ${name}`;
    const entry = this.entries.get(name.slice(0, name.length - suffix.length));
    const isData = entry !== undefined || /^blob_\d+\.dat/.test(name);
    if (!isData) return content;
    if (entry && sizeBytes !== undefined) this.sizes.set(entry.dumpId, sizeBytes);
    if (compression !== 'none' && sizeBytes === 0) {
      // For an empty large object, pg_dump writes gzip's header, but nothing at all with lz4 and zstd.
      if (!entry && compression !== 'gzip') return content;
      content.destroy();
      const what = entry ? ` (${describeEntry(entry)})` : '';
      throw new DrillError(
        'backup-truncated',
        `${where}${what} is empty: not even its ${compression} header is there`,
        {
          hint: 'The dump or its upload was cut short: compare with what pg_dump wrote, and take a new backup.',
        },
      );
    }
    const watcher = this.watcherOf(entry, where);
    if (compression === 'none') return watchStream(content, watcher);
    return watchStream(content, watcher, (stored) => this.decompress(compression, stored, where));
  }

  /** Call when all members have been read. @throws DrillError `backup-truncated`. */
  requireWhole(): void {
    this.requireListed(this.seen);
    this.requireFiles([...this.listed.values()], this.seen, 'large objects', 'the list of large objects');
    if (this.lists.length === 0) return;
    const lost = [...this.declared].filter((oid) => !this.listed.has(oid));
    if (lost.length === 0) return;
    throw new DrillError(
      'backup-truncated',
      `${this.key}: ${this.lists.join(', ')} lists ${formatCount(this.listed.size)} of the ${formatCount(this.declared.size)} large objects in toc.dat; the first one missing is ${lost[0]}`,
      { hint: 'The dump or its upload was cut short: compare with what pg_dump wrote, and take a new backup.' },
    );
  }

  private watcherOf(entry: TocEntry | undefined, where: string): Watcher {
    if (entry?.desc === 'TABLE DATA') {
      const rows = new RowsEnd(entry);
      return { push: (chunk) => rows.push(chunk), end: () => rows.requireEnd(where) };
    }
    return entry?.desc === 'BLOBS' ? this.listWatcher(entry, where) : { push: () => undefined, end: () => undefined };
  }

  /** Lines such as `16403 blob_16403.dat`. Source: _EndLO in PostgreSQL's src/bin/pg_dump/pg_backup_directory.c. */
  private listWatcher(entry: TocEntry, where: string): Watcher {
    this.lists.push(entry.file ?? where);
    const chunks: string[] = [];
    let characters = 0;
    return {
      push: (chunk) => {
        characters += chunk.length;
        if (characters > MAX_LIST_CHARACTERS) throw damagedList(where);
        chunks.push(chunk.toString('latin1'));
      },
      end: () => {
        const text = chunks.join('');
        if (text.includes('\r\n')) throw lineEndingsChanged(`${where} (${describeEntry(entry)})`);
        const lines = text.split('\n');
        if (lines.pop() !== '') throw damagedList(where);
        for (const line of lines) {
          const [, oid, file] = /^(\d+) (blob_\d+\.dat)$/.exec(line) ?? [];
          if (oid === undefined || file === undefined) throw damagedList(where);
          this.listed.set(oid, file);
        }
      },
    };
  }

  private requireFiles(files: readonly string[], names: ReadonlySet<string>, what: string, list: string): void {
    const missing = files.filter((file) => !SUFFIXES.some(([suffix]) => names.has(file + suffix)));
    const [first] = missing;
    if (first === undefined) return;
    throw new DrillError(
      'backup-truncated',
      `${this.key} lacks ${formatCount(missing.length)} of the ${formatCount(files.length)} ${what} that ${list} names; the first is ${first}`,
      { hint: 'The dump or its upload was cut short, or files were deleted: compare with what pg_dump wrote.' },
    );
  }
}

/** A tar uses another name for the list of large objects than its table of contents does. Source: _StartLOs in pg_backup_tar.c. */
function memberOf({ desc, dumpId, file = '' }: TocEntry, { version }: ArchiveToc): string {
  if (desc !== 'BLOBS' || file.endsWith('.toc')) return file;
  return version[1] >= 16 ? `blobs_${dumpId}.toc` : 'blobs.toc';
}

/** Up to pg_dump 16, one entry per large object; since 17, one entry for many, one id per line. */
function largeObjectsOf({ desc, tag, defn }: TocEntry): string[] {
  if (desc === 'BLOB') return [tag];
  return desc === 'BLOB METADATA' ? defn.split('\n').filter((line) => /^\d+$/.test(line)) : [];
}

function damagedList(where: string): DrillError {
  return new DrillError(
    'backup-truncated',
    `${where}: the list of large objects ends in the middle of a line, or is damaged`,
    {
      hint: 'Compare its size and checksum with what pg_dump wrote, and take a new backup.',
    },
  );
}
