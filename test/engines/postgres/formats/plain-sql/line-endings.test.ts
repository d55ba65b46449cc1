import { describe, expect, it } from 'vitest';
import { changesValues } from '../../../../../src/engines/postgres/formats/plain-sql/line-endings.ts';

describe('carriage returns within values', () => {
  it.each([
    ["INSERT INTO t VALUES (1, 'a\r\nb')", true],
    ["INSERT INTO t VALUES\r\n\t(1, 'a'),\r\n\t(2, 'it''s\r\n')", true],
    ["INSERT INTO t VALUES\r\n\t(1, 'a'),\r\n\t(2, 'b')", false],
    ["INSERT INTO t VALUES (1, 'it''s'),\r\n(2, 'x')", false],
    ["COMMENT ON TABLE t IS 'a\r\nb'", false],
  ])('are detected in %j: %s', (statement, isChanged) => {
    expect(changesValues(Buffer.from(statement))).toBe(isChanged);
  });
});
