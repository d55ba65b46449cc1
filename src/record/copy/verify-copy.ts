import { createHash } from 'node:crypto';
import { DrillError } from '../../support/errors.ts';
import type { Cell, CopyDatabase, Row } from './copy-database.ts';
import { keyOf, type PagedTable, readPage } from './read-pages.ts';

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  /** Hash of all rows in key order, in a form that is identical in both databases; in hex. */
  readonly sha256: string;
}

/**
 * Reads a table from both sides, in key order.
 * @param onRows called with the number of further rows that match.
 * Throws `store-differs`, which names the first row that differs.
 */
export async function verifyTable(
  source: CopyDatabase,
  target: CopyDatabase,
  paged: PagedTable,
  onRows: (count: number) => void,
): Promise<TableDigest> {
  const keepsNul = source.storesNul && target.storesNul;
  const sides = [source, target].map((database) => ({ database, hash: createHash('sha256'), ...EMPTY }));
  const [from, to] = sides as [Side, Side];
  let rows = 0;
  for (;;) {
    await Promise.all([refill(from, paged), refill(to, paged)]);
    const count = Math.min(from.page.length, to.page.length);
    for (let index = 0; index < count; index += 1) {
      const [expected = [], actual = []] = [from.page[index], to.page[index]];
      const [mine, theirs] = [canonical(expected, keepsNul), canonical(actual, keepsNul)];
      if (mine !== theirs) throw differs({ paged, place: rows + index, expected, actual, target });
      from.hash.update(mine).update('\n');
      to.hash.update(theirs).update('\n');
    }
    if (count === 0) break;
    rows += count;
    from.page = from.page.slice(count);
    to.page = to.page.slice(count);
    onRows(count);
  }
  if (from.page.length > 0 || to.page.length > 0)
    throw differs({ paged, place: rows, expected: from.page[0], actual: to.page[0], target });
  const [sha256 = '', copied] = sides.map(({ hash }) => hash.digest('hex'));
  if (sha256 !== copied) throw new DrillError('internal', `the hashes of ${paged.table.name} differ`);
  return { table: paged.table.name, rows, sha256 };
}

interface Side {
  readonly database: CopyDatabase;
  readonly hash: ReturnType<typeof createHash>;
  page: readonly Row[];
  last: readonly Cell[] | undefined;
}

const EMPTY: Pick<Side, 'page' | 'last'> = { page: [], last: undefined };

async function refill(side: Side, paged: PagedTable): Promise<void> {
  if (side.page.length > 0) return;
  side.page = await readPage(side.database, paged, side.last);
  const last = side.page.at(-1);
  if (last) side.last = keyOf(paged, last);
}

/** A canonical text for numbers, texts and bytes of either database. */
function canonical(row: Row, keepsNul: boolean): string {
  return JSON.stringify(
    row.map((cell) => {
      if (cell instanceof Uint8Array) return { bytes: Buffer.from(cell).toString('base64') };
      return typeof cell === 'string' && !keepsNul ? cell.replaceAll('\0', '\u2400') : cell;
    }),
  );
}

interface Difference {
  readonly paged: PagedTable;
  /** From 0. */
  readonly place: number;
  /** undefined: no more rows. */
  readonly expected: Row | undefined;
  readonly actual: Row | undefined;
  readonly target: CopyDatabase;
}

function differs({ paged, place, expected, actual, target }: Difference): DrillError {
  const { table, columns } = paged;
  const order = expected && actual ? compareKeys(keyOf(paged, expected), keyOf(paged, actual)) : expected ? -1 : 1;
  const row = (order <= 0 ? expected : actual) ?? [];
  const key = keyOf(paged, row)
    .map((cell, index) => `${table.key[index]} ${cell}`)
    .join(', ');
  const which = table.isSecret ? `row ${place + 1}` : key;
  const column = columns.find(
    (_column, index) => canonical([expected?.[index] ?? null], false) !== canonical([actual?.[index] ?? null], false),
  );
  const what = order < 0 ? 'is missing' : order > 0 ? 'is in the copy only' : `differs in ${column?.name ?? 'a text'}`;
  return new DrillError('store-differs', `the copy ${target.label} is not the same: ${table.name}: ${which} ${what}`, {
    hint: 'Delete the copy and make another one. If they differ again, check the disks of both stores.',
  });
}

/** Compares texts by their bytes, as both databases do. */
function compareKeys(one: readonly Cell[], other: readonly Cell[]): number {
  for (const [index, cell] of one.entries()) {
    const against = other[index] ?? null;
    const order =
      typeof cell === 'number' && typeof against === 'number'
        ? cell - against
        : Buffer.compare(Buffer.from(String(cell)), Buffer.from(String(against)));
    if (order !== 0) return order;
  }
  return 0;
}
