import { describe, expect, it } from 'vitest';
import { PageWatch } from '../../../../../src/engines/mysql/formats/data-directory/newest-page.ts';

const KIB = 1024;

/** A tablespace of four pages, full of text that is no LSN, each changed at `lsns`. @param flags of its first page; undefined: it has no head. */
function tablespace(pageSize: number, flags: number | undefined, lsns: readonly bigint[]): Buffer {
  const file = Buffer.alloc(pageSize * lsns.length, 'row data ');
  for (const [page, lsn] of lsns.entries()) {
    file.writeUInt32BE(page, page * pageSize + 4);
    file.writeBigUInt64BE(lsn, page * pageSize + 16);
    file.writeUInt16BE(page === 0 && flags !== undefined ? 8 : 17_855, page * pageSize + 24);
  }
  if (flags !== undefined) file.writeUInt32BE(flags, 54);
  return file;
}

function newestOf(file: Buffer, serverSize: number | undefined, { name = 'shop/orders.ibd', chunk = 1000 } = {}) {
  const watch = new PageWatch(serverSize);
  const look = watch.watch(name);
  for (let at = 0; at < file.length; at += chunk) look?.(file.subarray(at, at + chunk));
  return watch.newest;
}

describe('the newest page of a copy', () => {
  it.each([
    ['MySQL, 4 KiB', 4, 0x40c0 | 0x21],
    ['MySQL, 8 KiB', 8, 0x4100 | 0x21],
    ['MySQL, 16 KiB', 16, 0x4021],
    ['MySQL, 32 KiB', 32, 0x4180 | 0x21],
    ['MySQL, 64 KiB', 64, 0x41c0 | 0x21],
    ['MariaDB, 4 KiB', 4, 0x13],
    ['MariaDB, 64 KiB', 64, 0x17],
    ['compressed to 1 KiB', 1, 0x23],
    ['compressed to 8 KiB', 8, 0x29],
  ])('is found by the page size that its own file tells: %s', (_what, size, flags) => {
    const file = tablespace(size * KIB, flags, [3n, 5n, 9n, 7n]);
    const expected = { file: 'shop/orders.ibd', page: 2, lsn: 9n };
    expect(newestOf(file, undefined)).toEqual(expected);
    expect(newestOf(file, undefined, { chunk: 7 })).toEqual(expected);
    expect(newestOf(file, undefined, { chunk: file.length })).toEqual(expected);
  });

  it('is found in a compressed table of a server whose page size is known', () => {
    expect(newestOf(tablespace(8 * KIB, 0x29, [3n, 9n, 5n]), 16 * KIB)?.page).toBe(1);
  });

  it('is found in the second file of the system tablespace, which does not tell it, where it is known', () => {
    const file = tablespace(64 * KIB, undefined, [3n, 9n]);
    expect(newestOf(file, 64 * KIB, { name: 'ibdata2' })?.lsn).toBe(9n);
    expect(newestOf(file, undefined, { name: 'ibdata2' })).toBeUndefined();
  });

  it('is none of other files, or of files shorter than the head of a page', () => {
    expect(new PageWatch(undefined).watch('shop/orders.frm')).toBeUndefined();
    expect(newestOf(Buffer.alloc(40), undefined)).toBeUndefined();
  });
});
