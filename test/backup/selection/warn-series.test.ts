import { describe, expect, it } from 'vitest';
import { chooseBackup } from '../../../src/backup/selection/choose.ts';

const now = new Date('2026-11-30T12:00:00Z');

function warningsFor(
  names: readonly string[],
  select: Parameters<typeof chooseBackup>[1]['select'] = { by: 'latest' },
) {
  const objects = names.map((key, index) => ({
    key,
    sizeBytes: 1000,
    modifiedAt: new Date(now.getTime() - (index + 1) * 60_000),
    etag: String(index),
  }));
  const rule = {
    where: 'the source',
    prefix: '',
    match: '**',
    layouts: [],
    select,
    takenAt: 'name',
    seed: 's',
  } as const;
  return chooseBackup(objects, rule, now).warnings.filter((warning) => warning.includes('series'));
}

describe('a pattern that selects backups of several databases', () => {
  it('is warned of, with the names of the series', () => {
    expect(warningsFor(['billing-2026-11-30.sql.gz', 'orders-2026-11-30.sql.gz', 'orders-2026-11-29.sql.gz'])).toEqual([
      '** selects backups of 2 series (billing-*.sql.gz, orders-*.sql.gz), and whichever is newest is drilled: let `backup.match` select one of them',
    ]);
  });

  it.each([
    ['hosts', ['db1/2026-11-30.sql.gz', 'db2/2026-11-30.sql.gz']],
    ['shards', ['shop_shard1_20261130.dump', 'shop_shard2_20261130.dump']],
    ['tenants in folders', ['daily/acme-2026-11-30.dump', 'daily/globex-2026-11-30.dump']],
    ['databases with a copy of each', ['a-2026-11-30.sql', 'a-weekly-2026-11-30.sql', 'b-2026-11-30.sql']],
    ['directories', ['shop-2026-11-30/', 'crm-2026-11-30/'].map((name) => `${name}metadata`)],
  ])('is warned of for %s', (_what, names) => {
    expect(warningsFor(names)).toEqual([expect.stringContaining('selects backups of 2 series')]);
  });

  it('names some of many', () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}-2026-11-30.sql`);
    expect(warningsFor(names)[0]).toContain('of 5 series (a-*.sql, b-*.sql, c-*.sql and 2 more)');
  });
});

describe('a pattern that selects backups of one database', () => {
  it.each([
    ['with dates', ['orders-2026-11-30.sql.gz', 'orders-2026-11-29.sql.gz']],
    ['with dates alone', ['2026-11-30.sql.gz', '2026-11-29T03-00.sql.gz', 'backup-2026-11-29.sql.gz']],
    [
      'kept daily, weekly and monthly',
      ['daily/orders-2026-11-30.sql', 'weekly/orders-2026-11-30.sql', 'orders_monthly_2026-11-30.sql'],
    ],
    ['full and incremental', ['orders-full-2026-11-30.xb', 'orders_inc_2026-11-30.xb', 'orders-2026-11-30.xb']],
    ['with a copy of the latest', ['orders-2026-11-30.dump', 'orders-latest.dump', 'latest.dump']],
    ['by weekday', ['orders-2026-11-30_Sunday.sql.gz', 'orders-2026-11-30.sql.gz']],
    ['beside other files', ['orders-2026-11-30.dump', 'restore-notes-2026-11-30.txt', 'job-2026-11-30.log']],
    [
      'with ids of their own',
      ['orders-2026-11-30-x7k2p.sql', 'orders-2026-11-30-9f3b1.sql', 'orders-2026-11-30-1a2b3c4d5e6f.sql'],
    ],
    ['after another database was given up', ['orders-2026-11-30.dump', 'billing-2026-11-28.dump']],
  ])('is not warned of %s', (_what, names) => {
    expect(warningsFor(names)).toEqual([]);
  });

  it('is not warned of when the backup was named', () => {
    const names = ['billing-2026-11-30.sql.gz', 'orders-2026-11-30.sql.gz'];
    expect(warningsFor(names, { by: 'key', key: 'orders-2026-11-30.sql.gz' })).toEqual([]);
  });
});
