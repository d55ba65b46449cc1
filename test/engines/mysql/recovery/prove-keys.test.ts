import { expect, it } from 'vitest';
import { type KeyFile, parseKeyFile, readKeyFiles } from '../../../../src/engines/mysql/recovery/key-files.ts';
import { chooseKeyFile, cryptOffset, readCryptData } from '../../../../src/engines/mysql/recovery/prove-keys.ts';

const RIGHT = '# of db1\n\n1;a7addd9adea9978fda19f21e6be987880e68ac92632ca052e5bb42b1a506939a\n';
const WRONG = '1;b7addd9adea9978fda19f21e6be987880e68ac92632ca052e5bb42b1a506939a';

/** Page 3 of a table with `encrypted=yes`, as written by real servers. */
const RECORDED = {
  aes_cbc: {
    server: '11.8.9',
    space: 8,
    crypt: '730e0c5245740110b029d78d549cfebc9718c1020ba54ab60000000100000001',
    head: '0000000100000003ffffffffffffffff000000000001d12345bf245a85651141a73e0318d63e72871310',
  },
  aes_ctr: {
    server: '10.11.18',
    space: 5,
    crypt: '730e0c52457401105a9e86c53ccf95ce1b186f09a95e136d0000000100000001',
    head: '0000000100000003ffffffffffffffff000000000001d10f45bf8eeb3a203f235a3eeb54830920e09788',
  },
} as const;

function fileOf(name: string, text: string): KeyFile {
  return { key: { name, text }, keys: parseKeyFile(text) ?? new Map() };
}

function sampleOf({ space, crypt, head }: (typeof RECORDED)[keyof typeof RECORDED], file = 'shop/secrets.ibd') {
  const data = readCryptData(Buffer.from(crypt, 'hex'));
  if (!data) throw new TypeError('no such data');
  return { file, ...data, space, page: 3, head: Buffer.from(head, 'hex') };
}

it.each(['aes_cbc', 'aes_ctr'] as const)(
  'identifies the right key file and its encryption algorithm from a page: %s',
  (algorithm) => {
    const samples = [sampleOf(RECORDED[algorithm])];
    const [right, wrong] = [fileOf('the file keys', RIGHT), fileOf('the file old', WRONG)];
    expect(chooseKeyFile([wrong, right], samples)).toEqual({ file: right, algorithm });
    expect(chooseKeyFile([wrong], samples)).toEqual({ unopened: 'shop/secrets.ibd' });
    expect(chooseKeyFile([fileOf('of another number', RIGHT.replace('1;', '2;'))], samples)).toEqual({
      unopened: 'shop/secrets.ibd',
    });
  },
);

it('names the table that a key file cannot open when it opens others', () => {
  const samples = [sampleOf(RECORDED.aes_cbc), { ...sampleOf(RECORDED.aes_cbc, 'shop/b.ibd'), keyNumber: 7 }];
  expect(chooseKeyFile([fileOf('the file keys', RIGHT)], samples)).toEqual({ unopened: 'shop/b.ibd' });
});

it('finds a tablespace’s encryption data after the descriptors of its extents', () => {
  expect([4096, 8192, 16_384].map(cryptOffset)).toEqual([1596, 3772, 10_428]);
});

it.each([
  ['CRLF, comments and lines of spaces', `# of db1\r\n  \r\n1;${'ab'.repeat(32)}\r\n`, { 1: 32 }],
  ['a comment behind a key', `1;${'ab'.repeat(16)} # main\n2;${'cd'.repeat(24)};old\n`, { 1: 16, 2: 24 }],
  ['spaces before a number, and no end of line', `  7;${'AB'.repeat(32)}`, { 7: 32 }],
  ['a number twice, of which the last counts', `1;${'ab'.repeat(16)}\n1;${'ab'.repeat(24)}\n`, { 1: 24 }],
])('reads a key file with %s, as the server does', (_what, text, lengths) => {
  const keys = [...(parseKeyFile(text) ?? [])].map(([number, key]) => [number, key.length]);
  expect(Object.fromEntries(keys)).toEqual(lengths);
});

it.each([
  `1 ;${'ab'.repeat(16)}`,
  `1; ${'ab'.repeat(16)}`,
  `1;${'ab'.repeat(17)}`,
  `1;${'ab'.repeat(32)}a`,
  `4294967296;${'ab'.repeat(16)}`,
  `1;${'ab'.repeat(16)}\nfoo`,
])('refuses key files that the server refuses: %j', (text) => {
  expect(parseKeyFile(text)).toBeUndefined();
});

it('does not mistake a passphrase, identity or encrypted key file for a key file', async () => {
  for (const text of ['', '# nothing', 'correct horse', 'AGE-SECRET-KEY-1QQ', '0;00', '1;abcd', `Salted__${RIGHT}`])
    expect(parseKeyFile(text)).toBeUndefined();
  const keys = [{ name: 'the variable AGE', text: 'AGE-SECRET-KEY-1QQ' }, fileOf('the file keys', RIGHT).key];
  const ring = { isEmpty: false, read: async () => keys, noteUse: () => undefined };
  expect((await readKeyFiles(ring)).map(({ key }) => key.name)).toEqual(['the file keys']);
});
