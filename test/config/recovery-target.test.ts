import { describe, expect, it } from 'vitest';
import { parseRecoverTo, targetOf } from '../../src/config/recovery-target.ts';

describe('a recovery target', () => {
  it.each([
    ['latest', { kind: 'latest' }],
    ['backup-end', { kind: 'backup-end' }],
    ['2026-11-27T03:10:00+01:00', { kind: 'time', at: new Date('2026-11-27T02:10:00Z') }],
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
    ['before drop-tablespace x', /does not name what to stop before: drop-database, drop-table, truncate, mass-delete/],
    ['before lsn=76C2858', /is not a position in the log/],
    ['before', /is not a recovery target/],
    ['before drop-table orders', /needs the table’s schema, such as public\.orders$/],
    ['before truncate public.', /needs the table’s schema/],
    ['before truncate public.orders min 5', /for mass-delete only, not for truncate/],
    ['before mass-delete public.orders min 0', /at least one row/],
  ])('is not %j', (text, message) => expect(parseRecoverTo(text)).toMatch(message));

  it('is the end of the archive where there is one, else the end of the backup', () => {
    const now = { id: 'r1', startedAt: new Date('2026-11-27T03:10:00Z') };
    expect(targetOf(undefined, true, now)).toEqual({ kind: 'latest' });
    expect(targetOf(undefined, false, now)).toEqual({ kind: 'backup-end' });
    expect(targetOf({ to: { kind: 'ago', agoMs: 60_000 } }, true, now)).toEqual({
      kind: 'time',
      at: new Date('2026-11-27T03:09:00Z'),
    });
  });

  it('is drawn by the run, the same each time', () => {
    const draw = (id: string) =>
      targetOf({ to: { kind: 'random', withinMs: 60_000 } }, true, { id, startedAt: new Date('2026-11-27T03:10:00Z') });
    expect(draw('r1')).toMatchObject({ kind: 'random', notBefore: new Date('2026-11-27T03:09:00Z') });
    expect(draw('r1')).toEqual(draw('r1'));
    expect(draw('r1')).not.toEqual(draw('r2'));
  });
});
