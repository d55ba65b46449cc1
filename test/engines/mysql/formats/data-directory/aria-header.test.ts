import { expect, it } from 'vitest';
import { isEncryptedAria } from '../../../../../src/engines/mysql/formats/data-directory/aria-header.ts';
import { PageWatch } from '../../../../../src/engines/mysql/formats/data-directory/newest-page.ts';

/** The start of an index file of Aria with a key, as MariaDB 10.11 writes it, and the rest of the file. */
function indexFile(options: number, base = 239): Buffer {
  const file = Buffer.alloc(8192);
  file.set([0xfe, 0xfe, 0x09, 0x03]);
  file.writeUInt16BE(base, 12);
  file.writeUInt16BE(options, base + 90);
  return file;
}

it('recognises an Aria table that the server encrypts by its index file', () => {
  expect([indexFile(1), indexFile(0), indexFile(1, 215), indexFile(2)].map(isEncryptedAria)).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([indexFile(1).subarray(0, 13), indexFile(1).subarray(0, 330)].map(isEncryptedAria)).toEqual([
    undefined,
    undefined,
  ]);
  expect(isEncryptedAria(Buffer.alloc(8192, 1))).toBe(false);
});

it('finds an encrypted Aria table as a copy streams by, in chunks of any size', () => {
  for (const size of [1, 100, 8192]) {
    const watch = new PageWatch(undefined);
    for (const [name, file] of [
      ['./shop/plain.MAI', indexFile(0)],
      ['./shop/secrets.MAI', indexFile(1)],
    ] as const) {
      const look = watch.watch(name);
      for (let at = 0; at < file.length; at += size) look?.(file.subarray(at, at + size));
    }
    expect(watch.encrypted).toBe('./shop/secrets.MAI');
  }
});
