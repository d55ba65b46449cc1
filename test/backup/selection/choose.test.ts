import { describe, expect, it } from 'vitest';
import type { ChoiceRule, Chosen } from '../../../src/backup/selection/choice-rule.ts';
import { chooseBackup } from '../../../src/backup/selection/choose.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { failure, never } from '../../contracts/source-contract.ts';

const NOW = new Date('2026-11-21T06:00:00Z');

/** Keys below `orders/`; `hoursOld` is when the store received it. */
function stored(key: string, hoursOld = 24, sizeBytes = 100): StoredObject {
  return { key: `orders/${key}`, sizeBytes, modifiedAt: new Date(NOW.getTime() - hoursOld * 3_600_000), etag: key };
}

function choose(objects: StoredObject[], changes: Partial<ChoiceRule> = {}): Chosen {
  const rule: ChoiceRule = {
    where: 's3://acme/orders/',
    prefix: 'orders/',
    match: 'orders-*.dump',
    select: { by: 'latest' },
    takenAt: 'name',
    layouts: engineOf('postgres').layouts,
    seed: '20261121-094131-k3f9qz',
    ...changes,
  };
  return chooseBackup(objects, rule, NOW);
}

function refusal(objects: StoredObject[], changes: Partial<ChoiceRule> = {}): DrillError {
  try {
    choose(objects, changes);
  } catch (error) {
    if (error instanceof DrillError) return error;
  }
  throw new Error('expected a refusal');
}

