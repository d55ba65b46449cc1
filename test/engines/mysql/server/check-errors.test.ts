import { describe, expect, it } from 'vitest';
import { mariadbFlavor, mysqlFlavor } from '../../../../src/engines/mysql/flavor.ts';
import { type AskedQuery, checkError } from '../../../../src/engines/mysql/server/check-errors.ts';
import { missingRightIn } from '../../../../src/engines/mysql/server/missing-rights.ts';

const refusal = (errno: number, message: string) => Object.assign(new Error(message), { errno, sqlState: 'HY000' });
const query = (changes: Partial<AskedQuery> = {}): AskedQuery => ({
  ...{ sql: 'SELECT 1', flavor: mysqlFlavor, version: '9.7.4', timeoutMs: 5000, tookMs: 20 },
  holderOf: () => 'check',
  ...changes,
});

describe('a check that the server stopped', () => {
  const interrupted = refusal(1317, 'Query execution was interrupted');
  const late = 'the check did not finish within 5.0 s';
  const killed = 'the check was ended by a KILL, not by its timeout';

  it.each([
    [refusal(3024, 'Query execution was interrupted, maximum statement execution time exceeded'), 20, late],
    [interrupted, 20, killed],
    [interrupted, 5000, late],
    [refusal(1028, 'Sort aborted: Query execution was interrupted'), 20, killed],
    [refusal(1028, 'Sort aborted: Query execution was interrupted (max_statement_time exceeded)'), 20, late],
  ])('is reported as a timeout only when its time was up: %s after %d ms', (error, tookMs, message) => {
    expect(checkError(error, query({ tookMs }))).toMatchObject({ code: 'check-malformed', message });
  });

  it('is not matched to MySQL’s time limit on MariaDB, or to MariaDB’s on MySQL', () => {
    const limit = refusal(1969, 'Query execution was interrupted (max_statement_time exceeded)');
    expect(checkError(limit, query({ flavor: mariadbFlavor })).message).toBe(late);
    expect(checkError(limit, query()).message).not.toBe(late);
  });
});

describe('a missing privilege', () => {
  const denied = "command denied to user 'app'@'10.%' for";

  it.each([
    [1142, `SELECT ${denied} table 'user'`, 'SELECT on user'],
    [1142, `SELECT ${denied} table \`mysql\`.\`user\``, 'SELECT on mysql.user'],
    [1142, `SELECT, LOCK TABLES ${denied} table 't'`, 'SELECT, LOCK TABLES on t'],
    [1143, `SELECT ${denied} column 'price' in table 'item'`, 'SELECT (price) on item'],
    [1370, `execute ${denied} routine 'shop.total'`, 'EXECUTE on shop.total'],
    [1370, `alter routine ${denied} routine 'shop.total'`, 'ALTER ROUTINE on shop.total'],
    [
      1227,
      'Access denied; you need (at least one of) the SUPER, REPLICATION CLIENT privilege(s) for this operation',
      'SUPER or REPLICATION CLIENT',
    ],
    [1227, 'Access denied; you need the PROCESS privilege for this operation', undefined],
    [1044, "Access denied for user 'app'@'10.%' to database 'other'", 'rights in the database other'],
    [
      1345,
      'EXPLAIN/SHOW can not be issued; lacking privileges for underlying table',
      'SELECT and SHOW VIEW on the tables of the view',
    ],
    [1146, "Table 'shop.SELECT command denied' doesn't exist", undefined],
  ])('is reported as it would be granted: %d %s', (errno, message, right) => {
    expect(missingRightIn(refusal(errno, message))?.right).toBe(right);
  });

  it.each([
    ['check', 'check-malformed', 'the check is not allowed to do that: it needs EXECUTE on shop.total'],
    ['restored', 'wrong-data', 'app@10.%, which a view or routine of the backup runs as, lacks EXECUTE on shop.total'],
    [
      'made-by-drill',
      'check-malformed',
      'app@10.%, made for the drill because the backup has no such account, lacks EXECUTE on shop.total',
    ],
  ] as const)('is blamed on the account that lacks it: %s', (holder, code, message) => {
    const error = refusal(1370, `execute ${denied} routine 'shop.total'`);
    expect(checkError(error, query({ holderOf: () => holder }))).toMatchObject({ code, message });
  });
});

describe('a function that the server no longer has', () => {
  it.each([
    ['9.7.4', 1305, 'FUNCTION shop.md5 does not exist', 'MD5', '9.6'],
    ['9.7.4', 1305, 'FUNCTION SHA1 does not exist', 'SHA1', '9.6'],
    ['8.4.3', 1305, 'FUNCTION shop.ENCODE does not exist', 'ENCODE', '8.0'],
    ['8.0.36', 1305, 'FUNCTION shop.astext does not exist', 'ASTEXT', '8.0'],
    ['8.0.36', 1064, "You have an error in your SQL syntax; … near '('x')' at line 1", 'PASSWORD', '8.0'],
  ])('is reported as removed: %s, %d %s', (version, errno, message, name, since) => {
    const error = checkError(refusal(errno, message), query({ version, sql: "SELECT PASSWORD('x')" }));
    expect(error).toMatchObject({
      code: 'check-malformed',
      message: `MySQL ${version} no longer has the function ${name}(), removed in ${since}`,
    });
  });

  it.each([
    ['9.5.0', mysqlFlavor, 'FUNCTION shop.md5 does not exist'],
    ['11.8.6', mariadbFlavor, 'FUNCTION shop.astext does not exist'],
    ['9.7.4', mysqlFlavor, 'FUNCTION shop.total does not exist'],
  ])('is distinguished from any other missing function: %s', (version, flavor, message) => {
    expect(checkError(refusal(1305, message), query({ version, flavor })).message).toBe(message);
  });
});
