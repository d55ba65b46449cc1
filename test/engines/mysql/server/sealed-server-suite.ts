import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootedMysql } from '../../../../src/engines/mysql/server/booted-mysql.ts';
import type { CheckSession } from '../../../../src/engines/sql-access.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { STEP_TIMEOUT_MS } from '../../../support/timeouts.ts';
import { inSandbox, never, rejected, type Target } from './server-sandboxes.ts';

/** A server with its data, about to be sealed. */
export interface LoadedServer {
  readonly target: Target;
  readonly sandbox: Sandbox;
  readonly server: BootedMysql;
  ask(sql: string, database?: string): ReturnType<BootedMysql['adminSession']['ask']>;
  execute(...statements: string[]): Promise<void>;
}

/** What every server of this engine does once sealed, in order. */
export function describeSealedServer(suite: LoadedServer): void {
  const { target, ask, execute } = suite;
  const isMysql = target.type === 'mysql';

  describe('sealed', () => {
    let session: CheckSession;
    const check = (sql: string, changes = {}) =>
      session.query(sql, { timeoutMs: STEP_TIMEOUT_MS, maxRows: 3, signal: never, ...changes });
    const failed = async (sql: string, changes = {}) => {
      const { code, message } = await rejected(check(sql, changes));
      return `${code}: ${message}`;
    };

    beforeAll(async () => {
      if (target.runtime === 'docker')
        await execute('CREATE TABLE shop.old (id INT) ENGINE = ARCHIVE', 'INSERT INTO shop.old VALUES (7)');
      await execute(
        'USE shop',
        'CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW SET NEW.at = NOW()',
        'CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders',
        'CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN a * 2',
        'CREATE FUNCTION `count`(a INT) RETURNS INT DETERMINISTIC RETURN 77',
        "CREATE FUNCTION `lower`(a TEXT) RETURNS TEXT DETERMINISTIC RETURN 'stand-in'",
        "CREATE FUNCTION `md5`(a TEXT) RETURNS TEXT DETERMINISTIC RETURN 'stand-in'",
        'CREATE DEFINER = clerk@localhost SQL SECURITY DEFINER VIEW barred AS SELECT id FROM orders',
        'CREATE DEFINER = clerk@localhost FUNCTION nobodys() RETURNS INT DETERMINISTIC RETURN 1',
      );
      await suite.server.seal(never);
      session = await suite.server.openCheckSession('shop', never);
    });

    afterAll(async () => {
      await session?.[Symbol.asyncDispose]();
    });

    it('is durable, has no network listener, and has the dump’s accounts besides its own', async () => {
      const [row] = await ask(
        'SELECT @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite, @@skip_networking, @@event_scheduler, @@read_only',
      );
      expect(row?.map((value) => (value === 'ON' ? '1' : value))).toEqual([
        ...['1', '1', '1', isMysql ? 'DISABLED' : 'OFF', '1'],
      ]);
      expect(await ask("SELECT COUNT(*) FROM mysql.user WHERE User = 'clerk' OR User LIKE 'firedrill%'")).toEqual([
        ['3'],
      ]);
      if (isMysql)
        expect(await ask("SHOW STATUS LIKE 'Innodb_redo_log_enabled'")).toEqual([['Innodb_redo_log_enabled', 'ON']]);
      expect(await inSandbox(suite.sandbox, 'ls -A "$1"', suite.sandbox.paths.scratch)).not.toContain('accounts');
      if (target.runtime === 'docker') expect((await check('SELECT id FROM old')).rows).toEqual([[7]]);
      if (target.runtime === 'docker')
        expect(await inSandbox(suite.sandbox, 'ls -A "$1"', suite.sandbox.paths.run)).toBe('mysqld.sock');
    });

    it('returns exact values', async () => {
      const { columns, rows } = await check('SELECT * FROM exact WHERE id = 1');
      expect(columns).toEqual([
        ...'id big huge money ratio flags born doc raw fixed note kind day at made span'.split(' '),
      ]);
      expect(rows).toEqual([
        [
          ...[1, 9007199254740993n, 18446744073709551615n, '12345678901234567890.0123456789', 0.1, 517, 2026],
          ...['{"a": 1}', '0x00FF', '0x6100', 'ä€😀', 'b'],
          ...['2026-02-03', new Date('2026-01-02T03:04:05.678Z'), new Date('2026-01-02T03:04:05Z'), '-26:00:01'],
        ],
      ]);
      const { rows: empty } = await check('SELECT * FROM exact WHERE id = 2');
      expect(empty).toEqual([
        [
          2,
          ...Array.from({ length: 11 }, () => null),
          '0000-00-00',
          '0000-00-00 00:00:00.000000',
          '0000-00-00 00:00:00',
          null,
        ],
      ]);
      expect((await check("SELECT COUNT(*), NULL, _binary X'00FF', 1.10, 5 / 3 FROM orders")).rows).toEqual([
        [4n, null, '0x00FF', '1.10', '1.6667'],
      ]);
    });

    it('limits rows and time, and still works afterwards', async () => {
      expect(await check('SELECT id FROM orders ORDER BY id')).toMatchObject({
        columns: ['id'],
        rows: [[1], [2], [3]],
        truncated: true,
      });
      expect((await check('SELECT id FROM orders ORDER BY id LIMIT 3')).truncated).toBe(false);
      const endless = `SELECT COUNT(*) FROM ${Array.from({ length: 12 }, (_, index) => `information_schema.COLLATIONS c${index}`).join(', ')}`;
      const late = 'check-malformed: the check did not finish within 200 ms';
      expect(await failed(endless, { timeoutMs: 200 })).toBe(late);
      // the server's own limit does not end the first of these
      expect(await failed('DO SLEEP(30)', { timeoutMs: 200 })).toMatch(
        /check-malformed: the check did not finish within 200 ms|queries nothing/,
      );
      expect((await check('SELECT 1 AS one')).columns).toEqual(['one']);
      const left = await ask(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER LIKE '%check' AND COMMAND = 'Query'",
      );
      expect(left).toEqual([['0']]);
    });

    it.each([
      'SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()',
      'SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()',
      "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND routine_definition LIKE '%a * 2%'",
      'SHOW TRIGGERS',
      'SHOW EVENTS',
      "SHOW FUNCTION STATUS WHERE Db = 'shop' AND Name = 'twice'",
      'SHOW CREATE TRIGGER stamp',
      'SHOW CREATE EVENT nightly',
      'SHOW CREATE FUNCTION twice',
      'SHOW CREATE VIEW totals',
      'CHECKSUM TABLE orders',
      'CHECK TABLE orders',
      'SELECT twice(4)',
    ])('lets a check read restored definitions and tables: %s', async (sql) => {
      const { columns, rows } = await check(sql);
      expect(rows).toHaveLength(1);
      const definition = columns.findIndex((name) => /^(?:Create \w+|SQL Original Statement)$/.test(name));
      if (definition >= 0) expect(rows[0]?.[definition]).toMatch(/^CREATE/);
    });

    it.each([
      'CREATE TRIGGER mine BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = 1',
      'DROP TRIGGER stamp',
      'CREATE EVENT mine ON SCHEDULE EVERY 1 DAY DO DELETE FROM orders',
      'ALTER EVENT nightly DISABLE',
      'DROP EVENT nightly',
      'OPTIMIZE TABLE orders',
      'ANALYZE TABLE orders',
      'REPAIR TABLE orders',
    ])('prevents a check from changing anything: %s', async (sql) => {
      for (const first of [undefined, 'SET SESSION TRANSACTION READ WRITE']) {
        if (first) await failed(first);
        expect(await failed(sql)).toMatch(/^check-malformed: the check is not allowed to do that: |^none: /);
        expect(await ask('SHOW TRIGGERS FROM shop')).toHaveLength(1);
        expect((await ask('SELECT event_name, status FROM information_schema.events')).map(String)).toEqual([
          'nightly,ENABLED',
        ]);
      }
    });

    it.each([
      ['INSERT INTO orders VALUES (9, 9, NULL)', /^check-malformed: the check is not allowed to do that: /],
      ['CREATE TABLE mine (id INT)', /^check-malformed: the check is not allowed to do that: /],
      ["SELECT 1 INTO OUTFILE '/tmp/x'", /^check-malformed: the check is not allowed to do that: /],
      [
        'SELECT * FROM mysql.user',
        /^check-malformed: the check is not allowed to do that: it needs SELECT on (?:mysql\.)?user$/,
      ],
      ['KILL QUERY CONNECTION_ID()', /^check-malformed: the check was ended by a KILL, not by its timeout$/],
      ['KILL CONNECTION_ID()', /^check-malformed: the check was ended by a KILL, not by its timeout$/],
      ['SELECT 1; SELECT 2', /^check-malformed: You have an error in your SQL syntax/],
      ['SELEC 1', /^check-malformed: You have an error in your SQL syntax/],
      ['SELECT nope(1)', /^check-malformed: FUNCTION shop.nope does not exist/],
      ['SET @a = 1', /^check-malformed: the check queries nothing/],
      ['SELECT nope FROM orders', /^wrong-data: Unknown column 'nope' in /],
      ['SELECT * FROM nope', /^wrong-data: Table 'shop.nope' doesn't exist$/],
      ['SELECT * FROM lost', /^wrong-data: the view shop\.lost does not work: Table 'shop\.small' doesn't exist$/],
      [
        'SELECT * FROM barred',
        /^wrong-data: clerk@localhost, which a view .* lacks SELECT .* the view shop\.barred reads$/,
      ],
      ['SELECT nobodys()', /^wrong-data: clerk@localhost, which a view or routine .* lacks EXECUTE on shop\.nobodys$/],
      [
        "SELECT 18446744073709551615 + CAST('77' AS UNSIGNED)",
        /^check-malformed: BIGINT UNSIGNED value is out of range in '…'$/,
      ],
    ])('reports what is wrong with %s', async (sql, message) => {
      expect(await failed(sql)).toMatch(message);
    });

    it('calls the server’s own functions, and reports those that no longer exist', async () => {
      const query = "SELECT COUNT (id), LOWER ('A'), MD5('a') FROM orders";
      const { rows, warnings = [] } = await check(query);
      const md5 = isMysql ? 'stand-in' : '0cc175b9c0f1b6a831c399e269772661';
      expect(rows).toEqual([[4n, 'a', md5]]);
      expect(warnings).toEqual(isMysql ? [expect.stringMatching(/^uses shop\.md5\(\) .* no longer has$/)] : []);
      if (isMysql) expect(await failed("SELECT SHA1('a')")).toMatch(/no longer has the function SHA1\(\), removed in/);
    });

    it('can query a view whose account was not in the backup', async () => {
      expect((await check('SELECT total FROM totals')).rows).toEqual([['11.0000000000']]);
    });

    it('shows a command to connect that contains no password', async () => {
      const argv = await suite.server.prepareClient(never);
      expect(argv[0]).toBe(target.type === 'mysql' ? 'mysql' : 'mariadb');
      expect(argv.join(' ')).not.toMatch(/[0-9a-f]{48}/);
      expect(argv.at(-1)).toBe('shop');
    });

    it('reports that the server went away', async () => {
      await inSandbox(suite.sandbox, 'kill -9 $(cat "$1/server.pid")', suite.sandbox.paths.data);
      await suite.server.serverProcess.ended;
      expect(await failed('SELECT 1')).toMatch(/^(out-of-memory|server-failed): the server went away/);
    });
  });
}
