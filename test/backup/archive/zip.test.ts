import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZipCrypto } from '../../../src/backup/archive/zip/zip-crypto.ts';
import { ageFor, newPair, ringOf } from '../decryption/age/age-files.ts';
import { memorySource } from '../memory-source.ts';
import { ENCRYPTED_ZIPS } from './encrypted-zips.ts';
import { openArchive, tarOf, unpack } from './open-archive.ts';
import { type ZipMember, zipOf } from './zip-files.ts';

const SQL = Buffer.from('CREATE TABLE orders (id int);\n');
const LARGE = Buffer.concat([SQL, randomBytes(900_000), randomBytes(900_000)]);
const dump = (more: Partial<ZipMember> = {}): ZipMember => ({ name: 'a.sql', content: SQL, ...more });

describe('a zip archive with one dump', () => {
  it.each<[string, Partial<ZipMember>]>([
    ['deflated', {}],
    ['stored', { stored: true }],
    ['with zip64 sizes', { zip64: true }],
    ['of a stream', { descriptor: 'narrow' }],
    ['of a stream, with wide sizes', { descriptor: 'wide' }],
    ['of a stream, without a signature', { descriptor: 'unsigned' }],
    ['stored, of a stream', { descriptor: 'narrow', stored: true }],
    ['stored, of a stream, with wide sizes', { descriptor: 'wide', stored: true }],
  ])('is read on every read: %s', async (_, how) => {
    expect(await unpack(zipOf([dump(how)]))).toBe(`${SQL} (zip member a.sql)`);
    const large = zipOf([dump({ content: LARGE, ...how }), { name: 'a.sql.sha256', content: Buffer.from('ab') }]);
    expect(await unpack(large)).toBe(`${LARGE.length} bytes (zip member a.sql)`);
  });

  it('does not end at the descriptor of an archive inside its content', async () => {
    const inner = zipOf([dump({ descriptor: 'narrow', stored: true })]);
    const stored = zipOf([dump({ content: Buffer.concat([SQL, inner]), stored: true, descriptor: 'narrow' })]);
    expect(await unpack(stored)).toBe(`${SQL.length + inner.length} bytes (zip member a.sql)`);
  });

  it('skips empty members, folders and files that do not begin like a dump', async () => {
    const members: ZipMember[] = [
      { name: 'dump/', content: Buffer.alloc(0), descriptor: 'narrow' },
      { name: 'dump/README.txt', content: Buffer.from('Restore:\nCREATE TABLE first\n') },
      { name: '__MACOSX/dump/._a.sql', content: Buffer.from('\0\0') },
      { name: 'dump/done', content: Buffer.alloc(0), descriptor: 'wide' },
      { name: 'dump/a.sql', content: SQL },
      { name: 'dump/a.sql.md5', content: Buffer.from('00'), descriptor: 'narrow' },
    ];
    expect(await unpack(zipOf(members))).toBe(`${SQL} (zip member dump/a.sql)`);
  });

  it('passes on its only file, whatever it is, so that it gets its own error', async () => {
    const page = { name: 'a.html', content: Buffer.from('<html>') };
    expect(await unpack(zipOf([page]))).toBe('<html> (zip member a.html)');
    expect(await unpack(zipOf([dump({ content: Buffer.alloc(0) })]))).toBe(
      'backup-empty: the backup a.dump unpacks (zip member a.sql) to 0 bytes',
    );
  });

  it('may be in and around other layers', async () => {
    const pair = await newPair();
    const inner = gzipSync(SQL);
    const stored = await ageFor([pair.recipient], zipOf([{ name: 'a.sql.gz', content: inner }]));
    expect(await unpack(stored, { keys: ringOf(pair.identity) })).toBe(
      `${SQL} (age around zip member a.sql.gz around gzip)`,
    );
    const nested = zipOf([{ name: 'a.tar', content: await tarOf([{ name: 'a.sql', content: SQL }]) }]);
    expect(await unpack(nested)).toBe(`${SQL} (zip member a.tar around tar member a.sql)`);
    expect(await unpack(zipOf([{ name: 'a.zip', content: nested }]))).toMatch(
      /^format-unsupported: a.dump is an archive in an archive in an archive /,
    );
  });

  it('is backup-empty when it holds folders only', async () => {
    const folders = zipOf([{ name: 'dump/', content: Buffer.alloc(0) }]);
    expect(await unpack(folders)).toBe('backup-empty: a.dump is a zip archive with no file in it');
  });
});

