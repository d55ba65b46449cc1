import { expect, test } from 'vitest';
import { findPassword } from '../../src/support/password-file.ts';

const WANTED = { host: 'db1', port: '5432', database: 'shop', user: 'reader' };

test.each([
  ['db1:5432:shop:reader:secret', 'secret'],
  ['# db1:5432:shop:reader:no\ndb2:*:*:*:other\n*:*:*:reader:s\\:e\\\\c\r\n*:*:*:*:later', 's:e\\c'],
  ['db1:5433:*:*:no\ndb1:5432:*:writer:no', undefined],
  ['', undefined],
])('finds the password in the first line that matches: %j', (text, password) => {
  expect(findPassword(text, WANTED)).toBe(password);
});
