import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { deflateRawSync, deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openpgp } from '../../../../src/backup/decryption/openpgp/openpgp.ts';
import type { KeyRing } from '../../../../src/backup/layer.ts';
import { failure } from '../../../contracts/source-contract.ts';
import { inPieces, ringOf } from '../age/age-files.ts';
import { GNUPG_KEY, GNUPG_OCB, GNUPG_OCB_PASSPHRASE, GNUPG_TEXT } from './gnupg-files.ts';
import {
  AEAD,
  armored,
  cfbPacket,
  literal,
  newPair,
  OCB,
  type Pair,
  packet,
  packetBorders,
  type Sealing,
  sealed,
  simpleKey,
} from './openpgp-files.ts';

let pair: Pair;
let other: Pair;
beforeAll(async () => {
  [pair, other] = await Promise.all([newPair(), newPair()]);
});

function decrypt(file: Buffer, keys: KeyRing, pieceBytes = 65_536): Promise<Buffer> {
  return buffer(openpgp.open(inPieces(file, pieceBytes), { key: 'orders.gpg', keys }));
}

const codeOf = async (file: Buffer, keys: KeyRing) => (await failure(decrypt(file, keys))).code;
const flipped = (file: Buffer, at: number, bit = 1) => {
  const changed = Buffer.from(file);
  changed.writeUInt8(changed.readUInt8(at) ^ bit, at);
  return changed;
};

/** The ways in which a message is protected: by GnuPG 2.2 and older, and by RFC 9580. */
const WAYS: readonly (readonly [string, Sealing['config']])[] = [
  ['a modification detection code', {}],
  ['AES-GCM', AEAD],
  ['AES-OCB', OCB],
];

describe.each(WAYS)('an OpenPGP message with %s', (_way, config) => {
  const toPair = (content: Buffer) => sealed(content, { to: [pair.publicKey], ...(config ? { config } : {}) });

  it.each([0, 1, 900, 1024, 1025, 200_000])('of %i bytes is decrypted with a private key', async (size) => {
    const content = randomBytes(size);
    const file = await toPair(content);
    expect(openpgp.recognise(file.subarray(0, 40))).toBe(true);
    expect((await decrypt(file, ringOf(pair.privateKey))).equals(content)).toBe(true);
  });

  it.each([1, 7, 1000])('is decrypted in pieces of %i bytes, armored or not', async (pieceBytes) => {
    const content = randomBytes(pieceBytes * 300);
    const file = await toPair(content);
    for (const one of [file, armored(file), armored(file, '')])
      expect((await decrypt(one, ringOf(pair.privateKey), pieceBytes)).equals(content)).toBe(true);
  });

  it('is decrypted with a passphrase, and is key-wrong with another', async () => {
    const file = await sealed(Buffer.from('rows'), { passphrases: ['correct horse'], ...(config ? { config } : {}) });
    expect(openpgp.recognise(file.subarray(0, 40))).toBe(true);
    expect((await decrypt(file, ringOf('wrong', pair.privateKey, 'correct horse'))).toString()).toBe('rows');
    const error = await failure(decrypt(file, ringOf('wrong', pair.privateKey)));
    expect([error.code, error.message]).toEqual([
      'key-wrong',
      'orders.gpg is encrypted with OpenPGP, for a passphrase, and no key opens it (tried: the variable KEY_0, the variable KEY_1)',
    ]);
  });

  it('is truncated wherever it is cut after its first packet', async () => {
    const file = await toPair(randomBytes(6000));
    const borders = packetBorders(file).slice(1, -1);
    const [data = 0] = borders;
    const cuts = [
      ...borders,
      data + 1,
      data + 5,
      data + 30,
      data + 1100,
      file.length - 40,
      file.length - 17,
      file.length - 1,
    ];
    for (const cut of cuts)
      expect([cut, await codeOf(file.subarray(0, cut), ringOf(pair.privateKey))]).toEqual([cut, 'backup-truncated']);
  });

  it('is corrupt whichever byte of its data is changed', async () => {
    const file = await toPair(randomBytes(3000));
    const [, data = 0] = packetBorders(file);
    const first = file.readUInt8(data + 1) < 192 ? data + 2 : data + 3;
    for (let at = first + 5; at < file.length; at += 61) {
      if (at > first && (await codeOf(flipped(file, at), ringOf(pair.privateKey))) !== 'backup-corrupt')
        throw new Error(`byte ${at}`);
    }
    for (const at of [file.length - 1, file.length - 21, file.length - 22])
      expect(await codeOf(flipped(file, at), ringOf(pair.privateKey))).toBe('backup-corrupt');
  });

  it('never decrypts to something else, whichever byte of its header is changed', async () => {
    const file = await toPair(Buffer.from('rows'));
    const [, data = 0] = packetBorders(file);
    const seen = new Set<string>();
    for (let at = 0; at < data + 8; at += 1) {
      const changed = flipped(file, at, 1 << (at % 8));
      if (!openpgp.recognise(changed.subarray(0, 40))) continue;
      const outcome = await decrypt(changed, ringOf(pair.privateKey)).then(
        (content) => (content.toString() === 'rows' ? 'decrypted' : 'garbage'),
        (error: { code?: string; message: string }) => error.code ?? error.message,
      );
      seen.add(outcome);
    }
    for (const outcome of seen)
      expect(['key-wrong', 'backup-corrupt', 'backup-truncated', 'format-unsupported', 'decrypted']).toContain(outcome);
  });

  it('is corrupt when something follows it', async () => {
    const file = await toPair(Buffer.from('rows'));
    for (const more of [Buffer.alloc(1), file])
      expect(await codeOf(Buffer.concat([file, more]), ringOf(pair.privateKey))).toBe('backup-corrupt');
  });
});

