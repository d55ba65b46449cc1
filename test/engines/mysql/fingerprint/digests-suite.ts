import { expect, it } from 'vitest';
import type { Ask } from '../../../../src/engines/fingerprint.ts';
import { mysqlHasher } from '../../../../src/engines/mysql/fingerprint/mysql-hasher.ts';
import type { BootedMysql } from '../../../../src/engines/mysql/server/booted-mysql.ts';
import type { Session } from '../../../../src/engines/mysql/server/connect.ts';
import { type DigestSubject, digestOf, expectEachCaught } from '../../digest-suite.ts';

const never = new AbortController().signal;

/** A value of each type, and another that differs from it only slightly. */
const VALUES: Readonly<Record<string, readonly [value: string, other: string]>> = {
  TINYINT: ['-128', '-127'],
  'BIGINT UNSIGNED': ['18446744073709551615', '18446744073709551614'],
  'SMALLINT ZEROFILL': ['5', '6'],
  'BIT(9)': ["b'101010101'", "b'101010100'"],
  'DECIMAL(40,10)': ['123456789012345678901234567890.1234567890', '123456789012345678901234567890.1234567891'],
  FLOAT: ['3.14159', '3.14160'],
  DOUBLE: ['0.1e0 + 0.2e0', '0.3e0'],
  DATE: ["'0000-00-00'", "'2026-00-00'"],
  'DATETIME(6)': ["'2026-03-29 02:30:00.123456'", "'2026-03-29 02:30:00.123457'"],
  'TIMESTAMP(6) NULL': ["'2026-07-01 00:00:00.654321'", "'2026-07-01 00:00:00.654322'"],
  'TIME(3)': ["'-838:59:59'", "'838:59:59'"],
  YEAR: ['2026', '2027'],
  'CHAR(5)': ["'ab'", "'aB'"],
  'VARCHAR(40)': ["'zwölf'", "'zwolf'"],
  'VARCHAR(41) CHARACTER SET latin1': ["'a,~'", "'a,'"],
  'VARBINARY(20)': ["x'00ff2c31'", "x'00ff2c32'"],
  'BINARY(8)': ["x'00ff'", "x'00fe'"],
  TEXT: ["'a,b'", "'a,c'"],
  LONGTEXT: ["'l'", "'L'"],
  BLOB: ["x'2c2c'", "x'2c2d'"],
  LONGBLOB: ["x'ff00'", "x'ff'"],
  "ENUM('a','b,c')": ["'b,c'", "'a'"],
  "SET('x','y','z')": ["'x,z'", "'x,y'"],
  JSON: [`'{"a": [1, 2.50]}'`, `'{"a": [1, 2.51]}'`],
  POINT: ["ST_GeomFromText('POINT(1.5 2)')", "ST_GeomFromText('POINT(1.5 2.0000000000000004)')"],
};

const COLUMNS = Object.keys(VALUES).map((type, index) => `c${index} ${type}`);

