import { expect, it } from 'vitest';
import { estimateDiskBytes } from '../../src/daemon/estimate-disk.ts';

it.each([
  ['what earlier runs measured plus 20 %', { sizeBytes: 100e6, key: 'a.dump', expansion: 10 }, 1.2e9],
  [
    'twelve times the size of a compressed backup without history, plus the server’s own files',
    { sizeBytes: 221e6, key: 'a.sql.gz', expansion: undefined },
    3.652e9,
  ],
  [
    'three times the size of plain SQL without history',
    { sizeBytes: 1.6e9, key: 'night/A.SQL', expansion: undefined },
    5.8e9,
  ],
  ['unknown for a backup that was not read yet', { sizeBytes: undefined, expansion: 10 }, undefined],
])('estimates the disk use of a restore as %s', (_what, backup, expected) => {
  expect(estimateDiskBytes(backup)).toBe(expected);
});

it('estimates the measured restore of a compressed 211 MiB dump, 2.4 GB, without history', () => {
  expect(estimateDiskBytes({ sizeBytes: 211 * 2 ** 20, expansion: undefined })).toBeGreaterThan(2.4e9);
});
