import { expect, test } from 'vitest';
import { isNamedAsDump, mayBeDump } from '../../../src/backup/archive/member-rules.ts';
import { isSideFile } from '../../../src/backup/selection/side-files.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';

test.each(['nightly(1-checksums.txt', 'x)-SHA256SUMS', 'a[b_md5sums', '+?*\\-sha1sums'])(
  'reads %j as a name, not as a pattern',
  (name) => {
    expect(isSideFile(name, '*', new Set([name]))).toBe(true);
    expect(isSideFile(name, name, new Set([name]))).toBe(false);
  },
);

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
