/** The table pg_database as it is in files, since a name is in no record of the log. */

const PAGE_BYTES = 8192;
const NAME_BYTES = 64;
const PG_DATABASE = 1262;

/**
 * The file of pg_database within `global/`. Source: PostgreSQL's src/backend/utils/cache/relmapper.c, RelMapFile: a magic number, a count, and pairs of an
 * OID and a file number.
 */
export function databaseFilenode(relationMap: Buffer): string {
  const count = relationMap.length >= 8 ? relationMap.readInt32LE(4) : 0;
  for (let index = 0; index < count && 16 + index * 8 <= relationMap.length; index += 1) {
    if (relationMap.readUInt32LE(8 + index * 8) === PG_DATABASE)
      return String(relationMap.readUInt32LE(12 + index * 8));
  }
  return String(PG_DATABASE);
}

/**
 * The databases in the pages of the table, dropped ones too as long as their rows are there. Source: src/include/storage/bufpage.h,
 * access/htup_details.h, catalog/pg_database.h: the OID is the first column, the name the second, since PostgreSQL 12.
 * @returns names by OID; the later row wins.
 */
export function readDatabaseNames(pages: Buffer): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (let page = 0; page + PAGE_BYTES <= pages.length; page += PAGE_BYTES) {
    const lower = Math.min(pages.readUInt16LE(page + 12), PAGE_BYTES);
    for (let pointer = 24; pointer + 4 <= lower; pointer += 4) {
      const item = pages.readUInt32LE(page + pointer);
      const [offset, flags] = [item & 0x7fff, (item >>> 15) & 3];
      if (flags !== 1 || offset < 24 || offset + 24 > PAGE_BYTES) continue; // not a row
      const row = page + offset + (pages[page + offset + 22] ?? 0);
      if (row + 4 + NAME_BYTES > page + PAGE_BYTES) continue;
      const name = pages.toString('utf8', row + 4, row + 4 + NAME_BYTES).split('\0', 1)[0] ?? '';
      if (name !== '') names.set(pages.readUInt32LE(row), name);
    }
  }
  return names;
}
