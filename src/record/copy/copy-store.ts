import { DrillError } from '../../support/errors.ts';
import { formatCount } from '../../support/quantities.ts';
import { COPIED_TABLES } from './copied-tables.ts';
import type { CopyDatabase } from './copy-database.ts';
import { type CopyMark, endCopy, moveMark, openMark } from './copy-mark.ts';
import { readChangeMark, requireIdle } from './idle-source.ts';
import { countRows, keyOf, type PagedTable, readPage } from './read-pages.ts';
import { type TableDigest, verifyTable } from './verify-copy.ts';

export interface CopyContext {
  readonly now: () => Date;
  /** Whether the process that wrote a row is known to be gone. */
  readonly isDead: (owner: string) => boolean;
  /** @param share of the total work done so far, 0 to 1. */
  readonly tell: (doing: string, share: number) => void;
}

export interface StoreCopy {
  readonly tables: readonly TableDigest[];
  /** Whether an earlier, interrupted copy was resumed. */
  readonly isContinued: boolean;
  /** When the source was read: later writes are not in the copy. */
  readonly readAt: Date;
  /** Whether something was written to the source after that. */
  readonly hasChanged: boolean;
}

/**
 * Copies the contents of a store into an empty one, in transactions of bounded size, and compares both. A copy that was interrupted at any point resumes where
 * it stopped.
 *
 * Throws `store-failed` when a scheduler or a run is using the source, `usage` when the target contains anything else, `store-incomplete` when it contains
 * another unfinished copy, `store-differs` when the comparison fails, and whatever the stores throw.
 */
export async function copyStore(source: CopyDatabase, target: CopyDatabase, context: CopyContext): Promise<StoreCopy> {
  const readAt = context.now();
  await requireIdle(source, readAt, context.isDead);
  const before = await readChangeMark(source);
  const found = await openMark(target, source.label, readAt);
  const tables = await readColumns(source, target);
  const counts = new Map<string, number>();
  for (const { table } of tables) counts.set(table.name, await countRows(source, table));
  const work = new Work(counts, context.tell);

  await copyTables({ source, target, tables, mark: found.mark, work });
  await target.finish(COPIED_TABLES);
  const digests: TableDigest[] = [];
  for (const paged of tables)
    digests.push(await verifyTable(source, target, paged, (rows) => work.add('comparing', paged.table.name, rows)));
  await endCopy(target, context.now());
  await source.refresh();
  const hasChanged = (await readChangeMark(source)) !== before;
  return { tables: digests, isContinued: found.isContinued, readAt, hasChanged };
}

/** Both sides were migrated, so they have the same columns, but perhaps in a different order. */
async function readColumns(source: CopyDatabase, target: CopyDatabase): Promise<readonly PagedTable[]> {
  const tables: PagedTable[] = [];
  for (const table of COPIED_TABLES) {
    const [from, to] = [await source.columnsOf(table.name), await target.columnsOf(table.name)];
    const names = (columns: typeof from) =>
      columns
        .map(({ name }) => name)
        .sort()
        .join(', ');
    if (names(from) !== names(to))
      throw new DrillError(
        'store-failed',
        `the table ${table.name} of ${source.label} has different columns from that of ${target.label}`,
        {
          hint: 'Restore that store from a backup: something other than Firedrill changed its tables.',
        },
      );
    tables.push({ table, columns: to });
  }
  return tables;
}

interface Copying {
  readonly source: CopyDatabase;
  readonly target: CopyDatabase;
  readonly tables: readonly PagedTable[];
  readonly mark: CopyMark;
  readonly work: Work;
}

async function copyTables({ source, target, tables, mark, work }: Copying): Promise<void> {
  let at = mark;
  const first = Math.max(
    0,
    tables.findIndex(({ table }) => table.name === at.table),
  );
  for (const { table } of tables.slice(0, first)) work.skip(table.name);
  for (const paged of tables.slice(first)) {
    const { name } = paged.table;
    let after = at.table === name ? at.key : undefined;
    if (after) work.skip(name, await countRows(target, paged.table));
    for (;;) {
      const rows = await readPage(source, paged, after);
      const last = rows.at(-1);
      if (!last) break;
      after = keyOf(paged, last);
      const next: CopyMark = { table: name, key: after };
      const before = at;
      await target.transaction(false, async () => {
        await moveMark(target, before, next);
        await target.insert(paged.table, paged.columns, rows);
      });
      at = next;
      work.add('copying', name, rows.length);
    }
  }
}

/** Every row is copied once, and compared once. */
class Work {
  readonly #counts: ReadonlyMap<string, number>;
  readonly #tell: CopyContext['tell'];
  readonly #total: number;
  #done = 0;
  #doneOfTable = 0;
  #last = '';

  constructor(counts: ReadonlyMap<string, number>, tell: CopyContext['tell']) {
    this.#counts = counts;
    this.#tell = tell;
    this.#total = Math.max(1, 2 * [...counts.values()].reduce((sum, count) => sum + count, 0));
  }

  /** Accounts for the work of an earlier copy. @param rows undefined: the whole table. */
  skip(table: string, rows = this.#counts.get(table) ?? 0): void {
    this.#last = `copying ${table}`;
    this.#doneOfTable = rows;
    this.#done += rows;
  }

  add(doing: string, table: string, rows: number): void {
    if (this.#last !== `${doing} ${table}`) this.#doneOfTable = 0;
    this.#last = `${doing} ${table}`;
    this.#doneOfTable += rows;
    this.#done += rows;
    const count = this.#counts.get(table) ?? 0;
    const [done, total] = [this.#doneOfTable, count].map(formatCount);
    this.#tell(`${doing} ${table}, ${done} of ${total} rows`, Math.min(1, this.#done / this.#total));
  }
}
