import { describe, expect, it } from 'vitest';
import { PageWatch } from '../../../../../src/engines/mysql/formats/data-directory/newest-page.ts';

const KIB = 1024;

/**
 * A tablespace with a page per element of `lsns`, the LSN of its last change, filled with text that is not an LSN.
 * @param flags flags of its first page; undefined for a file without a header.
 */
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

/**
 * A tablespace encrypted by MariaDB. @param isNew whether it has the full_crc32 format, in which the number of the
 * tablespace is unreadable.
 */
function encryptedSpace(isNew: boolean, keyVersion: number): Buffer {
  const pageSize = 16 * KIB;
  const file = tablespace(pageSize, isNew ? 0x15 : 0x21, [3n, 5n, 9n]);
  for (const page of [0, 1, 2]) {
    const at = page * pageSize;
    file.writeUInt32BE(0, at);
    file.writeUInt32BE(0, at + 8);
    file.writeUInt32BE(0, at + 26);
    file.writeUInt32BE(7, at + 34);
    if (page === 0) continue;
    file.writeUInt32BE(keyVersion, at + (isNew ? 0 : 26));
    if (keyVersion > 0 && isNew) file.writeUInt32BE(0xc0ffee, at + 34);
  }
  return file;
}

function encryptedIn(file: Buffer, chunk = 1000): string | undefined {
  const watch = new PageWatch(undefined);
  const look = watch.watch('shop/orders.ibd');
  for (let at = 0; at < file.length; at += chunk) look?.(file.subarray(at, at + chunk));
  return watch.encrypted;
}

describe('the encrypted pages of a copy', () => {
  it.each([true, false])('are recognised by the version of their key, full_crc32: %s', (isNew) => {
    expect(encryptedIn(encryptedSpace(isNew, 1))).toBe('shop/orders.ibd');
    expect(encryptedIn(encryptedSpace(isNew, 1), 7)).toBe('shop/orders.ibd');
    expect(encryptedIn(encryptedSpace(isNew, 0))).toBeUndefined();
  });

  it('are distinguished from damaged pages', () => {
    const number = encryptedSpace(true, 1);
    for (const page of [1, 2]) number.writeUInt32BE(99, page * 16 * KIB + 4);
    expect(encryptedIn(number)).toBeUndefined();
    const version = encryptedSpace(true, 0);
    version.writeUInt32BE(1, 16 * KIB);
    expect(encryptedIn(version)).toBeUndefined();
  });

  it('are distinguished from pages that are only compressed, and from MySQL’s', () => {
    const compressed = encryptedSpace(false, 1);
    for (const page of [1, 2]) compressed.writeUInt16BE(34_354, page * 16 * KIB + 24);
    expect(encryptedIn(compressed)).toBeUndefined();
    const mysql = encryptedSpace(false, 1);
    mysql.writeUInt32BE(90_704, 8);
    expect(encryptedIn(mysql)).toBeUndefined();
  });
});

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
  ])('is found with the page size stated in its own file: %s', (_what, size, flags) => {
    const file = tablespace(size * KIB, flags, [3n, 5n, 9n, 7n]);
    const expected = { file: 'shop/orders.ibd', page: 2, lsn: 9n };
    expect(newestOf(file, undefined)).toEqual(expected);
    expect(newestOf(file, undefined, { chunk: 7 })).toEqual(expected);
    expect(newestOf(file, undefined, { chunk: file.length })).toEqual(expected);
  });

  it('is found in a compressed table when the server’s page size is known', () => {
    expect(newestOf(tablespace(8 * KIB, 0x29, [3n, 9n, 5n]), 16 * KIB)?.page).toBe(1);
  });

  it('is found in the second file of the system tablespace only when the page size is known', () => {
    const file = tablespace(64 * KIB, undefined, [3n, 9n]);
    expect(newestOf(file, 64 * KIB, { name: 'ibdata2' })?.lsn).toBe(9n);
    expect(newestOf(file, undefined, { name: 'ibdata2' })).toBeUndefined();
  });

  it('is not looked for in other files, or in files shorter than a page header', () => {
    expect(new PageWatch(undefined).watch('shop/orders.frm')).toBeUndefined();
    expect(newestOf(Buffer.alloc(40), undefined)).toBeUndefined();
  });
});
