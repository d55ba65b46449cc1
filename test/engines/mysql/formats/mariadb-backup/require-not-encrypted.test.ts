import { expect, it } from 'vitest';
import { firstEncrypted } from '../../../../../src/engines/mysql/formats/mariadb-backup/require-not-encrypted.ts';

const SPACE = 8;

/** A line as the sandbox prints it. @param key the version of the key of the second page; 0: it is not encrypted. */
function line(name: string, key: number, flags = 0x15): string {
  const first = Buffer.alloc(64);
  first.writeUInt16BE(8, 24);
  first.writeUInt32BE(SPACE, 34);
  first.writeUInt32BE(flags, 54);
  const page = Buffer.alloc(38);
  page.writeUInt32BE(key, 0);
  page.writeUInt32BE(1, 4);
  page.writeUInt32BE(key > 0 ? 0xc0ffee : SPACE, 34);
  const hex = (bytes: Buffer): string => [...bytes].map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('');
  return `${name}\t${hex(first)}\t${hex(page)}\n`;
}

it('names the first tablespace with an encrypted page', () => {
  const plain = line('mysql/gtid_slave_pos.ibd', 0);
  expect(firstEncrypted(plain, 16_384)).toBeUndefined();
  expect(firstEncrypted(`${plain}${line('shop/orders.ibd', 1)}`, 16_384)).toBe('shop/orders.ibd');
});

it('takes nothing from files that are too short', () => {
  expect(firstEncrypted('shop/orders.ibd\t\t\nshop/b.ibd\t 00\t 01\n', 16_384)).toBeUndefined();
});
