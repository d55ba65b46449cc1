import { expect, it } from 'vitest';
import { ChecksumReport } from '../../../../src/engines/postgres/server/page-checksums.ts';

const failed = (file: string, block: number) =>
  `pg_checksums: error: checksum verification failed in file "/data/${file}", block ${block}: calculated checksum 14A7 but block contains DA43`;

it('reads which pages are damaged, and counts those that it does not name', () => {
  const report = new ChecksumReport('/data');
  for (let block = 0; block < 60; block += 1) report.readLine(failed('base/5/1259', block));
  report.readLine('pg_checksums: error: could not read block 7 in file "/data/base/5/1247.1": read 5000 of 8192');
  report.end({ exitCode: 1, stdout: 'Files scanned:   12\nBlocks scanned:  345\nBad checksums:  60\n' });
  const { pages, bad, badCount } = report.found;
  expect([pages, badCount, bad.length, bad[0]]).toEqual([345, 61, 50, 'page 0 of base/5/1259']);
});

it('treats a file that ends within a page as damage, and any other error as the harness’s own', () => {
  const cut = new ChecksumReport('/data');
  cut.readLine('pg_checksums: error: could not read block 7 in file "/data/base/5/1247.1": read 5000 of 8192');
  cut.end({ exitCode: 1, stdout: '' });
  expect(cut.found.bad).toEqual(['page 7 of base/5/1247.1, which ends in it']);
  const broken = new ChecksumReport('/data');
  broken.readLine('pg_checksums: error: could not open file "/data/global/pg_control": Permission denied');
  expect(() => broken.end({ exitCode: 1, stdout: '' })).toThrow(/exit code 1: .*Permission denied/);
});
