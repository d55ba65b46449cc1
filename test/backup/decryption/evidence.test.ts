import { createHash } from 'node:crypto';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { evidenceOf, PROOF_BITS } from '../../../src/backup/decryption/evidence.ts';

/** Bytes that look random and are the same each time. */
function noise(seed: string, bytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, index) =>
    createHash('sha256').update(`${seed} ${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, bytes);
}

function tarOfOldKind(): Buffer {
  const tar = Buffer.alloc(4096);
  tar.write('orders.sql', 0);
  tar.write('00000020000\0', 124);
  tar.fill(32, 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return tar;
}

describe('the evidence for a key', () => {
  it.each<[string, Buffer]>([
    ['SQL', Buffer.from("INSERT INTO customer VALUES (1, 'Ann');\n".repeat(100))],
    ['one short statement', Buffer.from('SELECT pg_catalog.1;')],
    [
      'SQL in whose rows there are raw bytes',
      Buffer.concat([Buffer.from("-- MySQL dump\nINSERT INTO b VALUES (_binary '\0\x01"), noise('blob', 4000)]),
    ],
    ['Cyrillic text', Buffer.from('Заказ номер два отправлен '.repeat(20)).subarray(0, 301)],
    ['Cyrillic text of one byte each', Buffer.alloc(2000, Buffer.from('c7e0eae0e720', 'hex'))],
    ['text of two bytes each', Buffer.from('SELECT 1 FROM orders;\n'.repeat(80), 'utf16le')],
    ['gzip', gzipSync(noise('gzip', 4000))],
    ['an old tar', tarOfOldKind()],
    ['pages of a database', Buffer.concat([noise('page', 600), Buffer.alloc(3400)])],
    ['another file of openssl enc', Buffer.concat([Buffer.from('Salted__'), noise('salted', 4000)])],
  ])('is proof for %s', (_what, content) => {
    expect(evidenceOf(content.subarray(0, 4096))).toBeGreaterThanOrEqual(PROOF_BITS);
  });

  it('is never proof for what a wrong key decrypts to', () => {
    const found = [16, 48, 300, 1024, 4096].flatMap((bytes) =>
      Array.from({ length: 400 }, (_, time) => evidenceOf(noise(`${bytes} ${time}`, bytes))),
    );
    expect(found.filter((bits) => bits >= PROOF_BITS)).toEqual([]);
    expect(found.filter((bits) => bits > 0).length).toBeLessThan(40);
    expect(evidenceOf(deflateRawSync(noise('deflated', 5000)).subarray(5))).toBe(0);
  });

  it('is weak for bytes that look like the beginning of an OpenPGP message', () => {
    const weak = Buffer.concat([Buffer.from('8c0d04090308', 'hex'), noise('weak', 900)]);
    weak.writeUInt8(0xd2, 15);
    expect(evidenceOf(weak)).toBeGreaterThan(0);
    expect(evidenceOf(weak)).toBeLessThan(PROOF_BITS);
  });
});
