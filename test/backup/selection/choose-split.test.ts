import { describe, expect, it } from 'vitest';
import type { ChoiceRule, Chosen } from '../../../src/backup/selection/choice-rule.ts';
import { chooseBackup } from '../../../src/backup/selection/choose.ts';
import type { StoredObject } from '../../../src/backup/source.ts';
import { DrillError } from '../../../src/support/errors.ts';

const NOW = new Date('2026-11-21T06:00:00Z');

function stored(key: string, sizeBytes: number, hoursOld = 24): StoredObject {
  return { key: `n/${key}`, sizeBytes, modifiedAt: new Date(NOW.getTime() - hoursOld * 3_600_000), etag: key };
}

function choose(objects: readonly StoredObject[], changes: Partial<ChoiceRule> = {}): Chosen {
  const rule = { where: 's3://acme/n/', prefix: 'n/', match: 'o-*.gz.part*', layouts: [], seed: 'seed' } as const;
  return chooseBackup(objects, { ...rule, select: { by: 'latest' }, takenAt: 'name', ...changes }, NOW);
}

function refusal(objects: readonly StoredObject[], changes: Partial<ChoiceRule> = {}): string {
  try {
    choose(objects, changes);
  } catch (error) {
    if (error instanceof DrillError) return `${error.code}: ${error.message}`;
  }
  throw new Error('expected a refusal');
}

const YESTERDAY = [stored('o-20261119.gz.partaa', 9, 30), stored('o-20261119.gz.partab', 4, 29)];
const TODAY = [stored('o-20261120.gz.partab', 3, 2), stored('o-20261120.gz.partaa', 9, 3)];

describe('a backup that was split', () => {
  it.each(['o-*.gz.part*', 'o-*.gz', 'o-*.partaa', 'o-*'])(
    'is one candidate when %s matches its name or that of a part',
    (match) => {
      const { backup, selection, warnings, newestTakenAt } = choose([...YESTERDAY, ...TODAY], { match });
      expect(selection).toBe('latest of 2');
      expect(backup).toMatchObject({
        kind: 'object',
        key: 'n/o-20261120.gz.part*',
        sizeBytes: 12,
        takenAtFrom: 'name',
      });
      expect(backup.objects.map(({ etag }) => etag)).toEqual(['o-20261120.gz.partaa', 'o-20261120.gz.partab']);
      expect(newestTakenAt).toEqual(new Date('2026-11-20T00:00:00Z'));
      expect(warnings).toEqual([]);
    },
  );

  it('is dated by when its last part was stored', () => {
    const { backup } = choose([...YESTERDAY, ...TODAY], { takenAt: 'modified' });
    expect(backup.takenAt).toEqual(new Date(NOW.getTime() - 2 * 3_600_000));
  });

  it('ignores side files of the whole and of its parts', () => {
    const beside = ['o-20261120.gz.sha256', 'o-20261120.gz.partaa.md5', 'o-20261120.gz.partab.size', 'SHA256SUMS'];
    expect(choose([...TODAY, ...beside.map((name) => stored(name, 64))], { match: 'o-*' }).selection).toBe(
      'latest of 1',
    );
  });

  it.each(['o-20261119.gz.part*', 'o-20261119.gz', 'n/o-20261119.gz.partab', 'o-20261119.gz.partaa'])(
    'is named by %s',
    (key) => {
      const { backup } = choose([...YESTERDAY, ...TODAY], { select: { by: 'key', key } });
      expect(backup.key).toBe('n/o-20261119.gz.part*');
    },
  );

  it('is not confused with the file beside it that has its name', () => {
    const { backup } = choose([...TODAY, stored('o-20261120.gz', 12)], { select: { by: 'key', key: 'o-20261120.gz' } });
    expect(backup.key).toBe('n/o-20261120.gz');
  });

  it('is backup-truncated, naming the missing part, when it lacks one, and is then not counted as a backup', () => {
    const gap = [...TODAY, stored('o-20261120.gz.partad', 9, 1)];
    expect(refusal([...YESTERDAY, ...gap])).toBe(
      'backup-truncated: o-20261120.gz.part* under s3://acme/n/, the selected backup, was split, and its part o-20261120.gz.partac is missing',
    );
    const { newestTakenAt, warnings } = choose([...YESTERDAY, ...gap], { select: { by: 'key', key: 'o-20261119.gz' } });
    expect(newestTakenAt).toEqual(new Date('2026-11-19T00:00:00Z'));
    expect(warnings).toEqual([
      'o-20261120.gz.part*, the newest, lacks its part o-20261120.gz.partac: it is not counted as a backup',
    ]);
  });

  it('comes with a warning when a last part may be missing, or one may belong to another backup', () => {
    expect(choose([...TODAY.slice(1), stored('o-20261120.gz.partab', 9)]).warnings).toEqual([
      'o-20261120.gz.part* was split, and its last part, o-20261120.gz.partab, is as long as the others: a part after it may be missing',
    ]);
    expect(choose([...TODAY, stored('o-20261120.gz.partac', 2, 100)]).warnings).toEqual([
      'o-20261120.gz.part* was split, and its parts were stored within 4 d 2 h: some may be of another backup',
    ]);
  });
});