describe('a zip archive with several dumps', () => {
  const several = [dump(), dump({ name: 'x/b.sql', descriptor: 'narrow' }), dump({ name: 'y/b.sql', stored: true })];

  it('lists them when the drill names none', async () => {
    expect(await unpack(zipOf(several))).toBe(
      'format-unsupported: a.dump is a zip archive with 3 files that may be the dump: a.sql, x/b.sql, y/b.sql',
    );
    const many = Array.from({ length: 300 }, (_, index) => dump({ name: `${index}.sql` }));
    expect(await unpack(zipOf(many))).toMatch(/ with 300 files that may be the dump: 0.sql, .*, 9.sql and 290 more$/);
    const site = ['b.sql', 'web/logo.png', 'web/index.php', 'readme.txt', 'web/vendor/lib.tar.gz', 'nightly'];
    expect(await unpack(zipOf([dump(), ...site.map((name) => dump({ name }))]))).toMatch(
      / with 3 files that may be the dump: a.sql, b.sql, nightly$/,
    );
    expect(await unpack(zipOf([dump(), dump()]))).toMatch(/ with 2 files that may be the dump: a.sql, a.sql$/);
  });

  it.each([
    ['a.sql', 'a.sql'],
    ['*/b.sql', undefined],
    ['x/b.sql', 'x/b.sql'],
    ['./y/*', 'y/b.sql'],
    ['b.sql', undefined],
  ])('gives the one that matches the pattern %s', async (member, chosen) => {
    const said = await unpack(zipOf(several), { member });
    if (chosen === undefined)
      expect(said).toBe(
        `format-unsupported: a.dump is a zip archive with 2 files that match ${member}: x/b.sql, y/b.sql`,
      );
    else expect(said).toBe(`${SQL} (zip member ${chosen})`);
  });

  it('fails when none matches', async () => {
    expect(await unpack(zipOf(several), { member: 'orders.sql' })).toBe(
      'backup-missing: a.dump is a zip archive that holds nothing that matches orders.sql, but a.sql, x/b.sql, y/b.sql',
    );
    expect(await unpack(SQL, { member: 'a.sql' })).toMatch(
      /^format-unsupported: a.dump is neither a zip archive nor a tar/,
    );
  });

  it('is refused before it is read when its directory lists them', async () => {
    const large = (name: string) => dump({ name, content: Buffer.concat([SQL, randomBytes(6_000_000)]), stored: true });
    const text = { name: 'n/note.txt', content: Buffer.from('text') };
    const stored = zipOf([large('a.sql'), large('n/b.sql'), text], { comment: 'nightly' });
    const cases: readonly (readonly [string | undefined, string])[] = [
      [undefined, 'format-unsupported: a.dump is a zip archive with 2 files that may be the dump: a.sql, n/b.sql'],
      ['*.sql', 'format-unsupported: a.dump is a zip archive with 2 files that match *.sql: a.sql, n/b.sql'],
      [
        'c.sql',
        'backup-missing: a.dump is a zip archive that holds nothing that matches c.sql, but a.sql, n/b.sql, n/note.txt',
      ],
    ];
    for (const [member, said] of cases) {
      const { source, object, reads } = memorySource(stored);
      await expect(openArchive(source, object, member === undefined ? {} : { member })).rejects.toThrow(
        said.slice(said.indexOf(' ') + 1),
      );
      expect(reads.filter(({ start }) => start < 8_000_000).length).toBeLessThan(5);
      expect(await unpack(stored, member === undefined ? {} : { member })).toBe(said);
    }
    expect(await unpack(stored, { member: 'n/*.sql' })).toBe(`${SQL.length + 6_000_000} bytes (zip member n/b.sql)`);
    const damaged = Buffer.from(stored);
    damaged.fill(1, damaged.length - 40);
    expect(await unpack(damaged, { member: 'a.sql' })).toMatch(/^backup-(?:corrupt|truncated): /);
  });

  it('is reported as a directory dump when it holds one', async () => {
    const files = ['d/3571.dat.gz', 'd/3572.dat.gz', 'd/toc.dat'].map((name) =>
      dump({ name, content: Buffer.from('PGDMP\0') }),
    );
    expect(await unpack(zipOf(files))).toMatch(/^format-unsupported: a.dump is a zip archive of a directory dump/);
  });
});

