import { describe, expect, it } from 'vitest';
import type { CatalogTable } from '../../../src/engines/catalog.ts';
import { TableNames } from '../../../src/verify/catalog/table-names.ts';
import { fakeCatalog, tableOf } from '../fake-pool.ts';

const part: CatalogTable = { ...tableOf('event_2026'), partitionOf: { schema: 'public', name: 'event' } };
const tables = [
  tableOf('orders'),
  tableOf('orders', 'audit'),
  tableOf('log', 'audit'),
  tableOf('only', 'x'),
  tableOf('twice', 'x'),
  tableOf('twice', 'y'),
  tableOf('a.b', 'c'),
  { ...tableOf('event'), kind: 'partitioned' as const },
  part,
  { ...tableOf('seen'), kind: 'view' as const },
  { ...tableOf('totals'), kind: 'materialized-view' as const },
  { ...tableOf('spatial_ref_sys'), isExtension: true },
  { ...tableOf('session'), transient: 'MEMORY' },
];

describe('table names', () => {
  it.each([
    ['orders', 'public.orders'],
    ['audit.orders', 'audit.orders'],
    ['only', 'x.only'],
    ['c.a.b', 'c.a.b'],
    ['a.b', 'c.a.b'],
    ['event_2026', 'public.event_2026'],
    ['seen', 'public.seen'],
    ['ORDERS', undefined],
    ['none', undefined],
  ])('resolve %s to %s', async (text, found) => {
    const table = (await TableNames.of(fakeCatalog({ tables }))).find(text);
    expect(table && `${table.schema}.${table.name}`).toBe(found);
  });

  it('ignore case where the server does, and need a schema if ambiguous', async () => {
    const names = await TableNames.of(fakeCatalog({ tables, ignoresCase: true }));
    expect(names.find('ORDERS')?.schema).toBe('public');
    expect(() => names.find('twice')).toThrow('several schemas have a table twice: x.twice, y.twice');
  });

  it('match patterns against user tables, counting each partitioned table once', async () => {
    const names = await TableNames.of(fakeCatalog({ tables }));
    const match = (pattern: string) => names.match(pattern).map((table) => names.show(table));
    expect(match('*')).toEqual([
      'orders',
      'audit.orders',
      'audit.log',
      'x.only',
      'x.twice',
      'y.twice',
      'c.a.b',
      'event',
    ]);
    expect(match('audit.*')).toEqual(['audit.orders', 'audit.log']);
    expect(match('?vent')).toEqual(['event']);
    expect(match('e.ent')).toEqual([]);
  });

  it('resolve a column, or say what is missing', async () => {
    const names = await TableNames.of(fakeCatalog({ tables }));
    const columns = [
      {
        table: { schema: 'c', name: 'a.b' },
        name: 'd.e',
        position: 1,
        type: 'date',
        nullable: true,
        integers: undefined,
        time: 'date' as const,
      },
    ];
    expect(names.findColumn('a.b.d.e', columns)).toMatchObject({ column: { name: 'd.e' } });
    expect(names.findColumn('a.b.nothing', columns)).toBe('the column nothing of c.a.b');
    expect(names.findColumn('none.id', columns)).toBe('the table none');
  });
});
