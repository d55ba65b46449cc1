import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseChecksums } from '../../../src/backup/checksums/parse-checksums.ts';

const SUM = createHash('sha256').update('a').digest('hex');
const MD5 = createHash('md5').update('a').digest('hex');

function parse(text: string | Buffer): readonly unknown[] | undefined {
  return parseChecksums(Buffer.from(text))?.map(({ algorithm, digest, path }) => [algorithm, digest, path]);
}

describe('a checksum file', () => {
  it.each([
    ['sha256sum', `${SUM}  orders.sql.gz\n`, 'orders.sql.gz'],
    ['sha256sum --binary', `${SUM} *orders.sql.gz\n`, 'orders.sql.gz'],
    ['sha256sum of a name with a line end', `\\${SUM}  a\\nb\\\\c\n`, 'a\nb\\c'],
    ['a script with one space', `${SUM} orders.sql.gz`, 'orders.sql.gz'],
    ['Windows line ends', `${SUM}  orders 1.sql.gz\r\n`, 'orders 1.sql.gz'],
    ['upper case', `${SUM.toUpperCase()}  orders.sql.gz`, 'orders.sql.gz'],
    ['BSD', `SHA256 (orders (1).sql.gz) = ${SUM}\n`, 'orders (1).sql.gz'],
    ['OpenSSL 1', `SHA256(orders.sql.gz)= ${SUM}\n`, 'orders.sql.gz'],
    ['OpenSSL 3', `SHA2-256(orders.sql.gz)= ${SUM}\n`, 'orders.sql.gz'],
    [
      'PowerShell',
      `\nAlgorithm  Hash  Path\n---------  ----  ----\nSHA256  ${SUM}  C:\\b\\orders.bak\n`,
      'C:\\b\\orders.bak',
    ],
    ['the checksum alone', `${SUM}\n`, undefined],
    ['certutil', `SHA256 hash of orders.bak:\r\n${SUM}\r\nCertUtil: -hashfile command completed.\r\n`, undefined],
    ['a comment before it', `# made by backup.sh\n${SUM}  orders.sql.gz\n`, 'orders.sql.gz'],
  ])('is read as written by %s', (_, text, path) => {
    expect(parse(text)).toEqual([['sha256', SUM, path]]);
  });

  it('is read in UTF-16, as PowerShell 5 redirects it, and with a byte order mark', () => {
    const line = `\ufeff${SUM}  orders.bak`;
    for (const bytes of [Buffer.from(line, 'utf16le'), Buffer.from(line, 'utf8')])
      expect(parse(bytes)).toEqual([['sha256', SUM, 'orders.bak']]);
  });

  it('tells algorithms by length, and skips those that it does not know', () => {
    const text = `${MD5}  a\n${SUM}  b\nSHA3-256 (c) = ${SUM}\nBLAKE2b (d) = ${SUM}${SUM}\n${'0'.repeat(50)}  e\n`;
    expect(parse(text)).toEqual([
      ['md5', MD5, 'a'],
      ['sha256', SUM, 'b'],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a page', '<html><body>504 Gateway Time-out</body></html>'],
    ['an error', 'sha256sum: orders.sql.gz: No such file or directory\n'],
    ['zeros', Buffer.alloc(1000)],
    ['a line without end', `${SUM}  ${'x'.repeat(1_000_000)}`],
  ])('lists no checksum if it is %s', (_, text) => {
    expect(parse(text)).toBeUndefined();
  });

  it.each(['(', ')=a', 'a'.repeat(31), ' ', ') = ', `${SUM} `])(
    'made of %j is read without much backtracking',
    (piece) => {
      const line = piece.repeat(8000 / piece.length);
      expect(() => parse(`SHA256 ${line}\n${line}\n`.repeat(64))).not.toThrow();
    },
  );
});