describe('a zip archive that is not supported', () => {
  it.each<[string, Partial<ZipMember>, string]>([
    ['strong encryption', { flags: 0x41 }, 'encrypted with a method that is not supported'],
    ['an unknown kind of AES', { flags: 1, method: 99 }, 'encrypted with a method that is not supported'],
    ['Deflate64', { method: 9 }, 'compressed with Deflate64'],
    ['zstd of a stream', { method: 93, descriptor: 'narrow' }, 'compressed with zstd, of unknown length'],
    ['an unknown method', { method: 77 }, 'compressed by method 77'],
  ])('says why: %s', async (_, how, said) => {
    expect(await unpack(zipOf([dump(how)]))).toBe(
      `format-unsupported: a.dump is a zip archive in which a.sql is ${said}, which Firedrill does not read`,
    );
    if (how.descriptor) return;
    expect(await unpack(zipOf([dump({ name: 'b.sql', ...how }), dump()]), { member: 'a.sql' })).toBe(
      `${SQL} (zip member a.sql)`,
    );
  });
});

describe('an encrypted zip archive', () => {
  const byName = Object.entries(ENCRYPTED_ZIPS).map(([name, base64]) => [name, Buffer.from(base64, 'base64')] as const);

  it.each(byName)('of %s is opened by the password among the keys', async (_, stored) => {
    const used: string[] = [];
    const keys = { ...ringOf('wrong', 'secret', 'other'), noteUse: (fingerprint: string) => used.push(fingerprint) };
    expect(await unpack(stored, { keys })).toBe(`${SQL} (zip member a.sql)`);
    expect(used).toEqual(['passphrase', 'passphrase']);
    expect(await unpack(stored, { keys: ringOf('wrong', 'Secret') })).toMatch(
      /^key-wrong: none of the keys is the password of the zip archive a.dump \(tried: /,
    );
    expect(await unpack(stored)).toMatch(/^backup-encrypted: a.dump is encrypted with (?:the AES|a password) of zip/);
    expect(await unpack(stored.subarray(0, 60), { keys })).toMatch(/^backup-truncated: a.dump: /);
  });

  it.each(byName.filter(([name]) => /aes/i.test(name)))(
    'of %s is backup-corrupt when a byte was changed',
    async (_, stored) => {
      const start = 30 + stored.readUInt16LE(26) + stored.readUInt16LE(28);
      for (const at of [start + 18, start + 20, start + 30, start + 46]) {
        const bytes = Buffer.from(stored);
        bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
        expect(await unpack(bytes, { keys: ringOf('secret') })).toMatch(/^backup-corrupt: a.dump: .* a.sql: /);
      }
    },
  );
});

describe('a zip archive that checks its password by a single byte', () => {
  const zip = (name: keyof typeof ENCRYPTED_ZIPS) => Buffer.from(ENCRYPTED_ZIPS[name], 'base64');
  /** A wrong password that passes the check byte of `stored`. */
  function passingPassword(stored: Buffer): string {
    const at = 30 + stored.readUInt16LE(26) + stored.readUInt16LE(28);
    const last = (stored.readUInt16LE(6) & 8) !== 0 ? stored.readUInt16LE(10) >>> 8 : stored.readUInt8(17);
    for (let time = 0; time < 20_000; time += 1) {
      const cipher = new ZipCrypto(Buffer.from(`old ${time}`));
      if (cipher.decrypt(stored.subarray(at, at + 12)).at(-1) === last) return `old ${time}`;
    }
    throw new Error('no password passes');
  }

  it.each(['zip -P', 'zip -P to a pipe', 'zip -0 -P', '7z -mem=ZipCrypto'] as const)(
    '(%s) is opened with the right password among several that pass, and is key-wrong with only a wrong one',
    async (name) => {
      const stored = zip(name);
      const wrong = passingPassword(stored);
      for (const keys of [ringOf(wrong, 'secret'), ringOf('secret', wrong)])
        expect(await unpack(stored, { keys })).toBe(`${SQL} (zip member a.sql)`);
      expect(await unpack(stored, { keys: ringOf(wrong) })).toMatch(/^key-wrong: /);
    },
  );

  it('is backup-corrupt when it was changed after a beginning that proves the password', async () => {
    const stored = zip('zip -0 -P');
    const at = 30 + stored.readUInt16LE(26) + stored.readUInt16LE(28) + 12 + 29;
    stored.writeUInt8(stored.readUInt8(at) ^ 1, at);
    expect(await unpack(stored, { keys: ringOf('secret') })).toMatch(/^backup-corrupt: a.dump: .* a.sql: /);
  });
});

describe('a damaged zip archive', () => {
  const whole = zipOf([dump({ content: LARGE }), dump({ name: 'note.txt', content: Buffer.from('text') })], {
    comment: 'x',
  });

  it('is backup-truncated wherever it is cut', async () => {
    for (const end of [
      31,
      1000,
      1_000_000,
      whole.indexOf('PK\u0001\u0002', 'latin1'),
      whole.length - 23,
      whole.length - 1,
    ])
      expect(await unpack(whole.subarray(0, end))).toMatch(
        /^backup-truncated: a.dump: .* zip data, after [\d,]+ bytes$/,
      );
  });

  it.each([100, 900_000, 1_800_000])('is backup-corrupt when the byte at %i was flipped', async (at) => {
    for (const stored of [false, true]) {
      const bytes = Buffer.from(zipOf([dump({ content: LARGE, stored })]));
      bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
      expect(await unpack(bytes)).toMatch(/^backup-corrupt: a.dump: the zip data of the backup is damaged .* a.sql: /);
    }
  });

  it.each<[string, Buffer]>([
    ['a checksum', zipOf([dump({ claims: { crc: 1 } })])],
    ['a size that is too large', zipOf([dump({ claims: { sizeBytes: 9999 } })])],
    ['a size that is too small', zipOf([dump({ content: Buffer.alloc(50_000_000), claims: { sizeBytes: 1024 } })])],
    ['a descriptor', zipOf([dump({ descriptor: 'wide', claims: { crc: 1 } })])],
    [
      'a directory that lists fewer',
      zipOf([dump(), dump({ name: 'note.txt', content: Buffer.from('x') })], { listed: 1 }),
    ],
    [
      'a directory of others',
      Buffer.concat([zipOf([dump()]).subarray(0, 30 + 5 + 31), zipOf([dump({ name: 'b.sql' })]).subarray(66)]),
    ],
    ['another archive behind it', Buffer.concat([zipOf([dump()]), zipOf([dump()])])],
  ])('is backup-corrupt with the wrong %s', async (_, stored) => {
    expect(await unpack(stored)).toMatch(/^backup-corrupt: a.dump: the zip data of the backup is damaged/);
  });
});

describe('a zip archive whose directory is read first', () => {
  it('passes on an error of the store that occurs meanwhile', async () => {
    const stored = zipOf([dump({ content: randomBytes(9_000_000), stored: true, descriptor: 'narrow' })]);
    const lost = new Error('the store is gone');
    const tailAsked = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<void>();
    const { source, object } = memorySource(stored, {
      beforeRead: async ({ start, end }) => {
        if (end === stored.length && end - start < 1_000_000) {
          tailAsked.resolve();
          await failed.promise;
        } else if (start > 4_000_000) {
          await tailAsked.promise;
          setImmediate(failed.resolve);
          throw lost;
        }
      },
    });
    await expect(openArchive(source, object)).rejects.toBe(lost);
  });
});
