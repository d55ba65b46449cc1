import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { databasus } from '../../../../src/backup/decryption/databasus/databasus.ts';
import type { KeyRing } from '../../../../src/backup/layer.ts';
import { failure } from '../../../contracts/source-contract.ts';
import { inPieces, ringOf } from '../age/age-files.ts';
import { databasusFile } from './databasus-files.ts';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const NAME = `shop-20261127-030000-${ID}`;
const SECRET = 'f3a9c1d2-secret-key';

function decrypt(file: Buffer, keys: KeyRing = ringOf(SECRET), key = NAME, pieceBytes = 65_536): Promise<Buffer> {
  return buffer(databasus.open(inPieces(file, pieceBytes), { key, keys }));
}

describe('a backup encrypted by Databasus', () => {
  it.each([1, 2 ** 20, 2 ** 20 + 1, 3_000_000])('of %i bytes is decrypted', async (size) => {
    const content = randomBytes(size);
    const file = databasusFile(SECRET, ID, content);
    expect(databasus.recognise(file.subarray(0, 40))).toBe(true);
    expect((await decrypt(file)).equals(content)).toBe(true);
    expect(
      (await decrypt(file, ringOf('another', `${SECRET}\n`), `backups/${ID.toUpperCase()}`, 7001)).equals(content),
    ).toBe(true);
  });

  it('says that a secret key opened it, and reveals nothing about that key', async () => {
    const used: string[] = [];
    const ring = { ...ringOf(SECRET), noteUse: (fingerprint: string) => used.push(fingerprint) };
    await decrypt(databasusFile(SECRET, ID, Buffer.from('rows')), ring);
    expect(used).toEqual(['passphrase']);
  });

  it.each([
    ['another secret key', 'key-wrong', SECRET.slice(1), NAME],
    ['another id in its name', 'key-wrong', SECRET, NAME.replace('550e', '550f')],
    ['no id in its name', 'format-unsupported', SECRET, 'shop.dump'],
  ])('is refused with %s as %s, without showing the key', async (_what, code, secret, name) => {
    const error = await failure(decrypt(databasusFile(SECRET, ID, Buffer.from('rows')), ringOf(secret), name));
    expect(error.code).toBe(code);
    expect(error.message).toContain(name);
    expect([error.message, error.hint, ...error.details].join()).not.toContain(secret);
  });

  it('is truncated wherever it is cut within a chunk or its header', async () => {
    const file = databasusFile(SECRET, ID, randomBytes(300), 100);
    for (const end of [9, 63, 64, 66, 70, 64 + 119, 64 + 121, file.length - 1])
      expect([end, (await failure(decrypt(file.subarray(0, end)))).code]).toEqual([end, 'backup-truncated']);
  });

  it('is corrupt when a later chunk was changed, swapped, or has an impossible length', async () => {
    const file = databasusFile(SECRET, ID, randomBytes(300), 100);
    const chunk = (index: number) => file.subarray(64 + index * 120, 64 + (index + 1) * 120);
    const changed = Buffer.from(file);
    changed.writeUInt8(changed.readUInt8(250) ^ 1, 250);
    const swapped = Buffer.concat([file.subarray(0, 64), chunk(0), chunk(2), chunk(1)]);
    const long = Buffer.from(file);
    long.writeUInt32BE(2 ** 31, 64 + 120);
    for (const damaged of [changed, swapped, long])
      expect((await failure(decrypt(damaged))).code).toBe('backup-corrupt');
  });
});
