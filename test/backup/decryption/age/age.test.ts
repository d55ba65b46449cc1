import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { generateHybridIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { age } from '../../../../src/backup/decryption/age/age.ts';
import type { KeyRing } from '../../../../src/backup/layer.ts';
import { failure } from '../../../contracts/source-contract.ts';
import { ageFor, ageWith, armored, CHUNK, inPieces, newPair, type Pair, payloadAt, ringOf } from './age-files.ts';

let pair: Pair;
let other: Pair;
beforeAll(async () => {
  pair = await newPair();
  other = await newPair();
});

function decrypt(file: Buffer, keys: KeyRing, pieceBytes = 65_536): Promise<Buffer> {
  return buffer(age.open(inPieces(file, pieceBytes), { key: 'orders.age', keys }));
}

const ringOfPair = () => ringOf(pair.identity);

describe('an age file', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 2 * 65_536, 300_000])('of %i bytes is decrypted', async (size) => {
    const content = randomBytes(size);
    const file = await ageFor([pair.recipient], content);
    expect(age.recognise(file.subarray(0, 40))).toBe(true);
    expect((await decrypt(file, ringOfPair())).equals(content)).toBe(true);
  });

  it.each([1, 7, 1000, 65_552, 1_000_000])('is decrypted in chunks of %i bytes', async (pieceBytes) => {
    const content = randomBytes(Math.min(140_000, pieceBytes * 2000));
    for (const file of [await ageFor([pair.recipient], content)].flatMap((one) => [one, armored(one)]))
      expect((await decrypt(file, ringOfPair(), pieceBytes)).equals(content)).toBe(true);
  });

  it('opens with any of several keys, for any of several recipients', async () => {
    const file = await ageFor([other.recipient, pair.recipient], Buffer.from('rows'));
    expect((await decrypt(file, ringOf('a passphrase', pair.identity))).toString()).toBe('rows');
    const identityFile = `# created: 2026-01-01\n# public key: ${pair.recipient}\n\n${(await newPair()).identity}\r\n${pair.identity}\n`;
    expect((await decrypt(file, ringOf(identityFile))).toString()).toBe('rows');
  });

  it('says which key opened it, by its public half, before any content', async () => {
    const opened = async (file: Buffer, ...keys: readonly string[]) => {
      const used: string[] = [];
      const ring = { ...ringOf(...keys), noteUse: (fingerprint: string) => used.push(fingerprint) };
      const content = age.open(inPieces(file, 65_536), { key: 'orders.age', keys: ring });
      for await (const _ of content) if (used.length === 0) throw new Error('content came before its key was known');
      return used;
    };
    const file = await ageFor([pair.recipient], Buffer.from('rows'));
    expect(await opened(file, 'correct horse', other.identity, pair.identity)).toEqual([pair.recipient]);
    const symmetric = await ageWith('correct horse', Buffer.from('rows'));
    expect(await opened(symmetric, pair.identity, 'wrong horse', 'correct horse')).toEqual(['passphrase']);
    const hybrid = await generateHybridIdentity();
    const [used] = await opened(await ageFor([await identityToRecipient(hybrid)], Buffer.from('rows')), hybrid);
    expect(used).toMatch(/^age1pq1\w{25}…\w{16}$/);
  });

  it('opens with a passphrase', async () => {
    const file = await ageWith('correct horse', Buffer.from('rows'));
    expect((await decrypt(file, ringOf(pair.identity, 'correct horse'))).toString()).toBe('rows');
    const error = await failure(decrypt(file, ringOf('correct horse ')));
    expect(error.code).toBe('key-wrong');
    expect(error.message).toContain('a passphrase');
  });

  it('is refused with a passphrase that needs gigabytes of memory', async () => {
    const file = await ageWith('correct horse', Buffer.from('rows'));
    const costly = Buffer.from(file.toString('latin1').replace(/(-> scrypt \S+) 4/, '$1 21'), 'latin1');
    expect((await failure(decrypt(costly, ringOf('correct horse')))).code).toBe('format-unsupported');
  });

  it('is key-wrong, without showing the keys, when no key opens it', async () => {
    const file = await ageFor([other.recipient], Buffer.from('rows'));
    const broken = `${pair.identity.slice(0, -1)}${pair.identity.endsWith('Q') ? 'P' : 'Q'}`;
    const keys = [pair.identity, 'a passphrase', broken, 'AGE-PLUGIN-YUBIKEY-1QQQ', 'two\nlines', other.recipient];
    const error = await failure(decrypt(file, ringOf(...keys)));
    expect(error.code).toBe('key-wrong');
    expect(error.message).toContain('orders.age');
    expect(error.message).toContain('the variable KEY_0');
    expect(error.details).toHaveLength(4);
    const said = JSON.stringify([error.message, error.hint, error.details, String(error.cause)]);
    for (const key of keys) expect(said).not.toContain(key);
  });

  it('is unsupported when it uses unknown recipient types', async () => {
    const file = await ageFor([pair.recipient], Buffer.from('rows'));
    const header = file.toString('latin1').replace('-> X25519', '-> ssh-ed25519 abcd');
    const error = await failure(decrypt(Buffer.from(header, 'latin1'), ringOfPair()));
    expect(error.code).toBe('format-unsupported');
    expect(error.message).toContain('ssh-ed25519');
    const later = Buffer.from(file.toString('latin1').replace('/v1', '/v2'), 'latin1');
    expect((await failure(decrypt(later, ringOfPair()))).code).toBe('format-unsupported');
  });

  it.each([
    ['the MAC', (file: Buffer) => file.indexOf('\n--- ') + 10],
    ['the nonce', (file: Buffer) => payloadAt(file) - 3],
    ['the first chunk', (file: Buffer) => payloadAt(file) + 100],
    ['a tag', (file: Buffer) => payloadAt(file) + CHUNK - 1],
    ['a chunk in the middle', (file: Buffer) => payloadAt(file) + CHUNK + 40_000],
  ])('is corrupt when %s is damaged', async (_what, at) => {
    const file = await ageFor([pair.recipient], randomBytes(200_000));
    file.writeUInt8((file[at(file)] ?? 0) ^ 1, at(file));
    const error = await failure(decrypt(file, ringOfPair()));
    expect(error.code).toBe('backup-corrupt');
    expect(error.message).toMatch(/^orders\.age: .* byte \d/);
  });

  it('is corrupt when its last, full chunk is damaged', async () => {
    const file = await ageFor([pair.recipient], randomBytes(2 * 65_536));
    file.writeUInt8((file[file.length - 1] ?? 0) ^ 1, file.length - 1);
    expect((await failure(decrypt(file, ringOfPair()))).code).toBe('backup-corrupt');
  });

  it('is corrupt when chunks are swapped, duplicated or missing', async () => {
    const file = await ageFor([pair.recipient], randomBytes(4 * 65_536));
    const at = payloadAt(file);
    const chunk = (index: number) => file.subarray(at + index * CHUNK, at + (index + 1) * CHUNK);
    const head = file.subarray(0, at);
    for (const order of [
      [1, 0, 2, 3],
      [0, 0, 1, 2, 3],
      [0, 2, 3],
      [0, 1, 2, 3, 3],
    ]) {
      const error = await failure(decrypt(Buffer.concat([head, ...order.map(chunk)]), ringOfPair()));
      expect(error.code).toBe('backup-corrupt');
    }
  });

  it('is corrupt when its line endings were changed', async () => {
    const file = await ageFor([pair.recipient], randomBytes(1000));
    const changed = Buffer.from(file.toString('latin1').replaceAll('\n', '\r\n'), 'latin1');
    expect((await failure(decrypt(changed, ringOfPair()))).code).toBe('backup-corrupt');
  });

  it('is truncated wherever it is cut, even between two chunks', async () => {
    const content = randomBytes(3 * 65_536);
    const file = await ageFor([pair.recipient], content);
    const at = payloadAt(file);
    const cuts = [
      30,
      at - 30,
      at - 10,
      at,
      at + 5,
      at + 1000,
      at + CHUNK - 1,
      at + CHUNK,
      at + CHUNK + 8,
      at + 2 * CHUNK,
    ];
    for (const cut of [...cuts, file.length - 1]) {
      const error = await failure(decrypt(file.subarray(0, cut), ringOfPair()));
      expect([cut, error.code]).toEqual([cut, 'backup-truncated']);
    }
  });

  it('returns no byte of a chunk that fails authentication', async () => {
    const content = randomBytes(4 * 65_536);
    const file = await ageFor([pair.recipient], content);
    const damaged = payloadAt(file) + 2 * CHUNK + 5;
    file.writeUInt8((file[damaged] ?? 0) ^ 1, damaged);
    const stream = age.open(inPieces(file, 65_536), { key: 'orders.age', keys: ringOfPair() });
    const got: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => got.push(chunk));
    await failure(new Promise((_resolve, reject) => stream.once('error', reject)));
    expect(Buffer.concat(got).equals(content.subarray(0, 2 * 65_536))).toBe(true);
  });

  it('passes on an error of its input unchanged, and releases it when closed', async () => {
    const file = await ageFor([pair.recipient], randomBytes(200_000));
    const lost = new Error('the store is gone');
    const input = Readable.from(
      (async function* () {
        yield file.subarray(0, 100_000);
        throw lost;
      })(),
      { objectMode: false },
    );
    await expect(buffer(age.open(input, { key: 'orders.age', keys: ringOfPair() }))).rejects.toBe(lost);
    const endless = new Readable({ read: () => undefined });
    const stream = age.open(endless, { key: 'orders.age', keys: ringOfPair() });
    stream.resume();
    stream.destroy();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(endless.destroyed).toBe(true);
  });
});

describe('an armored age file', () => {
  const armoredFile = async (size: number) => armored(await ageFor([pair.recipient], randomBytes(size)));

  it('may have trailing whitespace and other line endings', async () => {
    const file = (await armoredFile(1000)).toString().replaceAll('\n', '\r\n');
    expect(age.recognise(Buffer.from(file.slice(0, 40)))).toBe(true);
    expect(await decrypt(Buffer.from(`${file}\r\n \n`), ringOfPair())).toHaveLength(1000);
  });

  it('is truncated when it is cut, even in its last line', async () => {
    const file = await armoredFile(100_000);
    for (const cut of [60, 5000, file.length - 60, file.length - 20, file.length - 2]) {
      const error = await failure(decrypt(file.subarray(0, cut), ringOfPair()));
      expect([cut, error.code]).toEqual([cut, 'backup-truncated']);
    }
  });

  it('is corrupt when it is not base64, or has something after its end', async () => {
    const file = (await armoredFile(1000)).toString();
    for (const damaged of [file.replace(/\n(.)/, '\n!'), `${file}\nrows`, file.replace('END AGE', 'END PGP')])
      expect((await failure(decrypt(Buffer.from(damaged), ringOfPair()))).code).toBe('backup-corrupt');
  });
});
