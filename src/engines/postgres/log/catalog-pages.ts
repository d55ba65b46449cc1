import { eachRow, ROW_HEADER_BYTES } from './heap-page.ts';
import type { BlockChange, WalRecord } from './wal-record.ts';

/** A catalog table, by its database (0: shared by all) and file number. */
export interface CatalogTable {
  readonly database: number;
  readonly filenode: number;
}

/** What a record did to a catalog row. */
export interface RowChange {
  readonly xid: string;
  readonly table: CatalogTable;
  /** Undefined if the row did not exist, or is not in the part of the log that was read. */
  readonly before: Buffer | undefined;
  readonly after: Buffer | undefined;
  readonly kind: 'insert' | 'update' | 'delete' | 'inplace';
}

const HEAP = 10;
const OPERATIONS = new Map([
  [0x00, 'insert'],
  [0x10, 'delete'],
  [0x20, 'update'],
  [0x40, 'update'],
  [0x70, 'inplace'],
] as const);
const [PREFIX_FROM_OLD, SUFFIX_FROM_OLD] = [0x20, 0x40];

/**
 * The catalog rows that are known: from pages of the backup, and from the log, in which the first change of a page after a checkpoint includes the whole page.
 * Source of the records: PostgreSQL's src/include/access/heapam_xlog.h, and heapam_xlog.c, heap_xlog_update.
 */
export class CatalogPages {
  readonly #pages = new Map<string, Map<number, Buffer>>();

  /** @returns the rows of the page that were not replaced by another. */
  setPage(table: CatalogTable, block: number, page: Buffer): readonly Buffer[] {
    const rows = new Map<number, Buffer>();
    const current: Buffer[] = [];
    eachRow(page, (offset, body, next) => {
      const own = Buffer.from(body); // the page is part of a larger buffer
      rows.set(offset, own);
      if (next === offset) current.push(own);
    });
    this.#pages.set(keyOf(table, block), rows);
    return current;
  }

  /**
   * @param onRows receives the rows of full-page images in the record, as they are after it.
   * @returns undefined for a record that changes no row.
   */
  apply(record: WalRecord, onRows: (table: CatalogTable, rows: readonly Buffer[]) => void): RowChange | undefined {
    const [target, source = target] = record.blocks.filter(({ isMain }) => isMain);
    const operation = record.manager === HEAP ? OPERATIONS.get((record.info & 0x70) as 0) : undefined;
    if (!target || !source) return undefined;
    const offset = operation === undefined ? 0 : offsetIn(record.main, operation);
    const before =
      operation === 'insert'
        ? undefined
        : this.#row(source, operation === 'update' ? record.main.readUInt16LE(4) : offset);
    for (const block of record.blocks) {
      if (block.isMain && block.image) onRows(block, this.setPage(block, block.block, block.image));
    }
    if (operation === undefined) return undefined;
    const change = { xid: record.xid, table: { database: target.database, filenode: target.filenode } };
    if (operation === 'delete')
      return { ...change, kind: 'delete', before: before ?? this.#row(target, offset), after: undefined };
    const after = target.image ? this.#row(target, offset) : rowIn(record, target, operation, before);
    this.#setRow(target, offset, after);
    if (operation === 'inplace') return { ...change, kind: operation, before: undefined, after };
    const old = before ?? (operation === 'update' ? this.#row(source, record.main.readUInt16LE(4)) : undefined);
    return { ...change, kind: operation, before: old, after };
  }

  /** Whether the file is known from its beginning: a rewritten file is logged page by page, in order. */
  holdsFile(table: CatalogTable): boolean {
    return this.#pages.has(keyOf(table, 0));
  }

  #row(change: BlockChange, offset: number): Buffer | undefined {
    return this.#pages.get(keyOf(change, change.block))?.get(offset);
  }

  #setRow(change: BlockChange, offset: number, body: Buffer | undefined): void {
    const key = keyOf(change, change.block);
    const rows = this.#pages.get(key) ?? new Map<number, Buffer>();
    this.#pages.set(key, rows);
    if (body) rows.set(offset, Buffer.from(body));
    else rows.delete(offset);
  }
}

function keyOf({ database, filenode }: CatalogTable, block: number): string {
  return `${database}/${filenode}/${block}`;
}

type Operation = typeof OPERATIONS extends Map<number, infer Name> ? Name : never;

/** The offset number of the row that is inserted or removed. */
function offsetIn(main: Buffer, operation: Operation): number {
  if (operation === 'update') return main.readUInt16LE(12);
  return main.readUInt16LE(operation === 'delete' ? 4 : 0);
}

/** @returns the new row's columns; undefined if they repeat part of an unknown row. */
function rowIn(
  { main }: WalRecord,
  { data }: BlockChange,
  operation: Operation,
  old: Buffer | undefined,
): Buffer | undefined {
  if (operation === 'inplace') return data;
  const flags = operation === 'update' ? main.readUInt8(7) : 0;
  let at = 0;
  const [prefix, suffix] = [PREFIX_FROM_OLD, SUFFIX_FROM_OLD].map((flag) => {
    if (!(flags & flag)) return 0;
    at += 2;
    return data.readUInt16LE(at - 2);
  }) as [number, number];
  if (prefix + suffix > 0 && (!old || old.length < Math.max(prefix, suffix))) return undefined;
  const columnsAt = at + 5 + Math.max(0, data.readUInt8(at + 4) - ROW_HEADER_BYTES);
  const same = old ?? Buffer.alloc(0);
  return Buffer.concat([same.subarray(0, prefix), data.subarray(columnsAt), same.subarray(same.length - suffix)]);
}