describe('the backup to drill', () => {
  it('is the newest by when it was taken, not by name or storage time', () => {
    const { backup, selection } = choose([
      stored('orders-z-2026-11-18.dump', 1),
      stored('orders-a-2026-11-20.dump', 9),
      stored('readme.txt'),
    ]);
    expect(backup).toMatchObject({ key: 'orders/orders-a-2026-11-20.dump', kind: 'object', takenAtFrom: 'name' });
    expect(backup.takenAt).toEqual(new Date('2026-11-20T00:00:00Z'));
    expect(selection).toBe('latest of 2');
  });

  it('is the one stored last when the names give the same day', () => {
    const objects = [stored('orders-2026-11-20-b.dump', 9), stored('orders-2026-11-20-a.dump', 3)];
    expect(choose(objects).backup.key).toBe('orders/orders-2026-11-20-a.dump');
  });

  it('goes by storage time when the drill says so', () => {
    const objects = [stored('orders-2026-11-20.dump', 9), stored('orders-2026-11-18.dump', 3)];
    expect(choose(objects, { takenAt: 'modified' }).backup).toMatchObject({
      key: 'orders/orders-2026-11-18.dump',
      takenAtFrom: 'modified',
    });
  });

  it('is never another database’s: * stays within a segment', () => {
    const objects = [stored('orders-2026-11-18.dump'), stored('other/orders-2026-11-20.dump')];
    expect(choose(objects).backup.key).toBe('orders/orders-2026-11-18.dump');
    expect(choose(objects, { match: '**/orders-*.dump' }).backup.key).toBe('orders/other/orders-2026-11-20.dump');
  });

  it.each(['Thumbs.db', 'ehthumbs.db', 'desktop.ini', 'Icon\r', '~$orders.docx'])(
    'is never what a desktop leaves in a folder: %j',
    (name) => {
      const objects = [stored('orders-2026-11-18.dump'), stored(name)];
      const rule = { match: '*', takenAt: 'modified' } as const;
      expect(choose(objects, rule).backup.key).toBe('orders/orders-2026-11-18.dump');
      expect(choose(objects, { ...rule, match: name.replaceAll('$', '\\$') }).backup.key).toBe(`orders/${name}`);
    },
  );

  it.each(['#recycle', '@Recycle', '$RECYCLE.BIN', '@eaDir', '#snapshot/2026', 'lost+found', 'a/@eaDir'])(
    'is never a file that storage keeps in %s, unless the drill names the folder',
    (folder) => {
      const objects = [stored('orders-2026-11-18.dump'), stored(`${folder}/orders-2026-11-20.dump`)];
      expect(choose(objects, { match: '**/orders-*.dump' }).backup.key).toBe('orders/orders-2026-11-18.dump');
      const match = `${folder.replace('$', '\\$').replace('+', '\\+')}/*.dump`;
      expect(choose(objects, { match }).backup.key).toBe(`orders/${folder}/orders-2026-11-20.dump`);
    },
  );

  it('has the name that the drill gives, whether an accented letter is stored as one character or, as by macOS, two', () => {
    for (const [form, other] of [
      ['NFC', 'NFD'],
      ['NFD', 'NFC'],
    ]) {
      const name = 'café-2026-11-18.dump'.normalize(form);
      const match = 'café-*.dump'.normalize(other);
      expect(choose([stored(name)], { match }).backup.key).toBe(`orders/${name}`);
    }
  });

  it('is never a side file, folder marker or hidden upload, unless the drill names the extension', () => {
    const objects = [
      stored('orders-2026-11-18.dump'),
      stored('orders-2026-11-20.dump.sha256'),
      stored('orders-2026-11-20.dump.part'),
      stored('orders-2026-11-20/', 1, 0),
      stored('.orders-2026-11-20.dump'),
    ];
    expect(choose(objects, { match: '*' }).backup.key).toBe('orders/orders-2026-11-18.dump');
    expect(choose(objects, { match: 'orders-*.sha256' }).backup.key).toBe('orders/orders-2026-11-20.dump.sha256');
  });

  it.each([
    'sha256',
    'sha256sum',
    'sha1',
    'md5',
    'md5sum',
    'sha512',
    'SHA512SUMS',
    'b2',
    'asc',
    'sig',
    'minisig',
    'par2',
    'vol00+1.par2',
    'sha256.txt',
    'sha3-256',
    'rmd160',
    'sha256sum.asc',
    'md5.gpg',
    'ots',
    'txt',
    'metadata',
    'size',
    'stderr',
    'success',
    'toc',
    'pem',
    'swp',
    'incomplete',
  ])('is never a .%s side file, however backups are dated', (suffix) => {
    const objects = [
      stored('orders-2026-11-18.dump'),
      stored(`orders-2026-11-18.dump.${suffix}`, 1),
      stored('SHA256SUMS', 1),
      stored('SHA256SUMS.gpg', 1),
      stored('orders-MD5SUMS', 1),
      stored('orders-2026-11-18.dump~', 1),
    ];
    for (const takenAt of ['name', 'modified'] as const)
      expect(choose(objects, { match: '*', takenAt }).backup.key).toBe('orders/orders-2026-11-18.dump');
  });

  it('may be named like a side file when there is no file that it could belong to', () => {
    for (const ending of ['asc', 'gpg', 'txt', 'size'])
      expect(choose([stored(`orders-2026-11-18.sql.${ending}`)], { match: '*' }).backup.key).toBe(
        `orders/orders-2026-11-18.sql.${ending}`,
      );
  });

  it('is dated by storage time, with a warning, when its name is ambiguous or impossible', () => {
    const at = (key: string, hoursOld: number, changes: Partial<ChoiceRule> = {}) => {
      const { backup, warnings } = choose([stored('orders-2026-01-01.dump'), stored(key, hoursOld)], changes);
      return [backup.takenAt.toISOString(), backup.takenAtFrom, ...warnings];
    };
    expect(at('orders-07-08-2026.dump', 2)).toEqual([
      '2026-11-21T04:00:00.000Z',
      'modified',
      'orders-07-08-2026.dump: the date 07-08-2026 is ambiguous (7 August 2026 or 8 July 2026); the time at which it was stored is used',
    ]);
    expect(at('orders-2026-11-20_23x45.dump', 10)).toEqual([
      '2026-11-20T20:00:00.000Z',
      'modified',
      'orders-2026-11-20_23x45.dump: "23x45" beside the date may be a time, and is not understood; the time at which it was stored is used',
    ]);
    expect(at('orders-2026-11-20-3.dump', 2)[0]).toBe('2026-11-20T23:59:59.000Z');
    expect(at('orders-2026-11-21_0530.dump', 2)).toEqual([
      '2026-11-21T04:00:00.000Z',
      'modified',
      'orders-2026-11-21_0530.dump has a date 1 h 30 min later than when it was stored; the time at which it was stored is used; if names are in local time, set `backup.timezone` (now UTC)',
    ]);
    expect(at('orders-2026-11-21_0530.dump', 1.4, { timezone: 'Europe/Berlin' })).toEqual([
      '2026-11-21T04:30:00.000Z',
      'name',
    ]);
  });

  it('comes with a warning when names carry newer dates than the one stored last', () => {
    const objects = [stored('orders-2026-11-20.dump', 9), stored('orders-2026-11-18.dump', 3)];
    expect(choose(objects, { takenAt: 'modified' }).warnings).toEqual([
      'orders-2026-11-20.dump carries a newer date in its name than orders-2026-11-18.dump, which was stored later; set `takenAt: name` to go by names',
    ]);
    const sameDay = [stored('orders-2026-11-20_0315.dump', 3), stored('orders-2026-11-20.dump', 2)];
    expect(choose(sameDay, { takenAt: 'modified' }).warnings).toEqual([]);
  });

  it('skips undated objects with a warning when others have a date', () => {
    const { backup, warnings } = choose([stored('orders-2026-11-18.dump'), stored('orders-latest.dump', 1)]);
    expect(backup.key).toBe('orders/orders-2026-11-18.dump');
    expect(warnings).toEqual(['1 that matches has no date in its name and was left out']);
  });

  it('skips objects dated in the future with a warning', () => {
    const { backup, warnings } = choose([stored('orders-2026-11-20.dump'), stored('orders-2062-11-20.dump')]);
    expect(backup.key).toBe('orders/orders-2026-11-20.dump');
    expect(warnings).toEqual(['1 dated more than a day in the future was left out']);
    expect(refusal([stored('orders-2062-11-20.dump')]).message).toContain('is dated in the future');
  });

  it('does not fall back to an older one when the newest is empty', () => {
    const error = refusal([stored('orders-2026-11-19.dump'), stored('orders-2026-11-20.dump', 1, 0)]);
    expect(error.code).toBe('backup-empty');
    expect(error.message).toBe('orders-2026-11-20.dump under s3://acme/orders/, the selected backup, has 0 bytes');
  });

  it('may be newer than an empty one', () => {
    const objects = [stored('orders-2026-11-19.dump', 30, 0), stored('orders-2026-11-20.dump')];
    expect(choose(objects).backup.key).toBe('orders/orders-2026-11-20.dump');
  });

  it('is missing, with the newest object as a hint, when nothing matches', () => {
    const error = refusal([stored('payments-2026-11-20.dump', 3, 1_610_000), stored('b.dump', 9)]);
    expect(error.code).toBe('backup-missing');
    expect(error.message).toBe('no backup matches orders-*.dump under s3://acme/orders/ (2 objects listed)');
    expect(error.hint).toBe('The newest object there is payments-2026-11-20.dump (3 h old, 1.61 MB).');
  });

  it.each([
    ['*', ['tab-2026-11-20/a.txt', 'tab-2026-11-20/a.sql'], 'tab-*/*'],
    ['*.sql.gz', ['status/status.txt.gz', 'daily/shop/shop-2026-11-20.sql.gz'], 'daily/shop/*.sql.gz'],
    ['*', ['wal_005/0002.lz4', 'nightly/shop-2026-11-20/toc.dat'], 'nightly/*'],
  ])('that %s misses because it is in a folder is named with a pattern that selects it', (match, names, pattern) => {
    const objects = names.map((name, index) => stored(name, index + 1));
    expect(refusal(objects, { match }).hint).toContain(`: \`${pattern}\` selects `);
    expect(choose(objects, { match: pattern, takenAt: 'modified' }).backup.key).toContain('2026-11-20');
    expect(refusal(objects, { match: 'x-*' }).hint).not.toContain('folders');
  });

  it('is missing when there are no objects at all', () => {
    expect(refusal([]).message).toContain('(0 objects listed)');
    expect(refusal([]).hint).toContain('There are no objects there');
  });

  it('is undated when no name has a date, with a hint on what to set', () => {
    const error = refusal([stored('orders-new.dump'), stored('orders-old.dump')]);
    expect(error.code).toBe('backup-undated');
    expect(error.message).toContain('none of the 2 backups that match orders-*.dump');
    expect(error.hint).toContain('takenAt: modified');
  });

  it('is the requested one, by full key or relative to the prefix', () => {
    const objects = [stored('orders-2026-11-18.dump'), stored('orders-2026-11-20.dump')];
    for (const key of [
      'orders-2026-11-18.dump',
      'orders/orders-2026-11-18.dump',
      '/orders-2026-11-18.dump',
      '/orders/orders-2026-11-18.dump',
      './orders-2026-11-18.dump',
    ]) {
      expect(choose(objects, { select: { by: 'key', key } }).backup.key).toBe('orders/orders-2026-11-18.dump');
    }
  });

  it('is missing, with the nearest keys, when the requested one does not exist', () => {
    const objects = [stored('orders-2026-11-18.dump'), stored('orders-2026-11-20.dump'), stored('zebra')];
    const error = refusal(objects, { select: { by: 'key', key: 'orders-2026-11-28.dump' } });
    expect(error.code).toBe('backup-missing');
    expect(error.hint).toBe('The nearest keys there are orders-2026-11-18.dump, orders-2026-11-20.dump, zebra.');
  });
});

