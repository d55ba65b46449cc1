import { describe, expect, it } from 'vitest';
import { explainPosition, parseRecoverTo, requirePast, targetOf } from '../../src/config/recovery-target.ts';
import { ENGINE_DESCRIPTORS } from '../../src/engines/registry.ts';

describe('a recovery target', () => {
  it.each([
    ['latest', { kind: 'latest' }],
    ['backup-end', { kind: 'backup-end' }],
    ['2026-11-27T03:10:00+01:00', { kind: 'time', at: new Date('2026-11-27T02:10:00Z') }],
    ['2026-11-27', { kind: 'time', at: new Date('2026-11-27T00:00:00Z') }],
    ['10m before start', { kind: 'ago', agoMs: 600_000 }],
    ['random within 7d', { kind: 'random', withinMs: 7 * 86_400_000 }],
    ['lsn=0/76c2858', { kind: 'position', at: { lsn: '0/76C2858' } }],
    ['xid=773', { kind: 'position', at: { xid: '773' } }],
    ['name=before release', { kind: 'position', at: { name: 'before release' } }],
    ['before drop-database', { kind: 'before', event: 'drop-database', object: undefined }],
    ['before drop-database my shop', { kind: 'before', event: 'drop-database', object: 'my shop' }],
    ['before drop-table public.orders', { kind: 'before', event: 'drop-table', object: 'public.orders' }],
    ['before truncate shop.public.a b', { kind: 'before', event: 'truncate', object: 'shop.public.a b' }],
    ['before lsn=0/76c2858', { kind: 'position', at: { lsn: '0/76C2858' }, exclusive: true }],
    ['gtid=0-1-23', { kind: 'position', at: { gtid: '0-1-23' } }],
    [
      'gtid=3E11FA47-71CA-11E1-9E33-C80AA9429562:23',
      { kind: 'position', at: { gtid: '3e11fa47-71ca-11e1-9e33-c80aa9429562:23' } },
    ],
    ['before gtid=0-1-23', { kind: 'position', at: { gtid: '0-1-23' }, exclusive: true }],
    ['position=mysql-bin.000012:4711', { kind: 'position', at: { position: 'mysql-bin.000012:4711' } }],
    ['before mass-delete min 5', { kind: 'before', event: 'mass-delete', object: undefined, minRows: 5 }],
    ['before mass-delete a.b min 500', { kind: 'before', event: 'mass-delete', object: 'a.b', minRows: 500 }],
  ])('is read from %j', (text, target) => expect(parseRecoverTo(text)).toEqual(target));

  it.each([
    ['2026-11-27T03:10:00', /add its time zone/],
    ['2026-02-30T03:10:00Z', /is not a recovery target/],
    ['random within week', /is not a recovery target/],
    ['10m', /is not a recovery target/],
    ['soon before start', /is not a recovery target/],
    ['lsn=76C2858', /is not a position in the log/],
    ['xid=0', /is not the number of a transaction/],
    [`name=${'x'.repeat(64)}`, /is longer than/],
    ['gtid=0-1', /is not the GTID of a transaction/],
    ['gtid=3e11fa47-71ca-11e1-9e33-c80aa9429562:1-23', /is not the GTID of a transaction/],
    ['position=mysql-bin.000012', /is not a file of the log and a position in it/],
    ['position=../mysql-bin.000012:4', /is not a file of the log/],
    ['before drop-tablespace x', /does not name what to stop before: drop-database, drop-table, truncate, mass-delete/],
    ['before lsn=76C2858', /is not a position in the log/],
    ['before', /does not name what to stop before: drop-database/],
    ['before drop-table orders', /needs the table’s schema or database, such as public\.orders or shop\.orders$/],
    ['before truncate public.', /needs the table’s schema/],
    ['before truncate public.orders min 5', /for mass-delete only, not for truncate/],
    ['before mass-delete public.orders min 0', /at least one row/],
  ])('is not %j', (text, message) => expect(parseRecoverTo(text)).toMatch(message));

  it('is the end of the archive if there is one, otherwise the end of the backup', () => {
    const now = { id: 'r1', startedAt: new Date('2026-11-27T03:10:00Z') };
    expect(targetOf(undefined, true, now)).toEqual({ kind: 'latest' });
    expect(targetOf(undefined, false, now)).toEqual({ kind: 'backup-end' });
    expect(targetOf({ to: { kind: 'ago', agoMs: 60_000 } }, true, now)).toEqual({
      kind: 'time',
      at: new Date('2026-11-27T03:09:00Z'),
    });
  });

  it('is an instant in the past: one after the start of the run is a mistake in the drill', () => {
    const to = { kind: 'time', at: new Date('2026-11-27T03:10:00Z') } as const;
    requirePast({ to }, to.at);
    expect(() => requirePast({ to }, new Date(to.at.getTime() - 60_000))).toThrow(
      expect.objectContaining({
        code: 'target-in-future',
        message: 'the recovery target 27 Nov 2026, 03:10 UTC is after the start of the run, 27 Nov 2026, 03:09 UTC',
      }),
    );
  });

  it.each([
    ['postgres', 'gtid=0-1-23', 'gtid is not a position in the log of PostgreSQL; it has lsn, xid and name'],
    ['mariadb', 'lsn=0/76C2858', 'lsn is not a position in the log of MariaDB; it has gtid and position'],
    ['mysql', 'position=binlog.000012:4711', undefined],
    ['mysql', 'latest', undefined],
  ] as const)('for %s is checked against the positions that its log has: %s', (engine, text, message) => {
    const to = parseRecoverTo(text);
    if (typeof to === 'string') throw new TypeError(to);
    expect(explainPosition(to, ENGINE_DESCRIPTORS[engine])).toBe(message);
  });

  it('is drawn by the run, the same each time', () => {
    const draw = (id: string) =>
      targetOf({ to: { kind: 'random', withinMs: 60_000 } }, true, { id, startedAt: new Date('2026-11-27T03:10:00Z') });
    expect(draw('r1')).toMatchObject({ kind: 'random', notBefore: new Date('2026-11-27T03:09:00Z') });
    expect(draw('r1')).toEqual(draw('r1'));
    expect(draw('r1')).not.toEqual(draw('r2'));
  });
});
