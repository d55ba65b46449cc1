import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { ListingFold } from '../../../src/backup/discovery/listing-fold.ts';
import { groupSeries, type Series } from '../../../src/backup/discovery/series.ts';
import { seriesMatch } from '../../../src/backup/discovery/series-match.ts';
import { findCandidates } from '../../../src/backup/selection/candidates.ts';
import type { StoredObject } from '../../../src/backup/source.ts';

const NOW = new Date('2026-11-28T12:00:00Z');
const DAY_MS = 86_400_000;

function seriesOf(objects: readonly StoredObject[]): Series[] {
  const fold = new ListingFold('', NOW);
  for (const object of objects) fold.add(object);
  return groupSeries(fold, { prefix: '', layouts: [], now: NOW });
}

test.each([
  ['orders-2026-11-20T031500Z.dump', 'orders-*.dump'],
  ['orders_20261120_0315.sql.gz', 'orders_*.sql.gz'],
  ['2026/11/20/orders.dump', '*/*/*/orders.dump'],
  ['db2-2026-11-20.sql', 'db2-*.sql'],
  ['orders.7.dump', 'orders.*.dump'],
  ['daily_shop_2026-11-29_06h25m_Sunday.sql.gz', 'daily_shop_*.sql.gz'],
  ['shop_2026-11-30_06h25m.Monday.sql.gz', 'shop_*.sql.gz'],
  ['monthly_shop_2026-11-01_06h25m_November.sql.gz', 'monthly_shop_*.sql.gz'],
  ['shop-20261130-Mon.dump', 'shop-*.dump'],
  ['shop-thursday.dump', 'shop-*.dump'],
  ['mon-sundays-2026-11-30-marching.dump', 'mon-sundays-*-marching.dump'],
  ['backup_2026-11-29-0315_Acme_Shop_1a2b3c4d5e6f-db.gz', 'backup_*_Acme_Shop_*-db.gz'],
  ['orders-1f0c9a77e2.dump', 'orders-*.dump'],
  ['orders-k3x9p2m7.dump', 'orders-*.dump'],
  ['shard10node12-2026-11-20.sql', 'shard10node12-*.sql'],
  ['facade-2026-11-20.sql', 'facade-*.sql'],
  ['orders (copy).dump', 'orders \\(copy\\).dump'],
])('puts %s into the series %s', (name, match) => {
  expect(seriesMatch(name)).toBe(match);
});

test('gives a glob that matches the name it was made from, and those of other days', () => {
  const stem = fc.stringMatching(/^[a-z][a-z0-9 ()!+[\]{}_-]{0,12}$/);
  const day = fc.date({ min: new Date('2001-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(stem, day, day, (name, one, other) => {
      const nameOf = (date: Date) => `${name}-${date.toISOString().slice(0, 10)}.dump`;
      expect(picomatch(seriesMatch(nameOf(one)))(nameOf(one))).toBe(true);
      expect(seriesMatch(nameOf(one))).toBe(seriesMatch(nameOf(other)));
    }),
  );
});

test.each([
  [['2026-11-29/a.sql', '2026-11-30/a.sql', 'latest/a.sql'], ['*/a.sql']],
  [
    ['db/2026-11-30/a.sql', 'db/current/a.sql', 'db/current/b.sql'],
    ['db/*/a.sql', 'db/current/b.sql'],
  ],
  [
    ['latest/a.sql', 'shop/a.sql'],
    ['latest/a.sql', 'shop/a.sql'],
  ],
])('a folder with the latest of folders by date is no series: %j', (keys, matches) => {
  const objects = keys.map((key) => ({ key, sizeBytes: 9, modifiedAt: NOW, etag: key }));
  expect(seriesOf(objects).map(({ match }) => match)).toEqual(matches);
});

test('gives a glob for the parts of a split file', () => {
  const objects = ['aa', 'ab', 'ac'].map((part) => ({
    key: `shop-2026-11-20.sql.gz.part${part}`,
    sizeBytes: 9,
    modifiedAt: NOW,
    etag: '',
  }));
  const where = { prefix: '', layouts: [] };
  const [series] = seriesOf(objects);
  expect(series?.match).toBe('shop-*.sql.gz.part*');
  expect(findCandidates(objects, { ...where, match: series?.match ?? '' }).matched).toHaveLength(1);
});

test('finds a series that stopped, among 20,000 keys', () => {
  const object = (key: string, modifiedAt: Date) => ({ key, sizeBytes: 9, modifiedAt, etag: '' });
  const objects = Array.from({ length: 20_000 }, (_, index) => {
    const at = new Date(NOW.getTime() - Math.floor(index / 100) * DAY_MS - (index % 100 === 7 ? 30 * DAY_MS : 0));
    return object(`app${index % 100}/dump-${at.toISOString().slice(0, 10)}.sql`, at);
  });
  const series = seriesOf(objects);
  expect(series).toHaveLength(100);
  expect(series.filter(({ isStopped }) => isStopped).map(({ match }) => match)).toEqual(['app7/dump-*.sql']);
});

test.each(['a\nb', 'x/a\r\nb', 'a\u2028b', 'x\ny/a'])('finds the series of %j, by a glob in one line', (stem) => {
  const object = { key: `${stem}-2026-11-27.sql`, sizeBytes: 1, modifiedAt: NOW, etag: 'e' };
  const [found, ...others] = seriesOf([object]);
  expect(others).toEqual([]);
  expect(found?.newest.key).toBe(object.key);
  const match = found?.match ?? '';
  expect(match).not.toMatch(/[\r\n]/);
  expect(findCandidates([object], { prefix: '', match, layouts: [] }).matched).toHaveLength(1);
});