describe('a directory dump', () => {
  const objects = [
    stored('orders-2026-11-19/toc.dat', 30, 10),
    stored('orders-2026-11-19/3001.dat.gz', 31, 20),
    stored('orders-2026-11-20/3001.dat.gz', 2, 20),
  ];

  it('is one backup with everything below it', () => {
    for (const match of ['orders-*', 'orders-*/', 'orders-*/toc.dat']) {
      const { backup } = choose(objects.slice(0, 2), { match, takenAt: 'modified' });
      expect(backup).toMatchObject({ kind: 'directory', key: 'orders/orders-2026-11-19/', sizeBytes: 30 });
      expect(backup.objects).toHaveLength(2);
      expect(backup.takenAt).toEqual(new Date(NOW.getTime() - 30 * 3_600_000));
    }
  });

  it('fails without its table of contents when it is the newest, and warns when another one was named', () => {
    const error = refusal(objects, { match: 'orders-*' });
    expect(`${error.code}: ${error.message}`).toBe(
      'backup-truncated: orders-2026-11-20/ under s3://acme/orders/, the selected backup, is a directory dump without toc.dat: it was not finished',
    );
    expect(refusal(objects.slice(2), { match: 'orders-*' }).code).toBe('backup-truncated');
    const named = choose(objects, { match: 'orders-*', select: { by: 'key', key: '/orders-2026-11-19' } });
    expect(named.backup.key).toBe('orders/orders-2026-11-19/');
    expect(named.newestTakenAt).toEqual(new Date('2026-11-19T00:00:00Z'));
    expect(named.warnings).toEqual([
      'orders-2026-11-20/, the newest, has no toc.dat, so was not finished: it is not counted as a backup',
    ]);
  });

  it('is not recognised in a folder with other files, or when the drill asks for its files', () => {
    const other = [stored('orders-2026-11-20/shop.dump', 2), stored('orders-2026-11-20/17.dat', 1)];
    expect(choose(other, { match: '**/*.dump', takenAt: 'modified' }).backup.key).toBe(
      'orders/orders-2026-11-20/shop.dump',
    );
    expect(refusal(other, { match: 'orders-*' }).code).toBe('backup-missing');
    expect(choose(objects.slice(2), { match: '*/*.dat.gz', takenAt: 'modified' }).backup.kind).toBe('object');
    const plain = [stored('n/shop-schema.sql', 2), stored('n/shop-data.sql', 1)];
    expect(choose(plain, { match: '**', takenAt: 'modified' }).backup.key).toBe('orders/n/shop-data.sql');
  });

  it('is also recognised by the last file that other dump tools write', () => {
    const others = [
      ...['metadata', 'shop-schema-create.sql', 'shop.orders.00000.sql.zst'].map((name) => stored(`my-1/${name}`, 30)),
      ...['metadata.partial', 'shop-schema-create.sql'].map((name) => stored(`my-2/${name}`, 3)),
      ...['@.json', '@.done.json', 'shop@orders@@0.tsv.zst'].map((name) => stored(`sh-1/${name}`, 30)),
      ...['@.json', 'shop@orders@@0.tsv.zst'].map((name) => stored(`sh-2/${name}`, 3)),
      ...['metadata', 'anything.csv'].map((name) => stored(`no-1/${name}`, 3)),
    ];
    const shop = choose(others, { match: 'my-1', takenAt: 'modified' });
    expect(shop.backup).toMatchObject({ kind: 'directory', key: 'orders/my-1/' });
    expect(shop.backup.objects).toHaveLength(3);
    const lost = [
      ...others,
      ...['shop-schema-create.sql', 'shop.orders-schema.sql'].map((name) => stored(`my-3/${name}`, 1)),
    ];
    for (const match of ['my-[12]', 'my-*'])
      expect(refusal(lost, { match, takenAt: 'modified' }).message).toContain('is a directory dump without metadata');
    const shell = choose(others, { match: 'sh-1/@.done.json', takenAt: 'modified' });
    expect(shell.backup).toMatchObject({ kind: 'directory', key: 'orders/sh-1/' });
    expect(refusal(others, { match: 'sh-*', takenAt: 'modified' }).message).toContain('without @.done.json');
    expect(refusal(others, { match: 'no-*' }).code).toBe('backup-missing');
  });

  it('is found when the source itself is one', () => {
    const own = [stored('toc.dat'), stored('3001.dat.gz')];
    const { backup } = choose(own, { match: '*', takenAt: 'modified' });
    expect(backup).toMatchObject({ kind: 'directory', key: 'orders/', sizeBytes: 200 });
  });
});

