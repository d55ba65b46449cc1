import { describe, expect, it } from 'vitest';
import { withoutReturns } from '../../../../src/engines/mysql/sql/line-ends.ts';
import { StatementSpool } from '../../../../src/engines/sql-dump/statement-spool.ts';

const without = (text: string) =>
  withoutReturns({ bytes: Buffer.from(text, 'latin1'), line: 7 }).bytes.toString('latin1');

describe('withoutReturns', () => {
  it.each([
    ['CREATE FUNCTION f()\r\nBEGIN\r\nRETURN 1;\r\nEND', 'CREATE FUNCTION f()\nBEGIN\nRETURN 1;\nEND'],
    ["SELECT 'a\r\nb', 'c\r\r\nd'", "SELECT 'a\nb', 'c\r\nd'"],
    ["SELECT 'a\rb'", "SELECT 'a\rb'"],
    ['SELECT 1', 'SELECT 1'],
    ["SELECT '\xe4\r\n\xff'", "SELECT '\xe4\n\xff'"],
  ])('turns %j into %j, as the client does', (text, expected) => {
    expect(without(text)).toBe(expected);
  });

  it('keeps the line number of a statement, and leaves a spooled statement unchanged', () => {
    using spool = new StatementSpool();
    const long = { bytes: Buffer.from('SELECT\r\n'), line: 3, spool };
    expect(withoutReturns(long)).toBe(long);
    expect(withoutReturns({ bytes: Buffer.from('a\r\n'), line: 3, file: 'x' })).toMatchObject({ line: 3, file: 'x' });
  });
});
