import { describe, expect, it } from 'vitest';
import { InnochecksumReport } from '../../../../src/engines/mysql/server/page-checksums.ts';

function read(...lines: readonly string[]): InnochecksumReport {
  const report = new InnochecksumReport('/drill/data', 8192);
  for (const line of lines) report.readLine(line);
  return report;
}

describe('InnochecksumReport', () => {
  it('counts the pages of undamaged files', () => {
    expect(read('FILE 16384 /drill/data/ibdata1', 'FILE 8193 /drill/data/shop/orders.ibd').found).toEqual({
      pages: 4,
      bad: [],
      badCount: 0,
    });
  });

  it('names every damaged page and its file', () => {
    const { found } = read(
      'FILE 16384 /drill/data/ibdata1',
      'FILE 81920 /drill/data/shop/orders.ibd',
      'Fail: page::4 invalid',
      'Fail: page::7 invalid',
      'FAILED 1',
    );
    expect(found).toMatchObject({ badCount: 2, bad: ['page 4 of shop/orders.ibd', 'page 7 of shop/orders.ibd'] });
  });

  it('reports a file that the program cannot read as damaged', () => {
    const { found } = read('FILE 100 /drill/data/shop/a.ibd', 'Error: unable to read page', 'FAILED 1');
    expect(found).toMatchObject({ badCount: 1, bad: ['a page of shop/a.ibd (Error: unable to read page)'] });
  });

  it('ignores the doublewrite buffer, which holds pages of other files', () => {
    const { found } = read(
      'FILE 8192000 /drill/data/ibdata1',
      ...[127, 128, 383, 384].map((page) => `Fail: page::${page} invalid`),
    );
    expect(found.bad).toEqual(['page 127 of ibdata1', 'page 384 of ibdata1']);
  });

  it('names at most 50 pages', () => {
    const pages = Array.from({ length: 80 }, (_, page) => `Fail: page::${page} invalid`);
    const { bad, badCount } = read('FILE 8192000 /drill/data/shop/a.ibd', ...pages).found;
    expect([bad.length, badCount]).toEqual([50, 80]);
  });
});
