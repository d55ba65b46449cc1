import { expect, it } from 'vitest';
import type { RecoverSpec } from '../../src/config/drill-file.ts';
import { estimateDiskBytes, estimateLogBytes } from '../../src/daemon/estimate-disk.ts';

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
  ['that and its log', { sizeBytes: 100e6, key: 'base/', expansion: 10, logBytes: 3e8 }, 1.5e9],
  ['unknown for a backup that was not read yet', { sizeBytes: undefined, expansion: 10 }, undefined],
])('estimates the disk use of a restore as %s', (_what, backup, expected) => {
  expect(estimateDiskBytes(backup)).toBe(expected);
});

it('estimates the measured restore of a compressed 211 MiB dump, 2.4 GB, without history', () => {
  expect(estimateDiskBytes({ sizeBytes: 211 * 2 ** 20, expansion: undefined })).toBeGreaterThan(2.4e9);
});

it.each([
  ['none where none was ever fetched', undefined, undefined, undefined],
  ['all of a short log', 3e8, undefined, 3e8],
  ['what a replay needs ahead of it', 40e9, { to: { kind: 'latest' } }, 1e9],
  [
    'all of a log that is searched first',
    40e9,
    { to: { kind: 'before', event: 'drop-table', object: undefined } },
    40e9,
  ],
  ['all of a log that an instant is drawn from', 40e9, { to: { kind: 'random', withinMs: 1000 } }, 40e9],
] satisfies [string, number | undefined, RecoverSpec | undefined, number | undefined][])(
  'estimates the disk use of a log as %s',
  (_what, fetchedBytes, recover, expected) => {
    expect(estimateLogBytes(fetchedBytes, recover)).toBe(expected);
  },
);