/** What digests of tables on a MySQL or MariaDB server detect, in a database of its own that is dropped at the end. */
export function describeDigests(serverOf: () => BootedMysql, product: 'mysql' | 'mariadb'): void {
  it('digests detect a changed value and a NULL in a column of each type, swapped values and duplicated rows', async () => {
    const server = serverOf();
    await server.adminSession.execute('CREATE DATABASE digests');
    await server.withSession('digests', never, async (session) => {
      const subject = subjectOn(session, product);
      await subject.run(
        "SET SESSION sql_mode = '', time_zone = '+00:00'",
        `CREATE TABLE \`every\` (id INT PRIMARY KEY, ${COLUMNS.join(', ')}, made INT GENERATED ALWAYS AS (id * 2) STORED)`,
        `INSERT INTO \`every\` VALUES (1, ${Object.values(VALUES)
          .map(([value]) => value)
          .join(', ')}, DEFAULT)`,
        'INSERT INTO `every` (id) VALUES (2)',
        'CREATE TABLE `pa``irs` (id BIGINT UNSIGNED NOT NULL, a VARCHAR(20), b VARCHAR(20), PRIMARY KEY (id))',
        "INSERT INTO `pa``irs` VALUES (0, 'a0', 'b'), (1, 'a1', 'b'), (18446744073709551615, NULL, 'b')",
        'CREATE TABLE twice (a INT, b VARCHAR(20)) ENGINE = InnoDB',
        "INSERT INTO twice VALUES (1, 'x'), (2, 'y')",
      );
      const changes = Object.entries(VALUES).flatMap(([type, [, other]], index) => [
        [`${type}: ${other}`, `UPDATE \`every\` SET c${index} = ${other} WHERE id = 1`],
        [`${type}: NULL`, `UPDATE \`every\` SET c${index} = NULL WHERE id = 1`],
      ]);
      await expectEachCaught(subject, 'every', Object.fromEntries(changes));
      await expectEachCaught(subject, 'pa`irs', {
        'swapped between rows': "UPDATE `pa``irs` SET a = IF(id = 0, 'a1', 'a0') WHERE id < 2",
        'moved to the next column': "UPDATE `pa``irs` SET a = 'a', b = '0b' WHERE id = 0",
        'empty text for NULL': "UPDATE `pa``irs` SET a = '' WHERE a IS NULL",
        'equal edits': "UPDATE `pa``irs` SET b = 'c' WHERE id < 2",
        'a lost row': 'DELETE FROM `pa``irs` WHERE id = 1',
      });
      await expectEachCaught(subject, 'twice', {
        'a row twice': 'INSERT INTO twice SELECT * FROM twice WHERE a = 1',
        'all rows twice': 'INSERT INTO twice SELECT * FROM twice',
        'one row for another': "UPDATE twice SET a = 2, b = 'y'",
      });
    });
  });

  it('digests are the same for -0 and for other display widths, and rows are split into ranges of unsigned keys', async () => {
    const server = serverOf();
    await server.withSession('digests', never, async (session) => {
      const subject = subjectOn(session, product);
      await subject.run(
        'CREATE TABLE zero (id INT(11) PRIMARY KEY, d DOUBLE, f FLOAT)',
        'INSERT INTO zero VALUES (1, -0e0, -0e0)',
      );
      const before = await digestOf(subject, 'zero');
      await subject.run('UPDATE zero SET d = 0, f = 0');
      expect(await digestOf(subject, 'zero')).toEqual(before);
      const tables = await subject.hasher.listTables(subject.ask);
      expect(tables.map(({ name }) => name)).toEqual(['every', 'pa`irs', 'twice', 'zero']);
      expect(tables.at(-1)?.columns[0]).toMatchObject({ name: 'id', type: 'int' });
      expect(tables[0]?.columns.map(({ name }) => name)).not.toContain('made');
      const pairs = tables[1];
      if (!pairs) throw new Error('not listed');
      expect(await subject.hasher.readKeys(subject.ask, pairs)).toEqual({ min: 0n, max: 2n ** 64n - 1n });
      const buckets = await subject.hasher.digest(subject.ask, pairs, { from: 1n, width: 5n, count: 3 });
      expect(buckets.map(({ bucket, rows }) => [bucket, rows]).toSorted()).toEqual([
        [-1, 1n],
        [0, 1n],
        [3, 1n],
      ]);
    });
  });

  it('damage done by a proof is visible only in its own session', async () => {
    const server = serverOf();
    const hasher = mysqlHasher(product);
    await using session = await server.openDamageSession('digests', never);
    const ask: Ask = (sql) => session.query(sql, { timeoutMs: 60_000, maxRows: 1000, signal: never });
    const table = (await hasher.listTables(ask)).find(({ name }) => name === 'pa`irs');
    if (!table) throw new Error('not listed');
    const target = { table, key: ['id'] };
    const before = await hasher.digest(ask, table, undefined);
    const damages = [
      [{ kind: 'empty' }, 3],
      [{ kind: 'lose', rows: 2 }, 2],
      [{ kind: 'null', column: 'a' }, 2],
      [{ kind: 'swap', column: 'a' }, 2],
    ] as const;
    for (const [damage, changed] of damages) {
      expect(await session.damage(target, damage)).toBe(changed);
      expect(await hasher.digest(ask, table, undefined)).not.toEqual(before);
      await expect(ask('CHECK TABLE `pa``irs`')).rejects.toMatchObject({ code: 'check-malformed' }); // would commit the damage
      await server.withSession('digests', never, async (other) => {
        expect(await hasher.digest(subjectOn(other, product).ask, table, undefined)).toEqual(before);
      });
    }
    await session.undo();
    expect(await hasher.digest(ask, table, undefined)).toEqual(before);
    expect(await session.damage({ table: { ...table, outsideSnapshot: 'MyISAM' }, key: [] }, { kind: 'empty' })).toBe(
      0,
    );
    expect(await session.damage({ table, key: [] }, { kind: 'swap', column: 'a' })).toBe(0);
    await server.adminSession.execute('DROP DATABASE digests');
  });
}

function subjectOn(session: Session, product: 'mysql' | 'mariadb'): DigestSubject {
  return {
    hasher: mysqlHasher(product),
    ask: async (sql) => ({ columns: [], rows: await session.ask(sql), truncated: false }),
    run: async (...statements) => {
      for (const statement of statements) await session.execute(statement);
    },
  };
}
