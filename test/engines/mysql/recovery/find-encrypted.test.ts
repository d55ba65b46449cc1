import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readLines } from '../../../../src/engines/mysql/recovery/find-encrypted.ts';

const SPACE = 8;

/** A line as printed by the sandbox. @param key version of the key of the second page; 0 if it is not encrypted. */
function line(name: string, key: number, { type = 0, flags = 0x15 } = {}): string {
  const first = Buffer.alloc(64);
  first.writeUInt16BE(8, 24);
  first.writeUInt32BE(SPACE, 34);
  first.writeUInt32BE(flags, 54);
  const page = Buffer.alloc(42);
  page.writeUInt32BE(key, 0);
  page.writeUInt32BE(1, 4);
  page.writeUInt16BE(type, 24);
  page.writeUInt32BE(key > 0 ? 0xc0ffee : SPACE, 34);
  const crypt = Buffer.alloc(32);
  crypt.set([0x73, 0x0e, 0x0c, 0x52, 0x45, 0x74, 1, 16]);
  crypt.writeUInt32BE(5, 28);
  return `${name}\t${hex(first)}\t${hex(page)}\t${hex(crypt)}\n`;
}

function hex(bytes: Buffer): string {
  return [...bytes].map((byte) => ` ${byte.toString(16).padStart(2, '0')}`).join('');
}

const read = (text: string) => readLines(Readable.from([text]), 16_384);

it('names the first tablespace with an encrypted page, and takes a sample from each', async () => {
  const plain = line('mysql/gtid_slave_pos.ibd', 0);
  expect(await read(plain)).toMatchObject({ first: undefined, samples: [] });
  expect(await read(`${plain}${line('shop/orders.ibd', 1)}${line('shop/items.ibd', 1)}`)).toMatchObject({
    first: 'shop/orders.ibd',
    samples: [
      { file: 'shop/orders.ibd', keyNumber: 5, space: SPACE, page: 1 },
      { file: 'shop/items.ibd', keyNumber: 5 },
    ],
    isLogEncrypted: false,
  });
});

it('takes no sample from a page that is also compressed, since its first bytes are unknown', async () => {
  const compressed = line('shop/orders.ibd', 1, { type: 0x8006 });
  expect(await read(compressed)).toMatchObject({ first: 'shop/orders.ibd', samples: [] });
});

it('recognises an encrypted log by its format', async () => {
  expect(await read('ib_logfile0\t d0 48 59 53\t\n')).toMatchObject({ isLogEncrypted: true });
  expect(await read('ib_logfile0\t 50 48 59 53\t\n')).toMatchObject({ isLogEncrypted: false });
});

it('ignores files that are too short', async () => {
  const short = 'shop/orders.ibd\t\t\nshop/b.ibd\t 00\t 01\n';
  expect(await read(short)).toMatchObject({ first: undefined, samples: [] });
});

it('names an Aria table, but takes no sample from it', async () => {
  expect(await read('shop/a.MAI\t 00 00\nshop/b.MAI\t 00 01\n')).toMatchObject({ first: 'shop/b.MAI', samples: [] });
  expect(await read('shop/a.MAI\t 00 02\nshop/b.MAI\t\n')).toMatchObject({ first: undefined });
});
