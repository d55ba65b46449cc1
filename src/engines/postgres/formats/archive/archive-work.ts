import type { ServerWork } from '../../loading/watch-server-work.ts';
import type { ArchiveBuild } from './archive-builds.ts';
import type { ArchiveToc } from './archive-toc.ts';

/** Time to build an index, per byte of its table's rows in the archive and unit of cost, relative to the time to load such a byte. Measured: docs/speed.md. */
const INDEX_WEIGHT = 0.27;
/** Assumed expansion from compressed rows to text, until this archive's is known. */
const USUAL_EXPANSION = 7;
/** Work in progress never counts as done. */
const MOST = 0.95;

/**
 * How much of an archive's work is done: rows by their bytes, indexes by their cost and the bytes of their table. The table of contents and the sizes of its
 * entries tell in advance how much there is.
 */
export class ArchiveWork {
  private readonly sizes: ReadonlyMap<number, number>;
  private readonly tables: ReadonlyMap<string, number>;
  private readonly waiting: Set<ArchiveBuild>;
  private readonly running = new Set<ArchiveBuild>();
  private readonly total: number;
  private done = 0;
  private loaded = new Set<number>();
  private inProgress: readonly ServerWork[] = [];
  /** Bytes as text and in the archive, of the tables that were observed while loading. */
  private seen = { text: 0, stored: 0 };
  private readonly lastSeen = new Map<number, number>();
  private highest = 0;

  constructor(toc: ArchiveToc, builds: readonly ArchiveBuild[], sizes: ReadonlyMap<number, number>) {
    this.sizes = sizes;
    this.waiting = new Set(builds);
    const data = toc.entries.filter(({ desc, hasData }) => desc === 'TABLE DATA' && hasData);
    this.tables = new Map(data.map(({ namespace = '', tag, dumpId }) => [nameOf(namespace, tag), dumpId]));
    const rows = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    this.total = rows + builds.reduce((sum, build) => sum + this.weigh(build), 0);
  }

  /** 0 to 1, never decreasing; undefined if the archive does not state the sizes of its parts. */
  get ratio(): number | undefined {
    if (this.total <= 0) return undefined;
    const rows = this.inProgress.filter(({ kind }) => kind === 'rows');
    const loading = rows.reduce((sum, one) => sum + this.storedBytesOf(one), 0);
    const now = (this.done + loading + this.builtSoFar()) / this.total;
    this.highest = Math.max(this.highest, Math.min(1, now));
    return this.highest;
  }

  rowsLoaded(dumpId: number): void {
    if (this.loaded.has(dumpId)) return;
    this.loaded.add(dumpId);
    const stored = this.sizes.get(dumpId) ?? 0;
    this.done += stored;
    const text = this.lastSeen.get(dumpId);
    if (text !== undefined && stored > 0)
      this.seen = { text: this.seen.text + text, stored: this.seen.stored + stored };
  }

  buildStarted(build: ArchiveBuild): void {
    this.waiting.delete(build);
    this.running.add(build);
  }

  buildDone(build: ArchiveBuild): void {
    if (this.running.delete(build)) this.done += this.weigh(build);
  }

  follow(inProgress: readonly ServerWork[]): void {
    this.inProgress = inProgress;
    for (const { kind, schema, table, done } of inProgress) {
      const dumpId = this.tables.get(nameOf(schema, table));
      if (kind === 'rows' && dumpId !== undefined) this.lastSeen.set(dumpId, done);
    }
  }

  private storedBytesOf({ schema, table, done }: ServerWork): number {
    const dumpId = this.tables.get(nameOf(schema, table));
    const stored = dumpId === undefined || this.loaded.has(dumpId) ? 0 : (this.sizes.get(dumpId) ?? 0);
    const { text, stored: seen } = this.seen;
    const expansion = seen > 0 ? Math.max(1, text / seen) : USUAL_EXPANSION;
    return Math.min(stored * MOST, done / expansion);
  }

  /**
   * The server only reports the table of an index that is being built, so those of one table count alike. Called for each line of pg_restore, which prints
   * several per table.
   */
  private builtSoFar(): number {
    const shares = new Map<number, number>();
    for (const { kind, schema, table, done } of this.inProgress) {
      const dumpId = kind === 'index' ? this.tables.get(nameOf(schema, table)) : undefined;
      if (dumpId !== undefined) shares.set(dumpId, (shares.get(dumpId) ?? 0) + Math.min(MOST, done));
    }
    let sum = 0;
    for (const [dumpId, share] of shares) {
      const own = [...this.running].filter(({ after }) => after.has(dumpId));
      const weight = own.reduce((total, build) => total + this.weigh(build), 0);
      if (own.length > 0) sum += (weight * Math.min(own.length * MOST, share)) / own.length;
    }
    return sum;
  }

  private weigh({ after, cost }: ArchiveBuild): number {
    return Math.max(0, ...[...after].map((id) => this.sizes.get(id) ?? 0)) * cost * INDEX_WEIGHT;
  }
}

function nameOf(schema: string, table: string): string {
  return JSON.stringify([schema, table]);
}
