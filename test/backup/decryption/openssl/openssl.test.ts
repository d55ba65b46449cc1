import { createCipheriv } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createKeyRing } from '../../../../src/backup/decryption/key-ring.ts';
import { deriveKey } from '../../../../src/backup/decryption/openssl/derive-key.ts';
import { openssl } from '../../../../src/backup/decryption/openssl/openssl.ts';
import type { KeyRing } from '../../../../src/backup/layer.ts';
import { OPENSSL_CIPHERS, OPENSSL_DEFAULTS, type OpensslSpec } from '../../../../src/backup/openssl-spec.ts';
import { openContent } from '../../../../src/backup/reading/open-content.ts';
import type { Backup } from '../../../../src/backup/source.ts';
import { createEngine } from '../../../../src/engines/open-backup.ts';
import { ENGINE_DESCRIPTORS } from '../../../../src/engines/registry.ts';
import { failure, never } from '../../../contracts/source-contract.ts';
import { memorySource } from '../../memory-source.ts';
import { inPieces, ringOf } from '../age/age-files.ts';

const FAST: OpensslSpec = { ...OPENSSL_DEFAULTS, iterations: 2 };
const ROWS = Buffer.from("INSERT INTO customer VALUES (1, 'Ann', '2026-01-01');\n".repeat(4000));

/** Bytes without a pattern, the same in every run: truly random bytes look like some format now and then. */
const noise = (bytes: number, seed = 0): Buffer =>
  createCipheriv('aes-256-ctr', Buffer.alloc(32, seed), Buffer.alloc(16)).update(Buffer.alloc(bytes));

let salts = 0;

async function sealed(
  content: Buffer,
  passphrase = 'correct horse',
  spec = FAST,
  salt = Buffer.alloc(8, ++salts),
): Promise<Buffer> {
  const { key, iv } = await deriveKey(passphrase, salt, spec);
  const cipher = createCipheriv(spec.cipher, key, iv);
  return Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(content), cipher.final()]);
}

const keysOf = (spec: OpensslSpec | undefined, ...texts: readonly string[]): KeyRing => ({
  ...ringOf(...texts),
  openssl: spec,
});
const decrypt = (file: Buffer, keys: KeyRing, pieceBytes = 65_536) =>
  buffer(openssl.open(inPieces(file, pieceBytes), { key: 'orders.enc', keys }));
const failed = async (file: Buffer, keys = keysOf(FAST, 'correct horse')) => failure(decrypt(file, keys));

describe('a file written by `openssl enc`', () => {
  it.each([
    [
      '-pbkdf2 -iter 2',
      FAST,
      'U2FsdGVkX1+mZ2OWLmcFiHcnbq3vMKESRu0xkzDF927SByuMpePg1K0eVF2M+z00bNLvaaOjagnCGOfpMzIBFJ0lm4YVrT8sfOTvoD0s1C0=',
    ],
    [
      '-md md5',
      { ...FAST, kdf: 'evp-bytes-to-key', digest: 'md5' } as const,
      'U2FsdGVkX19C3F59ZRTavNXyK0khBn1+j3samkjT98QQvV5s6E7avlDECeSDwKo+v5uBkgMWU6nDtbIuIzVyT0Pl7PA0/0/P7p50IpNG+lY=',
    ],
  ])('is decrypted: %s', async (_options, spec, base64) => {
    const plain = 'SELECT 1; -- the rows of a dump, long enough to be text\n';
    for (const file of [
      Buffer.from(base64, 'base64'),
      Buffer.from(base64),
      Buffer.from(`${base64.replace(/.{64}/g, '$&\n')}\n`),
    ]) {
      expect(openssl.recognise(file.subarray(0, 40))).toBe(true);
      for (const pieceBytes of [1, 7, 1000])
        expect((await decrypt(file, keysOf(spec, 'correct horse'), pieceBytes)).toString()).toBe(plain);
    }
  });

  it.each(OPENSSL_CIPHERS)('is decrypted with %s', async (cipher) => {
    for (const kdf of ['pbkdf2', 'evp-bytes-to-key'] as const) {
      const spec = { ...FAST, cipher, kdf };
      for (const content of [ROWS, gzipSync(ROWS)])
        expect(
          (await decrypt(await sealed(content, 'correct horse', spec), keysOf(spec, 'correct horse'))).equals(content),
        ).toBe(true);
    }
  });

  it('is decrypted with the defaults of OpenSSL when the drill names no options', async () => {
    const file = await sealed(ROWS, 'correct horse', OPENSSL_DEFAULTS);
    expect((await decrypt(file, keysOf(undefined, 'correct horse'))).equals(ROWS)).toBe(true);
  });

  it('opens with any of several keys, using only the first line of each, and says that it was a passphrase', async () => {
    const used: string[] = [];
    const keys = { ...keysOf(FAST, 'wrong', 'correct horse\na note'), noteUse: (one: string) => used.push(one) };
    expect((await decrypt(await sealed(ROWS), keys)).equals(ROWS)).toBe(true);
    expect(used).toEqual(['passphrase']);
  });

  it('opens with the key that fits its padding if it is short, and with the key that opened another file in any case', async () => {
    const short = Buffer.from('a large object');
    const keys = ['another', 'a third', 'correct horse'];
    expect((await decrypt(await sealed(short), keysOf(FAST, ...keys))).equals(short)).toBe(true);
    const ring = createKeyRing(
      keys.map((_key, index) => ({ env: `KEY_${index}` })),
      {
        env: Object.fromEntries(keys.map((key, index) => [`KEY_${index}`, key])),
        directory: '/',
        redactor: { add: () => undefined },
        signal: never(),
        openssl: FAST,
      },
    );
    const blob = noise(20_000);
    expect((await decrypt(await sealed(ROWS), ring)).equals(ROWS)).toBe(true);
    expect((await decrypt(await sealed(blob), ring)).equals(blob)).toBe(true);
    expect((await failed((await sealed(blob)).subarray(0, -16), ring)).code).toBe('backup-truncated');
  });

  it('opens with the first or second key when it holds nothing of a known kind, or rows with raw bytes', async () => {
    const rows = Buffer.concat([Buffer.from("-- dump of orders\nINSERT INTO b VALUES (_binary '\0\x01"), noise(9000)]);
    const pages = Buffer.concat([noise(500), Buffer.alloc(9000)]);
    for (const content of [rows, pages])
      for (const texts of [
        ['another', 'correct horse'],
        ['correct horse', 'another'],
      ])
        expect((await decrypt(await sealed(content), keysOf(FAST, ...texts))).equals(content)).toBe(true);
  });

  it('is not opened with a wrong key whose output looks like OpenPGP', async () => {
    const spec = { ...FAST, kdf: 'evp-bytes-to-key', digest: 'md5' } as const;
    // One salt in a million has this effect.
    const file = await sealed(ROWS.subarray(0, 300), 'correct horse', spec, Buffer.from('6ee10f0000000000', 'hex'));
    for (const texts of [
      ['another', 'correct horse'],
      ['correct horse', 'another'],
    ])
      expect((await decrypt(file, keysOf(spec, ...texts))).equals(ROWS.subarray(0, 300))).toBe(true);
    expect((await failed(file, keysOf(spec, 'another'))).code).toBe('key-wrong');
  });

  it('is truncated when it is cut, in base64 as well', async () => {
    const file = await sealed(ROWS);
    for (const cut of [12, 16, 100, 5000, file.length - 16, file.length - 1])
      expect([cut, (await failed(file.subarray(0, cut))).code]).toEqual([cut, 'backup-truncated']);
    const text = Buffer.from(file.toString('base64'));
    for (const cut of [20, 5001, text.length - 1])
      expect([cut, (await failed(text.subarray(0, cut))).code]).toEqual([cut, 'backup-truncated']);
    expect((await failed(Buffer.from(text.toString().replace('A', '*')))).code).toBe('backup-corrupt');
  });

  it('leaves it to its content to detect damage, as compressed data does', async () => {
    const file = await sealed(gzipSync(noise(100_000)));
    file.writeUInt8(file.readUInt8(50_000) ^ 1, 50_000);
    const read = open(file).then((content) => buffer(content.stream(never())));
    expect((await failure(read)).code).toBe('backup-corrupt');
  });

  it('releases its input when closed', async () => {
    const endless = new Readable({ read: () => undefined });
    const stream = openssl.open(endless, { key: 'orders.enc', keys: keysOf(FAST, 'correct horse') });
    stream.resume();
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(endless.destroyed).toBe(true);
  });
});

