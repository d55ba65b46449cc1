import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckSession } from '../../../../src/engines/engine.ts';
import type { BootedMysql } from '../../../../src/engines/mysql/server/booted-mysql.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { STEP_TIMEOUT_MS } from '../../../support/timeouts.ts';
import {
  bootIn,
  filesWith,
  inSandbox,
  never,
  rejected,
  startServerSandbox,
  type Target,
  throughStreams,
} from './server-sandboxes.ts';

/** What every server of this engine does, in every runtime: one server through its whole life, in order. */
export function describeServer(target: Target): void {
  const isMysql = target.type === 'mysql';

  describe(`${target.type} ${target.major} (${target.runtime})`, () => {
    let sandbox: Sandbox;
    let server: BootedMysql;

    const ask = (sql: string, database?: string) => server.withSession(database, never, (session) => session.ask(sql));
    const execute = (...statements: string[]) =>
      server.withSession(undefined, never, async (session) => {
        for (const statement of statements) await session.execute(statement);
      });

    beforeAll(async () => {
      sandbox = await startServerSandbox(target);
      server = await bootIn(sandbox, target);
      await execute('CREATE DATABASE shop');
      server.loaded.add('shop');
    });

    afterAll(async () => {
      await sandbox?.dispose();
    });

    describe('while it is loaded', () => {
      it('is the version that was asked for, and hears nobody but its socket', async () => {
        expect(server.version.startsWith(`${target.major}.`)).toBe(true);
        expect(await ask('SELECT @@skip_networking, @@event_scheduler, @@local_infile, @@log_bin')).toEqual([
          ['1', isMysql ? 'DISABLED' : 'OFF', '0', '0'],
        ]);
        const settings = await ask('SELECT @@innodb_flush_log_at_trx_commit, @@max_allowed_packet, @@time_zone');
        expect(settings).toEqual([['0', String(2 ** 30), '+00:00']]);
      });

      it.each<readonly [sql: string, number: number | undefined]>([
        ...(isMysql ? ([['SET GLOBAL event_scheduler = ON', 1290]] as const) : []),
        ["SELECT 'x' INTO OUTFILE '/tmp/out'", 1290],
        ["LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE shop.files", undefined],
        ["INSTALL PLUGIN clone SONAME 'mysql_clone.so'", 1126],
        ["CREATE FUNCTION sys_exec RETURNS INT SONAME 'lib_mysqludf_sys.so'", 1126],
      ])('refuses even the harness: %s', async (sql, number) => {
        await execute('CREATE TABLE IF NOT EXISTS shop.files (line TEXT)');
        const error = await rejected(execute(sql));
        expect(error.message).not.toBe('it went well');
        if (number !== undefined) expect(error.errno).toBe(number);
      });

      it('reads no file, and has no engine that leads to another server', async () => {
        expect(await ask("SELECT LOAD_FILE('/etc/passwd')")).toEqual([[null]]);
        const engines = (await ask('SHOW ENGINES')).filter(([, support]) => support !== 'NO').map(([name]) => name);
        for (const name of ['FEDERATED', 'CONNECT', 'SPIDER', 'S3', 'ndbcluster']) expect(engines).not.toContain(name);
        for (const name of ['InnoDB', 'MyISAM', 'MEMORY']) expect(engines).toContain(name);
        if (target.runtime === 'docker') expect(engines).toContain('ARCHIVE');
      });

      it.runIf(target.runtime === 'docker')('writes nothing into the directory shared with the host', async () => {
        const { run } = sandbox.paths;
        const attempts = [
          `SELECT 'x' INTO OUTFILE '${run}/out'`,
          `SELECT 'x' INTO DUMPFILE '${run}/dump'`,
          `SET GLOBAL general_log_file = '${run}/general.log'`,
          'SET GLOBAL general_log = ON',
          `SET GLOBAL slow_query_log_file = '${run}/slow.log'`,
          'SET GLOBAL slow_query_log = ON',
          `CREATE TABLE shop.apart (id INT) DATA DIRECTORY = '${run}/'`,
          `CREATE TABLE shop.apart_too (id INT) ENGINE=MyISAM DATA DIRECTORY = '${run}/'`,
          `CREATE TABLESPACE apart ADD DATAFILE '${run}/apart.ibd'`,
        ];
        for (const sql of attempts) await execute(sql).catch(() => undefined); // each is refused in its own way, or does nothing
        await execute('SET GLOBAL general_log = OFF', 'SET GLOBAL slow_query_log = OFF');
        await execute('DROP TABLE IF EXISTS shop.apart, shop.apart_too');
        expect(await inSandbox(sandbox, 'ls -A "$1"', run)).toBe('mysqld.sock');
      });

      it('lets nobody in but the harness', async () => {
        const [client] = server.flavor.clientPrograms;
        const socket = `${sandbox.paths.run}/mysqld.sock`;
        const said = await inSandbox(
          sandbox,
          `${client} --no-defaults --socket="$1" -u root -e 'SELECT 1' 2>&1 || true`,
          socket,
        );
        expect(said).toMatch(/ERROR (1045|3118|4151) .*root/);
      });

      it('shows its password nowhere: no argument, no environment, no file, no statement in its lists', async () => {
        const [secret = ''] = /\b[0-9a-f]{48}\b/.exec(server.accountStatements().join()) ?? [];
        const [user = ''] = /firedrill_[0-9a-f]{8}/.exec(server.accountStatements().join()) ?? [];
        expect(secret).toHaveLength(48);
        const places = "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'";
        expect(await inSandbox(sandbox, places)).toContain('--no-defaults');
        expect(await inSandbox(sandbox, places)).not.toContain(secret);
        const { data, scratch, run } = sandbox.paths;
        expect(await filesWith(sandbox, user, [data])).not.toBe('');
        expect(await filesWith(sandbox, secret, [data, scratch, run, '/tmp'])).toBe('');
        expect(await inSandbox(sandbox, 'ls -A "$1"', sandbox.paths.scratch)).not.toContain('accounts');
      });

      it('knows the time zones that events and functions name', async () => {
        const at = "CONVERT_TZ('2026-07-01 12:00:00', 'UTC'";
        expect(await ask(`SELECT ${at}, 'Europe/Berlin'), ${at}, 'US/Pacific'), ${at}, 'Asia/Kolkata')`)).toEqual([
          ['2026-07-01 14:00:00', '2026-07-01 05:00:00', '2026-07-01 17:30:00'],
        ]);
        await execute("SET time_zone = 'America/Sao_Paulo'");
      });

      it('loads with the rights of root, as dumps of accounts need them', async () => {
        await execute(
          'CREATE USER dba@localhost',
          "GRANT PROXY ON ''@'%' TO dba@localhost WITH GRANT OPTION",
          'GRANT ALL ON *.* TO dba@localhost WITH GRANT OPTION',
          ...(isMysql ? ['GRANT SET_ANY_DEFINER, SYSTEM_VARIABLES_ADMIN, SYSTEM_USER ON *.* TO dba@localhost'] : []),
          'DROP USER dba@localhost',
        );
      });

      it('takes statements byte for byte, whatever the session’s character set, at every length of packet', async () => {
        const bytes = randomBytes(64 * 1024);
        const hash = (data: Buffer) => createHash('sha256').update(data).digest('hex');
        await execute('CREATE TABLE shop.bytes (id INT PRIMARY KEY, data LONGBLOB)');
        await server.withSession('shop', never, async (session) => {
          const insert = async (id: number, data: Buffer) => {
            const escaped = Buffer.from(
              data.toString('latin1').replaceAll(/[\\']/g, '\\$&').replaceAll('\0', '\\0'),
              'latin1',
            );
            const head = Buffer.from(`INSERT INTO bytes VALUES (${id}, _binary'`);
            return session.query(Buffer.concat([head, escaped, Buffer.from("')")]));
          };
          for (const [id, names] of ['latin1', 'utf8mb4', 'binary', 'gbk'].entries()) {
            await session.execute(`SET NAMES ${names}`);
            if (names !== 'gbk') await insert(id, bytes);
          }
          await session.execute('SET NAMES utf8mb4');
          // COM_QUERY and the statement make one packet, exactly one, one and a byte, and three
          const overhead = "INSERT INTO bytes VALUES (10, _binary'')".length + 1;
          for (const [index, length] of [0xfffffe, 0xffffff, 0x1000000, 0x2fffffd].entries()) {
            await insert(10 + index, Buffer.alloc(length - overhead, 'x'));
          }
          expect(await session.ask('SELECT DISTINCT SHA2(data, 256) FROM bytes WHERE id < 10')).toEqual([
            [hash(bytes)],
          ]);
          expect(await session.ask('SELECT LENGTH(data) FROM bytes WHERE id >= 10 ORDER BY id')).toEqual(
            [0xfffffe, 0xffffff, 0x1000000, 0x2fffffd].map((length) => [String(length - overhead)]),
          );
        });
      });

      it('counts warnings, keeps errors’ numbers and states, and reads names of functions as the server does by default', async () => {
        await server.withSession('shop', never, async (session) => {
          await session.execute('CREATE TABLE count (id INT)');
          await session.execute("SET sql_mode = ''");
          await session.execute('CREATE TABLE small (id TINYINT, count INT)');
          expect(await session.query(Buffer.from('INSERT INTO small VALUES (1000, 1), (1000, 1)'))).toEqual({
            warnings: 2,
          });
          expect(await session.query(Buffer.from('SELECT * FROM small'))).toEqual({ warnings: 0 });
          const error = await rejected(session.query(Buffer.from('INSERT INTO nowhere VALUES (1)')));
          expect(error).toMatchObject({ errno: 1146, sqlState: '42S02' });
          expect(error).not.toHaveProperty('sql');
          expect(await session.ask('SELECT 1')).toEqual([['1']]);
        });
      });

      it('works through a stream, as remote engines give it', async () => {
        const remote = throughStreams(server);
        expect(await remote.withSession('shop', never, (session) => session.ask('SELECT DATABASE()'))).toEqual([
          ['shop'],
        ]);
      });

      it('ends a session at once when the signal aborts', async () => {
        const giveUp = new AbortController();
        const session = await server.openSession(undefined, giveUp.signal);
        const slow = rejected(session.execute('DO SLEEP(60)'));
        giveUp.abort(new Error('given up'));
        expect((await slow).message).toBe('given up');
        await session.close();
      });

      it('goes on when a dump has brought its own accounts', async () => {
        const table = isMysql ? 'user' : 'global_priv';
        await execute('CREATE USER clerk@localhost');
        const [[, definition] = []] = await ask(`SHOW CREATE TABLE mysql.${table}`);
        // as a dump of every database does it
        await execute(
          `CREATE TABLE shop.brought AS SELECT * FROM mysql.${table} WHERE User NOT LIKE 'firedrill%'`,
          `DROP TABLE mysql.${table}`,
          'USE mysql',
          String(definition),
          `INSERT INTO mysql.${table} SELECT * FROM shop.brought`,
          'DROP TABLE shop.brought',
          'FLUSH PRIVILEGES',
        );
        expect(await ask('SELECT 1')).toEqual([['1']]);
        await execute(`DELETE FROM mysql.${table} WHERE User LIKE 'firedrill%'`);
      });

      it('makes the accounts that views and routines run as, and says which', async () => {
        await execute(
          'CREATE TABLE shop.`orders` (id INT PRIMARY KEY, amount DECIMAL(20,10), at DATETIME(6))',
          "INSERT INTO shop.orders VALUES (1, 1.1, '2026-01-02 03:04:05.678901'), (2, 2.2, NULL), (3, 3.3, NULL), (4, 4.4, NULL)",
          "CREATE DEFINER = 'report''er'@'10.%' SQL SECURITY DEFINER VIEW shop.totals AS SELECT SUM(amount) AS total FROM shop.orders",
          'CREATE SQL SECURITY DEFINER VIEW shop.lost AS SELECT id FROM shop.small',
          'DROP TABLE shop.small',
          `CREATE TABLE shop.exact (id INT PRIMARY KEY, big BIGINT, huge BIGINT UNSIGNED, money DECIMAL(30,10), ratio DOUBLE, flags BIT(10), born YEAR,
             doc JSON, raw BLOB, fixed BINARY(2), note TEXT CHARACTER SET utf8mb4, kind ENUM('a', 'b'), day DATE, at DATETIME(6), made TIMESTAMP NULL, span TIME)`,
          `INSERT INTO shop.exact VALUES (1, 9007199254740993, 18446744073709551615, 12345678901234567890.0123456789, 0.1, b'1000000101', 2026,
             '{"a": 1}', X'00FF', 'a', 'ä€😀', 'b', '2026-02-03', '2026-01-02 03:04:05.678901', '2026-01-02 03:04:05', '-26:00:01')`,
          "SET sql_mode = ''",
          "INSERT INTO shop.exact (id, day, at, made) VALUES (2, '0000-00-00', '0000-00-00', '0000-00-00')",
        );
        const definers = [
          { user: "report'er", host: '10.%' },
          { user: 'root', host: 'LOCALHOST' },
          { user: 'clerk', host: 'localhost' },
        ];
        expect(await server.addDefiners(definers, never)).toEqual(["report'er@10.%"]);
        expect(await server.addDefiners(definers, never)).toEqual([]);
      });
    });

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
        await server.seal(never);
        session = await server.openCheckSession('shop', never);
      });

      afterAll(async () => {
        await session?.[Symbol.asyncDispose]();
      });

      it('is durable, still hears nobody, knows the accounts of the dump and keeps its own', async () => {
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
        expect(await inSandbox(sandbox, 'ls -A "$1"', sandbox.paths.scratch)).not.toContain('accounts');
        if (target.runtime === 'docker') expect((await check('SELECT id FROM old')).rows).toEqual([[7]]);
        if (target.runtime === 'docker')
          expect(await inSandbox(sandbox, 'ls -A "$1"', sandbox.paths.run)).toBe('mysqld.sock');
      });

      it('gives values exactly', async () => {
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

      it('keeps to rows and to time, and goes on afterwards', async () => {
        expect(await check('SELECT id FROM orders ORDER BY id')).toEqual({
          columns: ['id'],
          rows: [[1], [2], [3]],
          truncated: true,
        });
        expect((await check('SELECT id FROM orders ORDER BY id LIMIT 3')).truncated).toBe(false);
        const endless = `SELECT COUNT(*) FROM ${Array.from({ length: 12 }, (_, index) => `information_schema.COLLATIONS c${index}`).join(', ')}`;
        const late = 'check-malformed: the check did not finish within 200 ms';
        expect(await failed(endless, { timeoutMs: 200 })).toBe(late);
        // the first of which the server's own limit does not end
        expect(await failed('DO SLEEP(30)', { timeoutMs: 200 })).toMatch(
          /check-malformed: the check did not finish within 200 ms|asks for nothing/,
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
      ])('shows a check what was restored: %s', async (sql) => {
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
      ])('lets a check change nothing: %s', async (sql) => {
        for (const first of [undefined, 'SET SESSION TRANSACTION READ WRITE']) {
          if (first) await failed(first);
          expect(await failed(sql)).toMatch(/^check-malformed: the check may not do that: |^none: /);
          expect(await ask('SHOW TRIGGERS FROM shop')).toHaveLength(1);
          expect((await ask('SELECT event_name, status FROM information_schema.events')).map(String)).toEqual([
            'nightly,ENABLED',
          ]);
        }
      });

      it.each([
        ['INSERT INTO orders VALUES (9, 9, NULL)', /^check-malformed: the check may not do that: /],
        ['CREATE TABLE mine (id INT)', /^check-malformed: the check may not do that: /],
        ["SELECT 1 INTO OUTFILE '/tmp/x'", /^check-malformed: the check may not do that: /],
        [
          'SELECT * FROM mysql.user',
          /^check-malformed: the check may not do that: it needs SELECT on (?:mysql\.)?user$/,
        ],
        ['KILL QUERY CONNECTION_ID()', /^check-malformed: the check was ended by a KILL, and not for its time$/],
        ['KILL CONNECTION_ID()', /^check-malformed: the check was ended by a KILL, and not for its time$/],
        ['SELECT 1; SELECT 2', /^check-malformed: You have an error in your SQL syntax/],
        ['SELEC 1', /^check-malformed: You have an error in your SQL syntax/],
        ['SELECT nope(1)', /^check-malformed: FUNCTION shop.nope does not exist/],
        ['SET @a = 1', /^check-malformed: the check asks for nothing/],
        ['SELECT nope FROM orders', /^wrong-data: Unknown column 'nope' in /],
        ['SELECT * FROM nope', /^wrong-data: Table 'shop.nope' doesn't exist$/],
        ['SELECT * FROM lost', /^wrong-data: the view shop\.lost does not work: Table 'shop\.small' doesn't exist$/],
        [
          'SELECT * FROM barred',
          /^wrong-data: clerk@localhost, which a view .* lacks SELECT .* the view shop\.barred reads$/,
        ],
        [
          'SELECT nobodys()',
          /^wrong-data: clerk@localhost, which a view or routine .* lacks EXECUTE on shop\.nobodys$/,
        ],
        [
          "SELECT 18446744073709551615 + CAST('77' AS UNSIGNED)",
          /^check-malformed: BIGINT UNSIGNED value is out of range in '…'$/,
        ],
      ])('says what is wrong with %s', async (sql, message) => {
        expect(await failed(sql)).toMatch(message);
      });

      it('asks the server’s own functions, and says where it has none of the name any more', async () => {
        const query = "SELECT COUNT (id), LOWER ('A'), MD5('a') FROM orders";
        const { rows, warnings = [] } = await check(query);
        const md5 = isMysql ? 'stand-in' : '0cc175b9c0f1b6a831c399e269772661';
        expect(rows).toEqual([[4n, 'a', md5]]);
        expect(warnings).toEqual(isMysql ? [expect.stringMatching(/^uses shop\.md5\(\) .* no longer has$/)] : []);
        if (isMysql)
          expect(await failed("SELECT SHA1('a')")).toMatch(/no longer has the function SHA1\(\), removed in/);
      });

      it('answers through a view of an account that was not in the backup', async () => {
        expect((await check('SELECT total FROM totals')).rows).toEqual([['11.0000000000']]);
      });

      it('gives a person a command without a password in it', async () => {
        const argv = await server.prepareClient(never);
        expect(argv[0]).toBe(target.type === 'mysql' ? 'mysql' : 'mariadb');
        expect(argv.join(' ')).not.toMatch(/[0-9a-f]{48}/);
        expect(argv.at(-1)).toBe('shop');
      });

      it('says that the server went away, when it did', async () => {
        await inSandbox(sandbox, 'kill -9 $(cat "$1/server.pid")', sandbox.paths.data);
        await server.serverProcess.ended;
        expect(await failed('SELECT 1')).toMatch(/^(out-of-memory|server-failed): the server went away/);
      });
    });
  });
}