describe('locating by tag', () => {
  it('stops reading tags once nothing stored earlier can be newer', async () => {
    const objects = Array.from({ length: 100 }, (_, index) => stored(`orders-${index}.dump`, index + 1));
    const asked: string[] = [];
    const source = fakeSource(objects, (object) => {
      asked.push(object.key);
      return { 'taken-at': new Date(object.modifiedAt.getTime() - 60_000).toISOString() };
    });
    const spec = { match: '*.dump', select: { by: 'latest' }, takenAt: 'tag' } as const;
    const { backup, warnings } = await locateBackup(source, { ...spec, layouts: [] }, NOW, 'seed', never());
    expect(backup.key).toBe('orders/orders-0.dump');
    expect(asked).toHaveLength(16);
    expect(warnings).toEqual([]);
  });

  it('reports that no object has the tag', async () => {
    const source = fakeSource([stored('orders-1.dump')], () => ({}));
    const spec = { match: '*.dump', select: { by: 'latest' }, takenAt: 'tag' } as const;
    const error = await failure(locateBackup(source, { ...spec, layouts: [] }, NOW, 'seed', never()));
    expect(error.code).toBe('backup-undated');
    expect(error.message).toContain('has a tag taken-at with an ISO 8601 instant');
  });
});

function fakeSource(objects: StoredObject[], tagsOf: (object: StoredObject) => Record<string, string>): BackupSource {
  return {
    description: 's3://acme/orders/',
    prefix: 'orders/',
    async *list() {
      yield* objects;
    },
    readTags: async (object) => tagsOf(object),
    read: async () => {
      throw new Error('not asked for');
    },
    close: () => undefined,
  };
}