describe('an OpenPGP message', () => {
  it('opens with any of several keys, for any of several recipients, hidden or not', async () => {
    for (const hidden of [false, true]) {
      const file = await sealed(Buffer.from('rows'), {
        to: [other.publicKey, pair.publicKey],
        passphrases: ['a passphrase'],
        hidden,
      });
      expect((await decrypt(file, ringOf('wrong', `${other.privateKey}\n${pair.privateKey}`))).toString()).toBe('rows');
      expect((await decrypt(file, ringOf(pair.privateKey))).toString()).toBe('rows');
      expect((await decrypt(file, ringOf('a passphrase'))).toString()).toBe('rows');
    }
  });

  it('says which key opened it', async () => {
    const used: string[] = [];
    const file = await sealed(Buffer.from('rows'), { to: [pair.publicKey], passphrases: ['a passphrase'] });
    for (const text of [pair.privateKey, 'a passphrase', 'wrong'])
      await decrypt(file, { ...ringOf(text), noteUse: (fingerprint) => used.push(fingerprint) }).catch(() => undefined);
    expect(used).toEqual([pair.publicKey.getFingerprint().toUpperCase(), 'passphrase']);
  });

  it('opens with a private key that a named passphrase protects', async () => {
    const locked = await newPair('correct horse');
    const file = await sealed(Buffer.from('rows'), { to: [locked.publicKey] });
    expect((await decrypt(file, ringOf('wrong', locked.privateKey, 'correct horse'))).toString()).toBe('rows');
    const error = await failure(decrypt(file, ringOf(locked.privateKey, 'wrong')));
    expect([error.code, error.details]).toEqual([
      'key-wrong',
      ['the variable KEY_0 is protected by a passphrase, and none that is named opens it'],
    ]);
  });

  it('is key-wrong, with the ids of its recipients and without showing the keys, when no key opens it', async () => {
    const file = await sealed(Buffer.from('rows'), { to: [other.publicKey] });
    const keys = [
      pair.privateKey,
      'a passphrase',
      other.publicKey.armor(),
      'two\nlines',
      'AGE-SECRET-KEY-1QQQ',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nabcd',
      '\uFFFD\u0001binary',
      pair.privateKey.replace(/[A-Za-z0-9]{20}/, '!'),
      pair.privateKey.slice(0, 200),
    ];
    const error = await failure(decrypt(file, ringOf(...keys)));
    const id = other.publicKey.subkeys[0]?.getKeyID().toHex().toUpperCase();
    expect(error.code).toBe('key-wrong');
    expect(error.message).toContain(`for the key ${id}, and no key opens it`);
    expect(error.details).toHaveLength(7);
    const said = JSON.stringify([error.message, error.hint, error.details, String(error.cause)]);
    for (const key of keys) expect(said).not.toContain(key.slice(0, 60));
  });

  it('says that a key is the right one when only its header is damaged', async () => {
    const file = await sealed(Buffer.from('rows'), { to: [pair.publicKey] });
    const [, data = 0] = packetBorders(file);
    const error = await failure(decrypt(flipped(file, data - 3), ringOf(pair.privateKey)));
    expect([error.code, error.details]).toEqual(['key-wrong', [expect.stringContaining('KEY_0 has the key, but')]]);
  });

  it('is corrupt when the beginning of its data was changed, though the key is right', async () => {
    const file = await sealed(randomBytes(100), { to: [pair.publicKey] });
    const [, data = 0] = packetBorders(file);
    expect(await codeOf(flipped(file, data + 2 + 5 + 17), ringOf(pair.privateKey))).toBe('backup-corrupt');
  });

  it('is unsupported without integrity protection, in EAX mode, and in ciphers that OpenSSL lacks', async () => {
    const { header, key } = simpleKey('correct horse');
    const old = Buffer.concat([header, cfbPacket(key, literal(Buffer.from('rows')), 9)]);
    const eax = await sealed(Buffer.from('rows'), {
      passphrases: ['correct horse'],
      config: { ...AEAD, preferredAEADAlgorithm: 1 },
    });
    const cast5 = Buffer.concat([packet(3, Buffer.from([4, 3, 0, 2])), cfbPacket(key, literal(Buffer.from('rows')))]);
    for (const [file, word] of [
      [old, 'integrity'],
      [eax, 'EAX'],
      [cast5, 'CAST5'],
    ] as const) {
      const error = await failure(decrypt(file, ringOf(pair.privateKey, 'correct horse')));
      expect([error.code, error.message.includes(word)]).toEqual(['format-unsupported', true]);
    }
  });
});

