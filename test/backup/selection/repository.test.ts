import { describe, expect, it } from 'vitest';
import type { DirectoryLayout } from '../../../src/backup/directory-layout.ts';
import { findCandidates } from '../../../src/backup/selection/candidates.ts';
import type { ChoiceRule } from '../../../src/backup/selection/choice-rule.ts';
import { chooseBackup } from '../../../src/backup/selection/choose.ts';
import type { StoredObject } from '../../../src/backup/source.ts';
import { DrillError } from '../../../src/support/errors.ts';

const NONE = /(?!)/;
/** Backups in `sets/NAME/LABEL/`, their logs in `logs/NAME/`. */
const LAYOUT: DirectoryLayout = {
  mark: 'made',
  needs: NONE,
  place: /(?:^|\/)sets\/\w+\/\d+\/$/,
  begun: NONE,
  member: NONE,
  repository: (directory) => {
    const [, root = '', name = ''] = /^(.*?)sets\/(\w+)\/\d+\/$/.exec(directory) ?? [];
    return [`${root}sets/${name}/`, `${root}logs/${name}/`];
  },
  seriesNoun: 'set',
};

const OTHER: DirectoryLayout = { mark: 'toc', begun: NONE, member: NONE };

const now = new Date('2026-11-28T12:00:00Z');
const stored = (key: string, index: number): StoredObject => ({
  key,
  sizeBytes: 1,
  modifiedAt: new Date(now.getTime() - 60_000 + index),
  etag: key,
});
const OURS = ['r/sets/shop/1/made', 'r/sets/shop/1/a/b', 'r/sets/shop/2/made', 'r/sets/shop/info', 'r/logs/shop/000'];
const rule = (match: string, select: ChoiceRule['select'] = { by: 'latest' }): ChoiceRule => ({
  where: 's3://r/',
  prefix: 'r/',
  match,
  layouts: [LAYOUT, OTHER],
  select,
  takenAt: 'modified',
  seed: '',
});
const choose = (keys: readonly string[], ...of: Parameters<typeof rule>) =>
  chooseBackup(keys.map(stored), rule(...of), now).backup.key;

describe('a repository of several backups', () => {
  it('contains only its entries, whatever `match` says', () => {
    const { all, matched } = findCandidates(
      [...OURS, 'r/sets/shop/latest/d/toc', 'r/x.sql', 'r/made'].map(stored),
      rule('**'),
    );
    expect(all.map(({ key }) => key).sort()).toEqual(['r/made', 'r/sets/shop/1/', 'r/sets/shop/2/', 'r/x.sql']);
    expect(matched).toHaveLength(4);
  });

  it('selects the newest of them, or the one that is named, with or without its folder', () => {
    expect(choose(OURS, 'sets/shop/*')).toBe('r/sets/shop/2/');
    for (const key of ['1', 'sets/shop/1', 'r/sets/shop/1/'])
      expect(choose(OURS, 'sets/shop/*', { by: 'key', key })).toBe('r/sets/shop/1/');
    expect(() => choose(OURS, 'sets/shop/*', { by: 'key', key: '3' })).toThrow(
      expect.objectContaining({ code: 'backup-missing' }),
    );
  });

  it('of several databases selects none until `match` says which', () => {
    const both = [...OURS, 'r/sets/crm/1/made'];
    expect(() => choose(both, 'sets/*/*')).toThrow(
      expect.objectContaining({
        code: 'backup-ambiguous',
        message: 'sets/*/* under s3://r/ selects backups of 2 series: sets/shop/, sets/crm/',
      }),
    );
    expect(choose(both, 'sets/crm/*')).toBe('r/sets/crm/1/');
    expect(() => choose(both, 'sets/shop/*', { by: 'key', key: '1' })).toThrow(
      expect.objectContaining({ code: 'backup-missing' }),
    );
  });
});

describe('a `match` that selects nothing in a repository', () => {
  const hintAt = (keys: readonly string[], match: string) => {
    try {
      return choose(keys, match);
    } catch (error) {
      return error instanceof DrillError && error.code === 'backup-missing' ? error.hint : error;
    }
  };

  it('lists the databases that have backups there as a hint', () => {
    expect(hintAt(OURS, 'sets/crm/*')).toBe(
      'The repository has no backup of the set crm: it has backups of the set shop. Set `backup.match` to sets/shop/*.',
    );
    const six = [...'abcdef'].map((name) => `r/x/sets/${name}/1/made`);
    expect(hintAt(six, 'sets/{crm,shop}/*')).toBe(
      'The repository has backups of the sets a, b, c, d, e and 1 more. Set `backup.match` to x/sets/a/* or x/sets/b/* or x/sets/c/* or x/sets/d/* or x/sets/e/*.',
    );
  });

  it('gives the usual hint when the database has backups, and when there are none at all', () => {
    for (const match of ['sets/shop/2025*', '*.sql'])
      expect(hintAt(OURS, match)).toMatch(/^The newest object there is /);
    expect(hintAt(['r/crm.sql'], 'sets/crm/*')).toMatch(/^The newest object there is /);
  });
});

describe('a directory that holds many backups', () => {
  const layout: DirectoryLayout = {
    mark: 'config',
    begun: NONE,
    member: NONE,
    entries: { folder: 'snapshots/', name: /^snapshots\/\w+$/ },
  };
  const KEYS = [
    'r/web/config',
    'r/web/data/0',
    'r/web/snapshots/a',
    'r/web/snapshots/b',
    'r/web/snapshots/b.tmp',
    'r/web/index/0',
  ];
  const candidatesOf = (match: string) =>
    findCandidates(KEYS.map(stored), { ...rule(match), layouts: [layout] }).matched.map(({ key }) => key);

  it.each([
    ['web/snapshots/*', ['r/web/snapshots/a', 'r/web/snapshots/b']],
    ['web', ['r/web/']],
    ['**', ['r/web/']],
  ])('yields for %s what `match` names: its entries, or the whole as one backup', (match, keys) => {
    expect(candidatesOf(match)).toEqual(keys);
  });
});
