import { expect, it } from 'vitest';
import { asStoreError } from '../../../src/record/sqlite/sqlite-errors.ts';

it.each([
  ['locked', { errcode: 5 }, 'store-failed', true],
  ['locked, with an extended code', { errcode: 5 | (1 << 8) }, 'store-failed', true],
  ['an input error', { errcode: 10 }, 'store-failed', true],
  ['full', { errcode: 13 }, 'disk-full', true],
  ['over its quota', { code: 'EDQUOT' }, 'disk-full', true],
  ['no right', { errcode: 3 }, 'store-failed', false],
  ['read-only', { code: 'EROFS' }, 'store-failed', false],
  ['damaged', { errcode: 11 }, 'store-failed', false],
  ['not a database file', { errcode: 26 }, 'store-failed', false],
  ['a constraint', { errcode: 19 }, 'store-failed', false],
])('classifies a store error as temporary or permanent: %s', (_what, fields, code, mayPass) => {
  expect(asStoreError(Object.assign(new Error('thrown'), fields), '/var/history.sqlite')).toMatchObject({
    code,
    mayPass,
  });
});
