import { describe, expect, it } from 'vitest';
import { findOtherCase } from '../../../../src/engines/mysql/loading/letter-case.ts';
import { MissingNames } from '../../../../src/engines/mysql/server/missing-names.ts';

const routine = (body: string) => ({ database: 'shop', body });

describe('findOtherCase', () => {
  const tables = ['shop.orders', 'shop.orderlog', 'shop.ordertotals'];

  it.each([
    ['shop.Orders', { written: 'shop.Orders', stored: 'shop.orders' }],
    ['Shop.orders', { written: 'Shop.orders', stored: 'shop.orders' }],
    ['Shop', { written: 'Shop', stored: 'shop' }],
    ['shop.payments', undefined],
    ['archive', undefined],
  ])('reports whether %s exists in another case', (name, found) => {
    expect(findOtherCase({ tables, routines: [] }, [name])).toEqual(found);
  });

  it('finds nothing when names differ only in case, as on a case-sensitive server', () => {
    expect(findOtherCase({ tables: [...tables, 'shop.ORDERS'], routines: [] }, ['shop.Orders'])).toBeUndefined();
  });

  it.each([
    ['SELECT COUNT(*) FROM Orders', 'shop.Orders'],
    ['INSERT INTO `OrderLog` (a) VALUES (1)', 'shop.OrderLog'],
    ['BEGIN UPDATE shop.Orders SET a = 1; END', 'shop.Orders'],
    ['SELECT 1 FROM orders o JOIN `Shop`.`OrderTotals` t', 'Shop.OrderTotals'],
    ['SELECT 1 FROM orders', undefined],
    ['SELECT 1 /* taken from Orders */ FROM orders -- not from Orders', undefined],
    ["SELECT 'copied from Orders'", undefined],
    ['SELECT x FROM Elsewhere', undefined],
  ])('finds names that a routine writes in another case: %s', (body, written) => {
    expect(findOtherCase({ tables, routines: [routine(body)] }, [])?.written).toBe(written);
  });

  it('relies on routines alone only when all table names are lowercase', () => {
    const mixed = { tables: [...tables, 'shop.Customer'], routines: [routine('SELECT 1 FROM Orders')] };
    expect(findOtherCase(mixed, [])).toBeUndefined();
    expect(findOtherCase(mixed, ['shop.Orders'])?.stored).toBe('shop.orders');
  });
});

describe('MissingNames', () => {
  it('reads names from the server’s errors, and clears them once taken', () => {
    const names = new MissingNames();
    names.note(Object.assign(new Error("Table 'Shop.Orders' doesn't exist"), { errno: 1146 }));
    names.note(Object.assign(new Error("Unknown database 'Shop'"), { errno: 1049 }));
    names.note(Object.assign(new Error("Unknown column 'Shop'"), { errno: 1054 }));
    expect(names.take()).toEqual(['Shop.Orders', 'Shop']);
    expect(names.take()).toEqual([]);
  });
});