describe('the content of an OpenPGP message', () => {
  const { header, key } = simpleKey('correct horse');
  const around = (...inner: readonly Buffer[]) => Buffer.concat([header, cfbPacket(key, Buffer.concat(inner))]);
  const keys = ringOf('correct horse');
  const rows = Buffer.from('rows of the dump\n'.repeat(5000));
  const zip = (content: Buffer) => packet(8, Buffer.from([1]), deflateRawSync(content));

  it('is returned, compressed or not, signed or not, even in text mode', async () => {
    const zlib = packet(8, Buffer.from([2]), deflateSync(literal(rows)));
    const signed = [packet(4, Buffer.alloc(13)), literal(rows), packet(2, Buffer.alloc(70))];
    const marker = packet(10, Buffer.from('PGP'));
    for (const inner of [
      [literal(rows)],
      [zip(literal(rows))],
      [zlib],
      signed,
      [zip(Buffer.concat(signed))],
      [marker, literal(rows)],
    ])
      expect((await decrypt(around(...inner), keys)).equals(rows)).toBe(true);
    const text = Buffer.from(rows.toString().replaceAll('\n', '\r\n'));
    expect((await decrypt(around(literal(text, 't')), keys)).equals(rows)).toBe(true);
  });

  it('is corrupt when it is not one whole file', async () => {
    const cutZip = packet(8, Buffer.from([1]), deflateRawSync(literal(rows)).subarray(0, -5));
    const cutFile = zip(literal(rows).subarray(0, -5));
    const unknown = packet(8, Buffer.from([9]), literal(rows));
    const thrice = zip(zip(zip(literal(rows))));
    for (const inner of [
      [],
      [literal(rows), literal(rows)],
      [cutZip],
      [cutFile],
      [unknown],
      [thrice],
      [packet(19, rows)],
      [packet(10), packet(18)],
    ])
      expect(await codeOf(around(...inner), keys)).toMatch(/backup-corrupt|key-wrong/);
  });

  it('is checked to the end of the message when its compressed data ends earlier', async () => {
    const padded = packet(8, Buffer.from([1]), deflateRawSync(literal(rows)), Buffer.alloc(200_000));
    const file = around(padded);
    expect((await decrypt(file, keys)).equals(rows)).toBe(true);
    expect(await codeOf(flipped(file, file.length - 1), keys)).toBe('backup-corrupt');
    expect(await codeOf(file.subarray(0, -1), keys)).toBe('backup-truncated');
  });

  it('passes on an error of its input unchanged, and releases it when closed', async () => {
    const file = around(zip(literal(randomBytes(300_000))));
    const lost = new Error('the store is gone');
    const input = Readable.from(
      (async function* () {
        yield file.subarray(0, 200_000);
        throw lost;
      })(),
      { objectMode: false },
    );
    await expect(buffer(openpgp.open(input, { key: 'orders.gpg', keys }))).rejects.toBe(lost);
    const endless = new Readable({ read: () => undefined });
    const stream = openpgp.open(endless, { key: 'orders.gpg', keys });
    stream.resume();
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(endless.destroyed).toBe(true);
  });
});

describe('a message that GnuPG 2.4 wrote with OCB', () => {
  it('is decrypted with a key, and reported when it is cut or changed', async () => {
    const keys = ringOf(GNUPG_KEY);
    expect(openpgp.recognise(GNUPG_OCB.subarray(0, 40))).toBe(true);
    expect((await decrypt(GNUPG_OCB, keys)).toString()).toBe(GNUPG_TEXT);
    for (const back of [1, 16, 17, 40, 200]) {
      expect(await codeOf(GNUPG_OCB.subarray(0, -back), keys)).toBe('backup-truncated');
      expect(await codeOf(flipped(GNUPG_OCB, GNUPG_OCB.length - back), keys)).toBe('backup-corrupt');
    }
    expect(await codeOf(GNUPG_OCB, ringOf('wrong', pair.privateKey))).toBe('key-wrong');
  });

  it('is decrypted with a passphrase', async () => {
    expect(openpgp.recognise(GNUPG_OCB_PASSPHRASE.subarray(0, 40))).toBe(true);
    expect((await decrypt(GNUPG_OCB_PASSPHRASE, ringOf('correct horse'))).toString()).toBe(GNUPG_TEXT);
  });
});

