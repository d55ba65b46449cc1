import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearInstantOf } from '../../../src/backup/selection/date-candidate.ts';
import { readNameDate } from '../../../src/backup/selection/taken-at-in-name.ts';

function takenAtInName(name: string): Date | undefined {
  return clearInstantOf(name, 'UTC')?.at;
}

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
    ['forum-2026-11-20-031500-v20231130183000.tar.gz', '2026-11-20T03:15:00Z'],
    ['orders_20261120_version-20240101.dump', '2026-11-20T00:00:00Z'],
    ['2026-11-20/orders-v20240101.dump', '2024-01-01T00:00:00Z'],
    ['orders-v20261120.dump', '2026-11-20T00:00:00Z'],
    ['archiv20261120.dump', '2026-11-20T00:00:00Z'],
    ['serv-2026-11-20.dump', '2026-11-20T00:00:00Z'],
    ['orders 2026-11-20 at 03.15.30.dump', '2026-11-20T03:15:30Z'],
    ['orders-2026-11-20-at-23-45.dump', '2026-11-20T23:45:00Z'],
    ['orders-1763608500.dump', '2025-11-20T03:15:00Z'],
    ['orders-1763608500123.dump', '2025-11-20T03:15:00.123Z'],
    ['orders-2026-11-20_03-15-0042.dump', '2026-11-20T03:15:00Z'],
    ['orders-2024-02-29.dump', '2024-02-29T00:00:00Z'],
    ['orders-2026-11-20.sql.7z', '2026-11-20T00:00:00Z'],
    ['orders-2026-11-20-pg17-full.dump', '2026-11-20T00:00:00Z'],
    ['orders-2026-11-20_23h45m.dump', '2026-11-20T23:45:00Z'],
    ['orders-2026-11-20-23h45m10s.dump', '2026-11-20T23:45:10Z'],
    ['orders_2026-11-20_03h.dump', '2026-11-20T03:00:00Z'],
    ['orders-2026-11-20-11-45-PM.dump', '2026-11-20T23:45:00Z'],
    ['orders-2026-11-20_12-15-am.dump', '2026-11-20T00:15:00Z'],
    ['orders-2026-11-20_9.05PM.dump', '2026-11-20T21:05:00Z'],
    ['orders-2026-11-20T03Z.dump', '2026-11-20T03:00:00Z'],
    ['orders-20261120T031500-0500.dump', '2026-11-20T08:15:00Z'],
    ['orders-20261120_031500_CET.dump', '2026-11-20T02:15:00Z'],
    ['orders-20261120T0315+02.dump', '2026-11-20T01:15:00Z'],
    ['orders-2026-11-20_0315_UTC+2.dump', '2026-11-20T01:15:00Z'],
    ['orders-2026-11-20-03-15-00-GMT-05:30.dump', '2026-11-20T08:45:00Z'],
    ['orders-2026-11-20T03%3A15%3A00Z.dump', '2026-11-20T03:15:00Z'],
    ['orders-2026-11-20%2003-15.dump', '2026-11-20T03:15:00Z'],
    ['orders-2026-11-20T03%3a15%2b01%3a00.dump', '2026-11-20T02:15:00Z'],
    ['orders-28-11-2026.dump', '2026-11-28T00:00:00Z'],
    ['orders-11-28-2026.dump', '2026-11-28T00:00:00Z'],
    ['orders_28.11.2026_0315.dump', '2026-11-28T03:15:00Z'],
    ['orders-28112026.dump', '2026-11-28T00:00:00Z'],
    ['orders-11-11-2026.dump', '2026-11-11T00:00:00Z'],
    ['orders-20-Nov-2026.dump', '2026-11-20T00:00:00Z'],
    ['orders-20nov2026_0315.dump', '2026-11-20T03:15:00Z'],
    ['orders-November-20-2026.dump', '2026-11-20T00:00:00Z'],
    ['orders-2026-Nov-20.dump', '2026-11-20T00:00:00Z'],
    ['orders-Fri_Nov_20_03:15:00_UTC_2026.dump', '2026-11-20T03:15:00Z'],
    ['orders-Fri Nov 20 03:15:00 PM CET 2026.dump', '2026-11-20T14:15:00Z'],
    ['dt=2026-11-20/hour=03/orders.dump', '2026-11-20T03:00:00Z'],
    ['db=shop/dt=20261120/hour=3h15/orders.dump', '2026-11-20T03:15:00Z'],
    ['year=2026/month=11/day=20/hour=03/min=15/orders.dump', '2026-11-20T03:15:00Z'],
    ['dt=2026-11-20/hour=03/', '2026-11-20T03:00:00Z'],
    ['1763608500_2025_11_20_15.2.0-ee_gitlab_backup.tar', '2025-11-20T03:15:00Z'],
  ])('of %s is %s', (name, expected) => {
    expect(takenAtInName(name)).toEqual(new Date(expected));
  });

  it.each([
    'orders.dump',
    'orders-2026-13-45.dump',
    'orders-2026-02-30.dump',
    'orders-17.4.dump',
    'orders-123456.dump',
  ])('of %s is not a date', (name) => {
    expect(takenAtInName(name)).toBeUndefined();
  });

  it.each([
    ['orders-07-08-2026.dump', '07-08-2026'],
    ['orders_7.8.2026.dump', '7.8.2026'],
    ['orders-07082026.dump', '07082026'],
  ])('of %s is ambiguous', (name, text) => {
    const readings = [Date.UTC(2026, 7, 7), Date.UTC(2026, 6, 8)];
    expect(readNameDate(name)).toEqual({ kind: 'ambiguous-day', text, readings });
  });

  it.each([
    ['orders-20261120-17.dump', '17'],
    ['orders-20261120-9999.dump', '9999'],
    ['orders-2026-11-20_23x45.dump', '23x45'],
    ['orders-2026-11-20-25-00.dump', '25-00'],
    ['orders-2026-11-20T24-00-00.dump', '24-00-00'],
    ['orders-2026-11-20-nightly-0315.dump', '0315'],
    ['orders-2026-11-20-prod-11PM.dump', '11PM'],
    ['2026-11-20/orders_0315.dump', '0315'],
    ['03h15_28-11-2026.dump', '03h15'],
  ])('of %s is a day with an unreadable time, never midnight', (name, text) => {
    expect(readNameDate(name)).toMatchObject({ kind: 'unclear-time', text });
  });

  it('is in the time zone that the drill names, unless it has an offset', () => {
    const at = (name: string) => clearInstantOf(name, 'Europe/Berlin')?.at;
    expect(at('orders-2026-07-20_0315.dump')).toEqual(new Date('2026-07-20T01:15:00Z'));
    expect(at('orders-2026-11-20_0315.dump')).toEqual(new Date('2026-11-20T02:15:00Z'));
    expect(at('orders-2026-11-20.dump')).toEqual(new Date('2026-11-19T23:00:00Z'));
    expect(at('orders-2026-11-20T03:15:00Z.dump')).toEqual(new Date('2026-11-20T03:15:00Z'));
    expect(at('orders-1763608500.dump')).toEqual(new Date('2025-11-20T03:15:00Z'));
  });

  it('is recognised in every common timestamp format', () => {
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

  it('is a real instant or nothing, whatever the name', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const found = takenAtInName(name);
        expect(found === undefined || !Number.isNaN(found.getTime())).toBe(true);
      }),
    );
  });
});

it('takes a number after a zone between dashes for a counter, not an offset', () => {
  const utc = { kind: 'instant', at: new Date('2026-11-20T03:15:00Z') };
  expect(readNameDate('orders-2026-11-20-0315-UTC-1.dump')).toMatchObject(utc);
  expect(readNameDate('orders-2026-11-20-0515-UTC+2.dump')).toMatchObject(utc);
  expect(readNameDate('orders_2026-11-20_0215_UTC-1.dump')).toMatchObject(utc);
});
