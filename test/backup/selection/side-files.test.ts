import { expect, test } from 'vitest';
import { isSideFile } from '../../../src/backup/selection/side-files.ts';

test.each(['nightly(1-checksums.txt', 'x)-SHA256SUMS', 'a[b_md5sums', '+?*\\-sha1sums'])(
  'reads %j as a name, not as a pattern',
  (name) => {
    expect(isSideFile(name, '*', new Set([name]))).toBe(true);
    expect(isSideFile(name, name, new Set([name]))).toBe(false);
  },
);
