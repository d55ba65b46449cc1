import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readBeginnings } from '../../../src/backup/selection/beginnings.ts';
import { tarOf } from '../archive/open-archive.ts';

it('does not take a tar part that begins with a member for a copy, unless it is the first member again', async () => {
  const toc = await tarOf([{ name: 'toc.dat', content: 'PGDMP' }]);
  const member = await tarOf([{ name: '3571.dat', content: '1' }]);
  const middle = Buffer.from('9f3a77c1', 'hex');
  expect(readBeginnings([toc, toc], true)).toBe('copies');
  expect(readBeginnings([toc, member], true)).toBeUndefined();
  expect(readBeginnings([toc, gzipSync('1')], true)).toBeUndefined();
  expect(readBeginnings([toc, middle], true)).toBe('parts');
});
