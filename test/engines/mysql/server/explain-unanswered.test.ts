import { expect, it } from 'vitest';
import { explainUnanswered } from '../../../../src/engines/mysql/server/explain-unanswered.ts';

it.each([
  [1030, 'Got error 194 "Tablespace is missing for a table" from storage engine InnoDB', 'missing-part'],
  [1932, "Table 'shop.ghost' doesn't exist in engine", 'missing-part'],
  [29, "File './shop/old.MYD' not found (Errcode: 2)", 'missing-part'],
  [1286, "Unknown storage engine 'ROCKSDB'", 'storage-engine-missing'],
  [1286, "Unknown storage engine 'xy\u0001z'", 'missing-part'],
  [1296, 'Got error 192 "Table encrypted but decryption failed" from InnoDB', 'keyring-missing'],
  [3185, "Can't find master key from keyring, please check in the server log", 'keyring-missing'],
])('determines why a table cannot be read: %i %s', (number, why, kind) => {
  const finding = explainUnanswered({ name: 'shop.orders', number, why });
  expect(finding).toMatchObject({ kind, text: expect.stringMatching(/^shop\.orders cannot be opened: /) });
});

it('fails the backup when a table returns none of the rows that it counts', () => {
  const finding = explainUnanswered({
    name: 'shop.old',
    why: 'its index file counts 3 rows, and its data file has none',
  });
  expect(finding).toEqual({
    kind: 'missing-part',
    text: expect.stringMatching(/^shop\.old cannot be read: its index/),
  });
});

it('explains how to drill the other tables when one keeps its rows on another server', () => {
  const { hint } = explainUnanswered({ name: 'shop.far', number: 1286, why: "Unknown storage engine 'FEDERATED'" });
  expect(hint).toMatch(/rows on other servers.*ignoreErrors/);
});
