import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takenAtInName } from '../../src/backup/taken-at-in-name.ts';

describe('the date in a name', () => {
  it.each([
    ['orders-2026-11-20.dump', '2026-11-20T00:00:00Z'],
    ['orders_2026_11_20.sql.gz', '2026-11-20T00:00:00Z'],
    ['orders-20261120.dump', '2026-11-20T00:00:00Z'],
    ['orders-2026-11-20T03:15:00Z.dump', '2026-11-20T03:15:00Z'],
    ['orders-2026-11-20T03:15:00.250Z.dump', '2026-11-20T03:15:00Z'],
    ['orders-20261120-031500.dump', '2026-11-20T03:15:00Z'],
    ['orders-20261120T031500Z.dump', '2026-11-20T03:15:00Z'],
    ['orders-20261120031500.dump', '2026-11-20T03:15:00Z'],
    ['orders-202611200315.dump', '2026-11-20T03:15:00Z'],
    ['orders-2026112003.dump', '2026-11-20T03:00:00Z'],
    ['orders-2026-11-20_03-15.dump', '2026-11-20T03:15:00Z'],
    ['orders-2026-11-20_03-15-30.dump', '2026-11-20T03:15:30Z'],
    ['orders 2026-11-20 03.15.30.dump', '2026-11-20T03:15:30Z'],
    ['orders-2026-11-20T03:15:00+01:00.dump', '2026-11-20T02:15:00Z'],
    ['orders-2026-11-20T03:15:00+0100.dump', '2026-11-20T02:15:00Z'],
    ['orders-2026-11-20T03:15:00-05:00.dump', '2026-11-20T08:15:00Z'],
    ['2026/11/20/orders.dump', '2026-11-20T00:00:00Z'],
    ['2026/11/20/031500-orders.dump', '2026-11-20T03:15:00Z'],
    ['2026-11-20/orders.dump', '2026-11-20T00:00:00Z'],
    ['2025/01/01/orders-2026-11-20.dump', '2026-11-20T00:00:00Z'],
    ['orders-2026-11-20/', '2026-11-20T00:00:00Z'],
    ['v20240101-orders-20261120.dump', '2026-11-20T00:00:00Z'],
    ['orders-1763608500.dump', '2025-11-20T03:15:00Z'],
    ['orders-1763608500123.dump', '2025-11-20T03:15:00.123Z'],
    ['orders-20261120-17.dump', '2026-11-20T00:00:00Z'],
    ['orders-20261120-9999.dump', '2026-11-20T00:00:00Z'],
    ['orders-2026-11-20_03-15-0042.dump', '2026-11-20T03:15:00Z'],
    ['orders-2024-02-29.dump', '2024-02-29T00:00:00Z'],
  ])('of %s is %s', (name, expected) => {
    expect(takenAtInName(name)).toEqual(new Date(expected));
  });

  it.each([
    'orders.dump',
    'orders-2026-13-45.dump',
    'orders-2026-02-30.dump',
    'orders-17.4.dump',
    'orders-123456.dump',
  ])('of %s is none', (name) => {
    expect(takenAtInName(name)).toBeUndefined();
  });

  it('is found again in every form in which an instant is usually written', () => {
    const instants = fc.date({
      min: new Date('1990-01-01T00:00:00Z'),
      max: new Date('2090-01-01T00:00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, fc.constantFrom('orders-', 'db_', '', 'pg17-', 'a/b/'), (instant, before) => {
        instant.setUTCMilliseconds(0);
        const iso = instant.toISOString().slice(0, 19);
        const forms = [
          `${iso}Z`,
          iso.replaceAll(':', '-'),
          iso.replaceAll('-', '').replaceAll(':', ''),
          iso.replaceAll(/[-T:]/g, ''),
          iso.replace('T', '_').replaceAll(':', '-'),
        ];
        for (const form of forms) expect(takenAtInName(`${before}${form}.dump`)).toEqual(instant);
      }),
    );
  });

  it('is a real instant or none, whatever the name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const found = takenAtInName(name);
        expect(found === undefined || !Number.isNaN(found.getTime())).toBe(true);
      }),
    );
  });
});