async function open(file: Buffer, ...texts: readonly string[]) {
  const { source, object } = memorySource(file);
  const { key, sizeBytes } = object;
  const backup: Backup = {
    kind: 'object',
    key,
    objects: [object],
    sizeBytes,
    takenAt: new Date(0),
    takenAtFrom: 'modified',
  };
  const content = await openContent(
    source,
    backup,
    never(),
    keysOf(FAST, ...(texts.length > 0 ? texts : ['correct horse'])),
  );
  if (content.kind !== 'object') throw new Error('expected an object');
  return content;
}

describe('a wrong key', () => {
  const engine = createEngine(ENGINE_DESCRIPTORS.mysql, Object.values(ENGINE_DESCRIPTORS));
  const inspect = async (file: Buffer, ...texts: readonly string[]) =>
    engine.inspect(await open(file, ...texts), never());
  const big = Buffer.concat(Array.from({ length: 6 }, () => ROWS));

  it.each([
    ['a short file', ROWS.subarray(0, 300)],
    ['a long file', big],
    ['a compressed file', gzipSync(noise(1_100_000))],
  ])('is key-wrong, and never the fault of the backup, for %s', async (_what, content) => {
    for (const cipher of ['aes-256-cbc', 'aes-256-ctr'] as const) {
      for (let time = 0; time < 6; time += 1) {
        const file = await sealed(content, `another ${time}`);
        expect((await failure(inspect(file))).code).toBe('key-wrong');
        const other = await sealed(content, 'correct horse', { ...FAST, cipher, iterations: 3 });
        expect((await failure(inspect(other, 'wrong', 'correct horse'))).code).toBe('key-wrong');
      }
    }
  });

  it.each([
    ['a packet of OpenPGP', '85010c03'],
    ['what `compress` writes', '1f9d90'],
    ['a message that gpg signed', 'a301'],
    ['text in UTF-16', 'fffe'],
    ['another order of UTF-16', 'feff'],
  ])('is not mistaken for another format when random bytes begin like %s', async (_what, magic) => {
    for (const bytes of [40, 1000, 1_100_000]) {
      const file = await sealed(Buffer.concat([Buffer.from(magic, 'hex'), noise(bytes)]));
      expect((await failure(inspect(file))).code).toBe('key-wrong');
    }
  });

  it('is distinguished from the right key for a file that is not a dump', async () => {
    const text = await failure(
      inspect(await sealed(Buffer.from('connection refused, please retry later\n'.repeat(30)))),
    );
    expect(text.code).toBe('backup-unrecognised');
    const binary = await failure(inspect(await sealed(noise(1_100_000))));
    expect([binary.code, binary.message]).toEqual([
      'key-wrong',
      'a.dump is encrypted with OpenSSL, and the decrypted data is not in a known format (with the keys that the drill names): it was encrypted with another key or other options',
    ]);
  });
});
