import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { never } from '../../contracts/source-contract.ts';
import { memorySource } from '../memory-source.ts';
import { openArchive, tarOf, unpack } from './open-archive.ts';

const SQL = Buffer.from('CREATE TABLE orders (id int);\n');
const LARGE = Buffer.concat([SQL, randomBytes(900_000)]);

describe('a tar', () => {
  it('with one dump is read, ignoring members that do not begin like one', async () => {
    const members = [
      { name: './', type: 'directory' as const },
      { name: './README', content: 'Restore with psql.\n' },
      { name: './shop.sql.gz', content: gzipSync(LARGE) },
      { name: './SHA256SUMS', content: 'ab  shop.sql.gz\n' },
      { name: './latest.sql', type: 'symlink' as const, linkname: '/etc/passwd' },
    ];
    expect(await unpack(await tarOf(members))).toBe(`${LARGE.length} bytes (tar member shop.sql.gz around gzip)`);
    expect(await unpack(gzipSync(await tarOf(members)))).toMatch(/\(gzip around tar member shop.sql.gz around gzip\)$/);
  });

  it('with several dumps requires one to be named', async () => {
    const several = gzipSync(
      await tarOf([
        { name: 'a.dump', content: LARGE },
        { name: 'b/b.sql', content: SQL },
        { name: 'notes', content: SQL },
      ]),
    );
    expect(await unpack(several)).toBe(
      'format-unsupported: a.dump is a tar with 3 files that may be the dump: a.dump, b/b.sql, notes',
    );
    expect(await unpack(several, { member: 'b.sql' })).toBe(`${SQL} (gzip around tar member b/b.sql)`);
  });

  it.each([
    ['a pg_dump tar', ['toc.dat', '3571.dat', 'restore.sql']],
    ['a packed pg_dump directory', ['dump/3571.dat.gz', 'dump/toc.dat']],
    ['a data directory', ['data/PG_VERSION', 'data/base/1/1259']],
    [
      'a data directory that begins with something else',
      [...Array(40).keys(), 'ibdata1'].map((name) => `data/${name}`),
    ],
    ['a packed mydumper directory', ['d/metadata', 'd/shop-schema-create.sql', 'd/shop.a-schema.sql']],
    ['a dump by mysqldump --tab', ['a.sql', 'a.txt']],
  ])('that is a single backup is left as it is: %s', async (_, names) => {
    const stored = await tarOf(names.map((name) => ({ name, content: randomBytes(600) })));
    expect(await unpack(stored)).toBe(`${stored.length} bytes`);
  });

  it('reports that the named member is a link, or stored in an unsupported way', async () => {
    const link = await tarOf([{ name: 'a.sql', type: 'symlink', linkname: 'b.sql' }]);
    for (const opening of [{}, { member: 'a.sql' }])
      expect(await unpack(link, opening)).toBe(
        'format-unsupported: a.dump is a tar in which a.sql is a link, not a file',
      );
    const sparse = await tarOf([{ name: 'GNUSparseFile.1/a.sql', content: SQL, pax: { 'GNU.sparse.name': 'a.sql' } }]);
    expect(await unpack(sparse)).toMatch(/^format-unsupported: a.dump is a tar in which a.sql is not a plain file/);
  });

  it('of GNU sparse files is not mistaken for the archive of another dump', async () => {
    const bytes = await tarOf([
      { name: 'a.sql', content: LARGE },
      { name: 'b.sql', content: SQL },
    ]);
    bytes.write('S', 156, 'latin1');
    const sum = bytes.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(await unpack(bytes)).toMatch(/^format-unsupported: a.dump is a tar in which a.sql is not a plain file/);
    expect(await unpack(bytes, { member: 'b.sql' })).toBe(`${SQL} (tar member b.sql)`);
  });

  it('that is damaged or cut is reported as such, however it is wrapped', async () => {
    const whole = await tarOf([
      { name: 'a.sql', content: LARGE },
      { name: 'README', content: 'text' },
    ]);
    expect(await unpack(whole.subarray(0, 500_000))).toMatch(/^backup-truncated: a.dump: .* tar data/);
    const bytes = Buffer.from(whole);
    bytes.writeUInt8(1, 512 + Math.ceil(LARGE.length / 512) * 512 + 3);
    expect(await unpack(bytes)).toMatch(/^backup-corrupt: a.dump: the tar data .* no member begins where one has to$/);
    const zipped = gzipSync(whole);
    expect(await unpack(zipped.subarray(0, zipped.length - 1000))).toMatch(/^backup-truncated: a.dump: .* gzip data/);
  });

  it.each(['../../etc/cron.d/a.sql', '/etc/a.sql', 'C:\\dumps\\a.sql', 'a\u001b[2J\u202e.sql'])(
    'with the hostile name %j is read, and the name is shown safely',
    async (name) => {
      const said = await unpack(await tarOf([{ name, content: SQL }]));
      expect(['\u001b', '\u202e'].some((control) => said.includes(control))).toBe(false);
    },
  );

  it('passes on errors of the store, and blames the tar only for its own damage', async () => {
    const stored = await tarOf([{ name: 'a.sql', content: randomBytes(12_000_000) }]);
    const lost = new Error('the store closed the stream early');
    const fails = memorySource(stored, {
      beforeRead: async ({ end }) => {
        if (end > 9_000_000) throw lost;
      },
    });
    const reading = openArchive(fails.source, fails.object, { member: 'a.sql' }).then((content) =>
      buffer(content.stream(never())),
    );
    await expect(reading).rejects.toBe(lost);
    const damaged = Buffer.concat([
      await tarOf([{ name: 'a.sql', content: SQL }]).then((tar) => tar.subarray(0, 1024)),
      randomBytes(2048),
    ]);
    expect(await unpack(damaged, { member: 'b.sql' })).toMatch(/^backup-corrupt: /);
  });
});