describe('armor', () => {
  const { header, key } = simpleKey('correct horse');
  const file = armored(Buffer.concat([header, cfbPacket(key, literal(randomBytes(3000)))]));
  const keys = ringOf('correct horse');

  it('may have other line endings, no checksum, and white space after it', async () => {
    for (const text of [
      file.toString().replaceAll('\n', '\r\n'),
      file.toString().replace('=AAAA\n', ''),
      `${file}\r\n \n`,
    ])
      expect(await decrypt(Buffer.from(text), keys)).toHaveLength(3000);
  });

  it('is truncated when it is cut', async () => {
    for (const cut of [40, 60, 2000, file.length - 60, file.length - 29, file.length - 10, file.length - 2])
      expect([cut, await codeOf(file.subarray(0, cut), keys)]).toEqual([cut, 'backup-truncated']);
  });

  it('is corrupt when it is not base64, or has something after its end', async () => {
    const text = file.toString();
    for (const damaged of [
      text.replace(/\n\n(.{10})/, '\n\n$1!'),
      text.replace(/(.{64})\n(.)/, '$1\n!'),
      `${text}rows`,
      text.replace('END PGP', 'END AGE'),
    ])
      expect(await codeOf(Buffer.from(damaged), keys)).toBe('backup-corrupt');
  });
});

it('recognises messages by their first packet, and nothing else', () => {
  const isMessage = (hex: string) => {
    const first = Buffer.from(hex.padEnd(80, '0'), 'hex');
    if (hex.startsWith('8c0d')) first.writeUInt8(0xd2, 15); // the header of the encrypted data
    return openpgp.recognise(first);
  };
  // RSA in the old format with two-byte lengths; Curve25519 with one-byte lengths; a passphrase
  for (const hex of ['85018c03', '845e03', '8c0d04090308', 'c15e03', 'c340061a09020b03'].map((one) =>
    /^8[45]/.test(one) || one.startsWith('c1') ? `${one}000000000000000012` : one,
  ))
    expect([hex, isMessage(hex)]).toEqual([hex, true]);
  for (const text of [
    'SELECT 1;',
    '\u00C3\u00A9t\u00E9',
    '\u00C1\u0081\u0003',
    'PGDMP',
    '-----BEGIN PGP PUBLIC KEY BLOCK-----',
  ])
    expect([text, openpgp.recognise(Buffer.from(text.padEnd(40), 'latin1'))]).toEqual([text, false]);
  // In order: an impossible next packet, mode, fingerprint length and way to stretch the passphrase.
  for (const hex of ['8c0d04090309', 'c32e05090003', 'c34f0607', 'c32e050902ff'])
    expect([hex, openpgp.recognise(Buffer.from(hex.padEnd(80, '0'), 'hex'))]).toEqual([hex, false]);
});

describe('a header that demands a lot of work', () => {
  const data = Buffer.concat([Buffer.from([0xd2, 100, 1]), Buffer.alloc(99, 9)]);
  const header = (body: Buffer) => Buffer.concat([Buffer.from([0xc3, body.length]), body]);
  const iterated = (count: number) =>
    header(Buffer.concat([Buffer.from([4, 9, 3, 10]), Buffer.alloc(8, 7), Buffer.from([count])]));
  const argon2 = (passes: number, exponent: number) =>
    header(Buffer.concat([Buffer.from([4, 9, 4]), Buffer.alloc(16, 7), Buffer.from([passes, 1, exponent])]));
  const argon2InVersion6 = header(
    Buffer.concat([Buffer.from([6, 23, 9, 2, 20, 4]), Buffer.alloc(16, 7), Buffer.from([255, 1, 20])]),
  );

  it.each<[string, readonly Buffer[], RegExp]>([
    ['nine passphrases', Array.from({ length: 9 }, () => iterated(0)), /for 9 passphrases, where at most 8 are tried/],
    ['Argon2 with many passes', [argon2(60, 16)], /stretched over/],
    ['Argon2 in several packets', [argon2(3, 18), argon2(3, 18)], /stretched over/],
    ['Argon2 in version 6', [argon2InVersion6], /stretched over/],
  ])('is refused before any work is done: %s', async (_what, packets, message) => {
    const error = await failure(decrypt(Buffer.concat([...packets, data]), ringOf('correct horse')));
    expect(error.code).toBe('format-unsupported');
    expect(error.message).toMatch(message);
  });

  it('is accepted within the limits', async () => {
    const packets = Array.from({ length: 8 }, () => iterated(0));
    expect(await codeOf(Buffer.concat([...packets, data]), ringOf('correct horse'))).toBe('key-wrong');
  });
});
