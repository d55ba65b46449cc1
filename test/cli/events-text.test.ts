import { describe, expect, it } from 'vitest';
import { eventToJson, formatEvents, targetsAmong } from '../../src/cli/events-text.ts';
import { parseRecoverTo } from '../../src/config/recovery-target.ts';
import type { FoundEvent } from '../../src/engines/log-events.ts';

const event = (kind: FoundEvent['kind'], position: string, name?: string, database?: string): FoundEvent => ({
  kind,
  at: new Date('2026-11-27T03:10:00.250Z'),
  transaction: '773',
  position,
  stopBefore: { lsn: position },
  database: { name: database, number: 16384 },
  objects: kind === 'drop-database' ? [] : [{ name, number: 16400, rows: undefined }],
  othersLost: 2,
});

describe('an event that destroyed data, as text', () => {
  it('is a statement, what else is lost, and the command that recovers to just before it', () => {
    const deleted = {
      ...event('mass-delete', '0/2', 'public.orders', 'shop'),
      objects: [{ name: 'public.orders', number: 1, rows: 5000 }],
      othersLost: 0,
    };
    const events = [event('drop-table', '0/1', undefined, undefined), deleted];
    expect([...formatEvents({ events, notSearched: ['the archive lacks a segment'] }, 'drills/o.yaml', 500)]).toEqual([
      '27 Nov 2026, 03:10:00 UTC  DROP TABLE the table with file 16400 in the database with OID 16384',
      '    transaction 773 at 0/1; 2 other transactions committed since',
      "    firedrill run drills/o.yaml --to 'before lsn=0/1'",
      '27 Nov 2026, 03:10:00 UTC  DELETE of 5,000 rows of public.orders in shop',
      '    transaction 773 at 0/2; no other transaction committed since',
      "    firedrill run drills/o.yaml --to 'before mass-delete shop.public.orders min 500'",
      'WARNING: not searched: the archive lacks a segment',
    ]);
    expect([...formatEvents({ events: [], notSearched: [] }, 'x', undefined)]).toEqual([
      expect.stringMatching(/^nothing found/),
    ]);
    expect([...formatEvents({ events: [], notSearched: [], notCounted: 'one DELETE' }, 'x', undefined)]).toEqual([
      expect.stringMatching(/^nothing found/),
      'NOTE: not listed: one DELETE',
    ]);
    expect([...formatEvents({ events: [], notSearched: [], notes: ['the log forks'] }, 'x', undefined)]).toEqual([
      expect.stringMatching(/^nothing found/),
      'NOTE: the log forks',
    ]);
  });

  it('names the first of many tables and how many more there are, with a recovery target by position', () => {
    const first = event('drop-table', 'binlog.000001:4', 'a', 'shop');
    const [table] = first.objects;
    const many = { ...first, objects: Array(7).fill(table), moreObjects: 999_993 };
    const [line = '', , command] = formatEvents({ events: [many], notSearched: [] }, 'drills/o.yaml', undefined);
    expect(line).toMatch(/DROP TABLE a, a, a, a, a, 999,995 more tables in shop$/);
    expect(command).toContain("--to 'before lsn=");
    expect(eventToJson(many, '')).toMatchObject({ objects: { length: 7 }, moreObjects: 999_993 });
  });

  it('is recovered to from an older backup when the latest is newer than the event', () => {
    const events = [event('drop-table', '0/1', 'public.a', 'shop'), event('drop-table', '0/2', 'public.b', 'shop')];
    const from = ({ position }: FoundEvent) =>
      position === '0/1' ? ({ kind: 'none' } as const) : ({ kind: 'older', key: 'base/1/' } as const);
    const lines = [...formatEvents({ events, notSearched: [] }, 'drills/o.yaml', undefined, from)];
    expect(lines.slice(1)).toEqual([
      '    transaction 773 at 0/1; 2 other transactions committed since; every backup is newer, so no recovery leads there',
      '27 Nov 2026, 03:10:00 UTC  DROP TABLE public.b in shop',
      '    transaction 773 at 0/2; 2 other transactions committed since',
      "    firedrill run drills/o.yaml --to 'before drop-table shop.public.b' --backup base/1/",
    ]);
    const [first, second] = events.map((each) => eventToJson(each, targetsAmong(events, undefined)(each), from));
    expect(first).toMatchObject({ backup: null, isBeforeBackups: true });
    expect(second).toMatchObject({ backup: 'base/1/', isBeforeBackups: false });
  });

  it('has a recovery target by name when the name leads to it, otherwise by position', () => {
    const [first, last] = [event('truncate', '0/1', 'public.a', 'shop'), event('truncate', '0/2', 'public.a', 'shop')];
    const odd = event('drop-table', '0/3', 'public.my "table"', 'shop');
    const events = [first, last, odd, event('drop-database', '0/4', undefined, 'shop')];
    const targets = events.map(targetsAmong(events, undefined));
    expect(targets).toEqual([
      'before lsn=0/1',
      'before truncate shop.public.a',
      'before lsn=0/3',
      'before drop-database shop',
    ]);
    for (const target of targets) expect(parseRecoverTo(target)).toBeTypeOf('object');
  });

  it('is read only a few times among many', () => {
    let looks = 0;
    const events = Array.from({ length: 2000 }, (_, number) => {
      const one = event('truncate', `0/${number}`, `public.t${number % 900}`, 'shop');
      return Object.defineProperty({ ...one }, 'objects', {
        get: () => {
          looks += 1;
          return one.objects;
        },
      });
    });
    const lines = [...formatEvents({ events, notSearched: [] }, 'o.yaml', undefined)];
    expect(lines.filter((line) => line.includes("'before truncate "))).toHaveLength(900);
    expect(looks).toBeLessThan(10 * events.length);
  });

  it('says in JSON what is known by number only', () => {
    const one = event('drop-table', '0/1', 'public.a', undefined);
    expect(eventToJson(one, targetsAmong([one], undefined)(one))).toMatchObject({
      database: { name: null, number: 16384, knownBy: 'number' },
      objects: [{ name: 'public.a', knownBy: 'name', rows: null }],
      to: 'before drop-table public.a',
    });
  });

  it('names what a statement did to a table, with a recovery target by position', () => {
    const of = (kind: FoundEvent['kind'], parts?: readonly string[]): FoundEvent => ({
      ...event(kind, 'binlog.000003:4711', 'orders', 'shop'),
      stopBefore: { position: 'binlog.000003:4711' },
      objects: [{ name: 'orders', number: undefined, rows: undefined, ...(parts ? { parts } : {}) }],
    });
    const events = [
      of('drop-column', ['note', 'b']),
      of('drop-partition', ['p0']),
      of('rename-table', ['old']),
      of('mass-update'),
      of('mass-delete'),
    ];
    const lines = [...formatEvents({ events, notSearched: [] }, 'o.yaml', undefined)];
    expect(lines.filter((_, index) => index % 3 === 0).map((line) => line.slice(27))).toEqual([
      'ALTER TABLE orders DROP COLUMN note, b in shop',
      'ALTER TABLE orders DROP PARTITION p0 in shop',
      'RENAME TABLE orders TO old in shop',
      'UPDATE of all rows of orders in shop',
      'DELETE of all rows of orders in shop',
    ]);
    expect(events.map(targetsAmong(events, undefined))).toEqual([
      ...Array.from({ length: 4 }, () => 'before position=binlog.000003:4711'),
      'before mass-delete shop.orders',
    ]);
  });
});
