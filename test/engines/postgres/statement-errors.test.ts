import { expect, it } from 'vitest';
import { excerptOf } from '../../../src/engines/postgres/statement-errors.ts';

it.each([
  [
    "ALTER ROLE app WITH LOGIN PASSWORD 'SCRAM-SHA-256$4096:x' VALID UNTIL 'infinity'",
    "ALTER ROLE app WITH LOGIN PASSWORD '…' VALID UNTIL '…' …",
  ],
  [
    "CREATE USER MAPPING FOR app SERVER s OPTIONS (password 'it''s', \"user\" 'u')",
    `CREATE USER MAPPING FOR app SERVER s OPTIONS (password '…', "user" '…') …`,
  ],
  ["CREATE SUBSCRIPTION s CONNECTION 'host=db password=hunter2", "CREATE SUBSCRIPTION s CONNECTION '…' …"],
])('quotes no secrets of %j', (statement, excerpt) => {
  expect(excerptOf(Buffer.from(statement))).toBe(excerpt);
});

it('quotes other statements as they are', () => {
  expect(excerptOf(Buffer.from("COMMENT ON TABLE t IS 'orders'"))).toBe("COMMENT ON TABLE t IS 'orders'");
});
