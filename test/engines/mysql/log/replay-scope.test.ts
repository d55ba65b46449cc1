import { describe, expect, it } from 'vitest';
import { replayable } from '../../../../src/engines/mysql/log/replay-scope.ts';

const scope = { isWholeServer: false, databases: new Set(['shop']), ignoresCase: false };
const query = (sql: string, database: string, updatedDatabases?: readonly string[]) => ({
  threadId: 1,
  errorCode: 0,
  database,
  sql: Buffer.from(sql),
  settings: updatedDatabases ? { updatedDatabases } : {},
});

describe('a logged statement', () => {
  it.each([
    ['INSERT INTO orders VALUES (1)', 'shop', 'shop'],
    ['INSERT INTO shop.orders VALUES (1)', 'other', undefined],
    ['UPDATE `shop`.`orders` SET a = 1', 'other', undefined],
    ['UPDATE a, shop.orders SET b = 1', 'other', undefined],
    ['DELETE FROM shop.orders WHERE id = 1', '', ''],
    ['CREATE DATABASE shop', 'other', ''],
    ['DROP DATABASE `shop`', 'shop', ''],
    ['ALTER TABLE orders ADD COLUMN a INT', 'shop', 'shop'],
    ['CREATE INDEX i ON shop.orders (a)', 'other', undefined],
    ['TRUNCATE TABLE orders', 'shop', 'shop'],
    ['CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET @a = 1', 'shop', 'shop'],
  ])('is replayed: %s, with %j in use', (sql, database, use) => {
    expect(replayable(query(sql, database), scope)).toMatchObject({ is: 'replayed', use });
  });

  it.each([
    ['INSERT INTO orders VALUES (1)', 'other'],
    ['INSERT INTO other.log SELECT * FROM shop.orders', 'shop'],
    ['UPDATE other.orders SET a = 1', 'shop'],
    ["INSERT INTO notes VALUES ('see shop.orders')", 'other'],
    ['CREATE DATABASE other', 'shop'],
    ['DROP DATABASE IF EXISTS other', ''],
    ['GRANT SELECT ON shop.* TO app', 'shop'],
    ["CREATE USER app IDENTIFIED BY 'x'", ''],
    ['INSTALL PLUGIN a SONAME "a.so"', 'shop'],
    ['FLUSH PRIVILEGES', 'shop'],
  ])('is not: %s, with %j in use', (sql, database) => {
    expect(replayable(query(sql, database), scope).is).toBe('skipped');
  });

  it('goes by the databases that MySQL says it changes', () => {
    expect(replayable(query('CALL p()', 'shop', ['other']), scope).is).toBe('skipped');
    expect(replayable(query('CALL p()', 'other', ['shop']), scope).is).toBe('replayed');
  });

  it('is replayed whatever it is about in a backup of the whole server', () => {
    const whole = { ...scope, isWholeServer: true };
    for (const sql of ['GRANT SELECT ON shop.* TO app', 'INSERT INTO x.y VALUES (1)', 'CREATE DATABASE z'])
      expect(replayable(query(sql, 'other'), whole).is).toBe('replayed');
    expect(replayable(query('INSTALL PLUGIN a SONAME "a.so"', ''), whole).is).toBe('skipped');
  });
});
