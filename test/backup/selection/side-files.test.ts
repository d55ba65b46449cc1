import { expect, test } from 'vitest';
import { isNamedAsDump, mayBeDump } from '../../../src/backup/archive/member-rules.ts';
import { listsChecksumOf } from '../../../src/backup/checksums/checksum-names.ts';
import { isSideFile } from '../../../src/backup/selection/side-files.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';

test.each(['nightly(1-checksums.txt', 'x)-SHA256SUMS', 'a[b_md5sums', '+?*\\-sha1sums'])(
  'reads %j as a name, not as a pattern',
  (name) => {
    expect(isSideFile(name, '*', new Set([name]))).toBe(true);
    expect(isSideFile(name, name, new Set([name]))).toBe(false);
  },
);

test.each([
  ...['orders.sql.gz.sha256', 'orders.sql.gz-md5', 'orders.sql.gz_sha512.txt', 'orders.sql.gz.checksum', 'orders.sha1'],
  ...['orders.sql.gz.hash', 'orders.sql.gz-digest.txt', 'orders.sql.gz.sums', 'SHA256SUMS', 'SHASUMS', 'shasum.txt'],
  ...['orders-MD5SUMS', 'checksums', 'nightly.checksum.txt', 'checksums.sha256', 'checksum.md5.txt'],
])('never takes %j for a backup, and compares the backup with it', (name) => {
  expect(isSideFile(name, '*', new Set([name, 'orders.sql.gz']))).toBe(true);
  expect(isSideFile(`daily/${name}`, '**', new Set([`daily/${name}`, 'daily/orders.sql.gz']))).toBe(true);
  expect(listsChecksumOf(name, 'orders.sql.gz')).toBeDefined();
});

test.each([`a${'.asc'.repeat(9000)}`, `a${'.vol1+1'.repeat(9000)}`, `orders${'-'.repeat(40_000)}.sql`])(
  'classifies a name of 36 kB without slow pattern matching',
  (name) => {
    const spentMs = cpuMsOf(() => {
      expect(isSideFile(name, '*', new Set())).toBe(true);
      expect(mayBeDump(name, Buffer.from([1]))).toBe(false);
      expect(isNamedAsDump(name)).toBe(false);
    });
    expect(spentMs).toBeLessThan(1000);
  },
);

test('ignores any number of signature suffixes', () => {
  expect(isSideFile(`a.sha256${'.asc'.repeat(900)}`, '*.sha', new Set())).toBe(true);
  expect(isSideFile(`a.dump${'.gpg'.repeat(900)}`, '*', new Set())).toBe(false);
});
