import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootedMysql } from '../../../../src/engines/mysql/server/booted-mysql.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { describeDigests } from '../fingerprint/digests-suite.ts';
import { describeSealedServer } from './sealed-server-suite.ts';
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

/** What every server of this engine does, in every runtime. One server goes through its whole life, in order. */
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

    describe('while loading', () => {
      describeDigests(() => server, target.type);

      it('has the requested version, and listens only on its socket', async () => {
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

      it('reads no files, and has no storage engine that connects to another server', async () => {
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
        for (const sql of attempts) await execute(sql).catch(() => undefined); // each is refused in its own way or has no effect
        await execute('SET GLOBAL general_log = OFF', 'SET GLOBAL slow_query_log = OFF');
        await execute('DROP TABLE IF EXISTS shop.apart, shop.apart_too');
        expect(await inSandbox(sandbox, 'ls -A "$1"', run)).toBe('mysqld.sock');
      });

      it('accepts only the harness', async () => {
        const [client] = server.flavor.clientPrograms;
        const socket = `${sandbox.paths.run}/mysqld.sock`;
        const said = await inSandbox(
          sandbox,
          `${client} --no-defaults --socket="$1" -u root -e 'SELECT 1' 2>&1 || true`,
          socket,
        );
        expect(said).toMatch(/ERROR (1045|3118|4151) .*root/);
      });

      it('shows its password in no argument, environment variable, file or statement list', async () => {
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

      it('knows the time zones that events and functions use', async () => {
        const at = "CONVERT_TZ('2026-07-01 12:00:00', 'UTC'";
        expect(await ask(`SELECT ${at}, 'Europe/Berlin'), ${at}, 'US/Pacific'), ${at}, 'Asia/Kolkata')`)).toEqual([
          ['2026-07-01 14:00:00', '2026-07-01 05:00:00', '2026-07-01 17:30:00'],
        ]);
        await execute("SET time_zone = 'America/Sao_Paulo'");
      });

      it('loads with root privileges, as dumps of accounts require', async () => {
        await execute(
          'CREATE USER dba@localhost',
          "GRANT PROXY ON ''@'%' TO dba@localhost WITH GRANT OPTION",
          'GRANT ALL ON *.* TO dba@localhost WITH GRANT OPTION',
          ...(isMysql ? ['GRANT SET_ANY_DEFINER, SYSTEM_VARIABLES_ADMIN, SYSTEM_USER ON *.* TO dba@localhost'] : []),
          'DROP USER dba@localhost',
        );
      });

      it('passes statements on byte for byte, in any session character set and at any packet length', async () => {
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
          // COM_QUERY and the statement fill less than one packet, exactly one, one and a byte, and three
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

      it('counts warnings, keeps error numbers and states, and parses function names as the server does by default', async () => {
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

      it('works over a stream, as with remote engines', async () => {
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

      it('works after a dump has added its own accounts', async () => {
        const table = isMysql ? 'user' : 'global_priv';
        await execute('CREATE USER clerk@localhost');
        const [[, definition] = []] = await ask(`SHOW CREATE TABLE mysql.${table}`);
        // as a dump of all databases does
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

      it('creates the accounts that views and routines run as, and lists them', async () => {
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

    describeSealedServer({
      target,
      ask,
      execute,
      get sandbox() {
        return sandbox;
      },
      get server() {
        return server;
      },
    });
  });
}
