import { describe, expect, it } from 'vitest';
import { mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { quoteAccount } from '../../../../src/engines/mysql/server/accounts.ts';
import { readCell } from '../../../../src/engines/mysql/server/cells.ts';
import { checkError } from '../../../../src/engines/mysql/server/check-errors.ts';
import { quoteGrantDatabase } from '../../../../src/engines/mysql/server/quoting.ts';
import { isDiskFull, withoutValues } from '../../../../src/engines/mysql/server/server-errors.ts';

const DATETIME = { type: 12, characterSet: 63 };

describe('a value of the text protocol', () => {
  it.each([
    ['2026-01-02 03:04:05', new Date('2026-01-02T03:04:05Z')],
    ['2026-01-02 03:04:05.999999', new Date('2026-01-02T03:04:05.999Z')],
    ['0001-01-01 00:00:00', new Date('0001-01-01T00:00:00Z')],
    ['9999-12-31 23:59:59.9', new Date('9999-12-31T23:59:59.900Z')],
    ['0000-00-00 00:00:00', '0000-00-00 00:00:00'],
    ['2026-00-00 00:00:00', '2026-00-00 00:00:00'],
    ['2026-02-31 00:00:00', '2026-02-31 00:00:00'],
  ])('becomes an instant or stays text: %s', (text, value) => {
    expect(readCell(Buffer.from(text), DATETIME)).toEqual(value);
  });

  it('keeps every digit and every bit', () => {
    const read = (type: number, bytes: Buffer | string, characterSet = 63) =>
      readCell(Buffer.from(bytes), { type, characterSet });
    expect(read(8, '18446744073709551615')).toBe(18446744073709551615n);
    expect(read(3, '00042')).toBe(42);
    expect(read(246, '0.10')).toBe('0.10');
    expect(read(5, '1.7976931348623157e308')).toBe(1.7976931348623157e308);
    expect(read(16, Buffer.from([1]))).toBe(1);
    expect(read(16, Buffer.alloc(8, 0xff))).toBe(18446744073709551615n);
    expect(read(252, Buffer.from([0, 0xab]))).toBe('0x00AB');
    expect(read(252, 'ä', 45)).toBe('ä');
    expect(read(245, '"ä"')).toBe('"ä"');
    expect(readCell(null, DATETIME)).toBeNull();
  });
});

describe('an error of the server', () => {
  it.each([
    ["Duplicate entry 'o'brien' for x' for key 'customer.email'", "Duplicate entry '…' for key 'customer.email'"],
    [
      "Incorrect integer value: 'secret' for column `shop`.`a`.`n` at row 1",
      "Incorrect integer value: '…' for column `shop`.`a`.`n` at row 1",
    ],
    ["Truncated incorrect DOUBLE value: '4111 1111'", "Truncated incorrect DOUBLE value: '…'"],
    [
      "Incorrect datetime value: 'for x' for column 'at' at row 9",
      "Incorrect datetime value: '…' for column 'at' at row 9",
    ],
    ["BIGINT value is out of range in '(`a` + 77)'", "BIGINT value is out of range in '…'"],
    ["Table 'shop.value' doesn't exist", "Table 'shop.value' doesn't exist"],
    ["Unknown column 'value' in 'field list'", "Unknown column 'value' in 'field list'"],
    ["Data too long for column 'entry' at row 3", "Data too long for column 'entry' at row 3"],
  ])('is reported without values: %s', (message, told) => {
    expect(withoutValues(message)).toBe(told);
  });

  it.each([
    [1114, "The table 'a' is full", 'disk-full'],
    [1030, 'Got error 28 "No space left on device" from storage engine InnoDB', 'disk-full'],
    [1038, 'Out of sort memory', 'out-of-memory'],
    [1194, "Table 'a' is marked as crashed and should be repaired", 'wrong-data'],
    [1030, 'Got error 1877 "Unknown error 1877" from storage engine InnoDB', 'wrong-data'],
    [1356, "View 'shop.v' references invalid table(s)", 'wrong-data'],
    [1792, 'Cannot execute statement in a READ ONLY transaction.', 'check-malformed'],
    [1969, 'Query execution was interrupted (max_statement_time exceeded)', 'check-malformed'],
  ])('%d is attributed to its cause', (errno, message, code) => {
    const error = Object.assign(new Error(message), { errno, sqlState: 'HY000' });
    const query = { sql: 'SELECT 1', flavor: mariadbFlavor, version: '11.8.6', timeoutMs: 1000, tookMs: 3 };
    expect(checkError(error, { ...query, holderOf: () => 'check' }).code).toBe(code);
    expect(isDiskFull(error)).toBe(code === 'disk-full');
  });
});

describe('a server’s banner', () => {
  it('identifies the product, whatever its programs are called', () => {
    expect(mysqlFlavor.isOwnBanner('mysqld  Ver 10.11.19-MariaDB-0+deb12u1')).toBe(false);
    expect(mariadbFlavor.isOwnBanner('mysqld  Ver 10.11.19-MariaDB-0+deb12u1')).toBe(true);
  });
});

describe('an escaped name', () => {
  it('matches only itself', () => {
    expect(quoteGrantDatabase('my_db%`x')).toBe('`my\\_db\\%``x`');
    expect(quoteAccount({ user: "o'b\\", host: '%' })).toBe("'o''b\\\\'@'%'");
  });
});
