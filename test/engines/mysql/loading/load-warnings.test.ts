import { describe, expect, it } from 'vitest';
import { readWarnings, type WarningRow } from '../../../../src/engines/mysql/loading/load-warnings.ts';
import { emptyLiterals } from '../../../../src/engines/mysql/sql/empty-literals.ts';

const warning = (code: number, message: string): WarningRow => ['Warning', String(code), message];

describe('warnings of a loading statement', () => {
  it.each<[string, WarningRow, string | undefined]>([
    ['out of range', warning(1264, "Out of range value for column 'id' at row 2"), 'id'],
    ['cut', warning(1265, "Data truncated for column 'Composer' at row 1674"), 'Composer'],
    ['bytes that are not text', warning(1366, "Incorrect string value: '\\xE9x' for column 'a' at row 1"), 'a'],
    ['the same in MariaDB', warning(1366, "Incorrect string value: '\\xE9' for column `w`.`t`.`a` at row 1"), 'a'],
    ['an invalid date', warning(1292, "Incorrect datetime value: 'x' for column 'at' at row 1"), 'at'],
    ['too long', warning(1406, "Data too long for column 'v' at row 1"), 'v'],
    ['NULL', warning(1048, "Column 'n' cannot be null"), 'n'],
    ['a row that IGNORE skipped', warning(1452, 'Cannot add or update a child row'), undefined],
  ])('report a changed value: %s', (_what, row, column) => {
    expect(readWarnings([row], true)).toEqual([expect.objectContaining({ kind: 'changed-value', column })]);
  });

  it.each<[string, WarningRow]>([
    ['a note', ['Note', '1265', "Data truncated for column 'price' at row 1"]],
    ['an expression', warning(1292, "Truncated incorrect INTEGER value: 'abc'")],
    ['bytes in a BLOB', warning(1300, "Invalid utf8mb4 character string: 'E978'")],
    ['a deprecation', warning(1287, "'utf8mb3' is deprecated")],
  ])('are harmless: %s', (_what, row) => {
    expect(readWarnings([row], true)).toEqual([]);
  });

  it('report text in a definition that is not in its character set', () => {
    expect(readWarnings([warning(1300, "Invalid utf8mb4 character string: 'E9'")], false)).toEqual([
      expect.objectContaining({ kind: 'changed-value', what: 'text was changed' }),
    ]);
  });

  it('are reported even after thousands that do not matter', () => {
    const rows = [
      ...Array.from({ length: 5000 }, () => warning(1300, "Invalid utf8mb4 character string: 'E9'")),
      warning(1062, "Duplicate entry '1' for key 'PRIMARY'"),
      warning(1366, "Incorrect string value: '\\xE9' for column 'a' at row 9"),
      warning(1366, "Incorrect string value: '\\xE9' for column 'a' at row 10"),
    ];
    expect(readWarnings(rows, true).map(({ kind }) => kind)).toEqual([
      'already-there',
      'changed-value',
      'changed-value',
    ]);
  });

  it('identify the rows in which a value is an empty string', () => {
    const insert = Buffer.from("INSERT INTO `t` VALUES (1,'','a'),(2,'(\\'','') ,(3,\"\",_binary ''),(4,NULL,'x')");
    expect([emptyLiterals(insert, 1), emptyLiterals(insert, 2)]).toEqual([new Set([1, 3]), new Set([2, 3])]);
  });
});
