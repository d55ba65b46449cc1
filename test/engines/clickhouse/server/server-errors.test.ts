import { describe, expect, it } from 'vitest';
import { readColumns } from '../../../../src/engines/clickhouse/formats/export/load-file.ts';
import { createDatabases } from '../../../../src/engines/clickhouse/formats/parts/create-databases.ts';
import type { ClickHouseProgram } from '../../../../src/engines/clickhouse/server/program.ts';
import {
  ClickHouseError,
  programError,
  restoreError,
} from '../../../../src/engines/clickhouse/server/server-errors.ts';
import { verifyInventory } from '../../../../src/engines/clickhouse/server/verify-inventory.ts';

const never = new AbortController().signal;

describe('a ClickHouse error', () => {
  it('shows no text of a statement, which may contain a password', () => {
    const stderr =
      "Code: 62. DB::Exception: Syntax error: failed at position 90 ('DB') (line 3, col 5): PASSWORD 'hunter2' DB 'unclosed. Expected one of: token. (SYNTAX_ERROR)";
    const { message } = new ClickHouseError(stderr, 62);
    expect(message).toMatch(/^Syntax error: failed at position 90/);
    expect(message).not.toMatch(/hunter2|unclosed/);
  });

  it.each([
    "Code: 691. DB::Exception: Unknown element 'alice@example.com' for enum: while converting source column `'alice@example.com'`. (UNKNOWN_ELEMENT_OF_ENUM)",
    "Code: 6. DB::Exception: Cannot parse string 'O\\'alice@example.com' as UInt64: syntax error. (CANNOT_PARSE_TEXT)",
    'Code: 469. DB::Exception: Constraint `c` is violated at row 1. Expression: (x > 0). Column values: x = alice@example.com. (VIOLATED_CONSTRAINT)',
  ])('shows no value from a row: %s', (stderr) => {
    const { message } = new ClickHouseError(stderr, 1);
    expect(message).toContain('…');
    expect(message).not.toContain('alice');
  });

  it('is not blamed on the backup when the program was killed', () => {
    expect(restoreError(programError('', 137), 'nightly/')).toMatchObject({ code: 'out-of-memory' });
    expect(programError('Code: 40. DB::Exception: Checksum does not match', 40)).toBeInstanceOf(ClickHouseError);
  });
});

it('becomes a sentence with its code and a hint when creating databases or reading columns fails', async () => {
  const said = new ClickHouseError(
    'Code: 82. DB::Exception: Database shop is being dropped. (DATABASE_ALREADY_EXISTS)',
    82,
  );
  const ask = async () => Promise.reject(said);
  const program = { ask } as unknown as ClickHouseProgram;
  const context = { key: 'nightly/', signal: never };
  await expect(createDatabases(program, ['shop'], context)).rejects.toMatchObject({
    code: 'restore-failed',
    message: 'creating the databases from nightly/ failed (code 82): Database shop is being dropped.',
    hint: expect.stringContaining('--keep'),
  });
  await expect(readColumns(program, context)).rejects.toMatchObject({
    code: 'restore-failed',
    message: expect.stringMatching(/^reading the columns of the tables from nightly\/ failed \(code 82\)/),
  });
});

describe('the inventory of restored tables', () => {
  const HEAD = `${['database\tname\tengine\tpart\twhy', 'String\tString\tString\tString\tString'].join('\n')}\n`;
  const TABLES = `${HEAD}shop\torders\tMergeTree\t\t\n`;
  const ORDERS = { database: 'shop', table: 'orders', hasData: true };

  const verify = (stderr: string) => {
    const ask = async (sql: string): Promise<string> => {
      if (sql.includes('CHECK TABLE')) throw new ClickHouseError(stderr, 1);
      return sql.includes('SELECT count()') ? '0\n' : TABLES;
    };
    const program = { ask, checksParts: true } as unknown as ClickHouseProgram;
    return verifyInventory(program, [ORDERS], never);
  };

  it('fails when a table cannot be read', async () => {
    await expect(verify('Code: 33. DB::Exception: Cannot read all data')).rejects.toMatchObject({ code: 'wrong-data' });
  });

  it.each([
    ['memory', 'Code: 241. DB::Exception: Memory limit exceeded', 'out-of-memory'],
    ['disk', 'Code: 243. DB::Exception: Cannot reserve 1 MiB', 'disk-full'],
  ])('does not blame the backup when the sandbox lacks %s', async (_what, stderr, code) => {
    await expect(verify(stderr)).rejects.toMatchObject({ code });
  });

  it.each([
    ['clickhouse-local, in one query', true, 1],
    ['a server that lists them', false, 2],
  ])('fails when a part was set aside: %s', async (_what, checksParts, queries) => {
    const asked: string[] = [];
    const ask = async (sql: string): Promise<string> => {
      asked.push(sql);
      const detached = sql.includes('FROM system.detached_parts') ? 'shop\torders\t\t202601_1_1_0\tbroken\n' : '';
      if (sql.includes('FROM system.tables'))
        return `${TABLES}system\tdetached_parts\tSystemDetachedParts\t\t\n${detached}`;
      return detached === '' ? 'firedrill:\t["shop","orders"]\t1\n202601_2_2_0\t1\t\n' : `${HEAD}${detached}`;
    };
    const program = { ask, checksParts } as unknown as ClickHouseProgram;
    const error = await verifyInventory(program, [ORDERS], never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'wrong-data',
      details: ['shop.orders: part 202601_1_1_0 was set aside as broken'],
    });
    expect(asked.filter((sql) => sql.includes('system.'))).toHaveLength(queries);
  });
});
