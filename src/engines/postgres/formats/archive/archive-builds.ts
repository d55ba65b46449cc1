import { SqlSplitter } from '../plain-sql/sql-splitter.ts';
import { classify } from '../plain-sql/statement-kind.ts';
import { LOST } from './archive-tables.ts';
import type { ArchiveToc, Section, TocEntry } from './archive-toc.ts';

/** An index, or a key with an index, on tables whose rows are in the archive. */
export interface ArchiveBuild {
  readonly entry: TocEntry;
  /** The entries whose rows must be loaded before it starts. */
  readonly after: ReadonlySet<number>;
  readonly tables: readonly string[];
  /** Whether others like it may run on the same table at the same time. */
  readonly shared: boolean;
  /** Cost relative to the size of the rows. */
  readonly cost: number;
  readonly method: string | undefined;
}

/**
 * The indexes and keys that can be built as soon as their table's rows are loaded, on sessions of the harness: the most expensive first, while pg_restore loads
 * other tables. pg_restore does not know sizes in an archive that was written to a pipe, and so may start the largest index last. Anything that depends on more
 * than the rows of ordinary tables is left to it: indexes of partitioned tables and materialized views, foreign keys.
 */
export function planBuilds(toc: ArchiveToc): ArchiveBuild[] {
  if (!toc.entries.some(({ desc }) => desc === 'SEARCHPATH')) return []; // pg_restore then sets another search path for each entry
  const entries = new Map(toc.entries.map((entry) => [entry.dumpId, entry]));
  const rowsOf = new Map<number, number>();
  for (const { desc, hasData, dependsOn, dumpId } of toc.entries)
    if (desc === 'TABLE DATA' && hasData)
      for (const id of dependsOn) if (entries.get(id)?.desc === 'TABLE') rowsOf.set(id, dumpId);
  return toc.entries.flatMap((entry) => {
    if (entry.section !== 'post-data' || !/^(?:INDEX|CONSTRAINT)$/.test(entry.desc)) return [];
    const head = entry.defn.slice(0, HEAD_CHARACTERS);
    const kind = classify(head);
    if (kind.kind !== 'build' || !IS_INDEXED.test(head) || entry.defn.includes(LOST)) return [];
    const after = new Set<number>();
    for (const id of entry.dependsOn) {
      const needed = entries.get(id);
      if (needed === undefined || (needed.section === 'pre-data' && needed.desc !== 'TABLE')) continue;
      const rows = rowsOf.get(id);
      if (rows === undefined) return [];
      after.add(rows);
    }
    const { tables, shared, cost, method } = kind;
    return after.size === 0 ? [] : [{ entry, after, tables, shared, cost, method }];
  });
}

/** Longer than the names that precede the relevant part. */
const HEAD_CHARACTERS = 4096;
const IS_INDEXED =
  /^(?:CREATE(?: UNIQUE)? INDEX|ALTER TABLE [\s\S]+?\sADD CONSTRAINT [\s\S]+?\s(?:PRIMARY KEY|UNIQUE|EXCLUDE))\b/;

/** @returns the entries after the data except those already built: what pg_restore still has to do. */
export function entriesAfterBuilds(toc: ArchiveToc, builds: readonly ArchiveBuild[]): TocEntry[] {
  const built = new Set(builds.map(({ entry }) => entry.dumpId));
  let section: Section = 'pre-data';
  return toc.entries.filter((entry) => {
    section = entry.section ?? section; // as pg_restore does
    return section === 'post-data' && !built.has(entry.dumpId);
  });
}

/** An index's definition continues with the properties of its table that need it: CLUSTER ON, REPLICA IDENTITY. Source: dumpIndex in pg_dump.c. */
export function statementsOf(definition: string): readonly Buffer[] {
  const whole = Buffer.from(definition);
  using splitter = new SqlSplitter({ spoolFromBytes: whole.length + 1, maxBytes: whole.length + 1 });
  const statements: Buffer[] = [];
  for (const item of [...splitter.push(whole), ...splitter.end()]) {
    if (item.kind !== 'statement') return [whole];
    statements.push(item.bytes);
  }
  return statements;
}
