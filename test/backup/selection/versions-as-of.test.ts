import { describe, expect, it } from 'vitest';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import { viewAsOf } from '../../../src/backup/selection/versions-as-of.ts';
import type { BackupSource, StoredVersion } from '../../../src/backup/source.ts';
import type { BackupSpec } from '../../../src/config/drill-file.ts';
import { DrillError } from '../../../src/support/errors.ts';
import { memorySource } from '../memory-source.ts';

const NOW = new Date('2026-11-28T12:00:00Z');

/** `a.dump 03:00 v1 10`; the version stored last is the latest; `-` instead of a size is a deletion. */
function versions(...lines: readonly string[]): StoredVersion[] {
  const all = lines.map((line) => {
    const [key = '', time = '', versionId = '', size = ''] = line.split(' ');
    const modifiedAt = new Date(`2026-11-27T${time}:00Z`);
    const isDeletion = size === '-';
    return { key, modifiedAt, versionId, isDeletion, isLatest: false, sizeBytes: Number(size) || 0, etag: versionId };
  });
  return all.map((one) => ({ ...one, isLatest: all.findLast(({ key }) => key === one.key) === one })).reverse();
}

async function* listed(all: readonly StoredVersion[]) {
  yield* all;
}

const at = (time: string) => new Date(`2026-11-27T${time}:00Z`);

describe('a bucket as of an instant', () => {
  const ALL = versions(
    'a 01:00 a1 1',
    'a 03:00 a2 2',
    'b 01:00 b1 1',
    'b 02:00 - -',
    'c 02:00 c1 1',
    'c 04:00 c2 3',
    'c 05:00 - -',
  );

  it.each([
    ['00:30', []],
    ['01:00', ['a1', 'b1']],
    ['01:59', ['a1', 'b1']],
    ['02:00', ['a1', 'c1']],
    ['03:30', ['a2', 'c1']],
    ['04:00', ['a2', 'c2']],
    ['06:00', ['a2']],
  ])('had at %s the versions %j', async (time, ids) => {
    const { objects } = await viewAsOf(listed(ALL), at(time));
    expect(objects.map(({ versionId }) => versionId).toSorted()).toEqual(ids);
  });

  it('reports what was deleted and replaced since, and what is there now', async () => {
    const view = await viewAsOf(listed(ALL), at('02:30'));
    expect(view).toMatchObject({ deletedCount: 1, replacedCount: 1, keepsVersions: true });
    expect(view.current.map(({ versionId }) => versionId)).toEqual(['a2']);
    expect(view.objects[0]).not.toHaveProperty('isLatest');
  });

  it('treats the first listed of the versions stored within a second as the newer one', async () => {
    const { objects } = await viewAsOf(listed(versions('a 01:00 a1 1', 'a 01:00 a2 2')), at('01:00'));
    expect(objects.map(({ versionId }) => versionId)).toEqual(['a2']);
  });

  it('keeps two versions of a key, however many exist', async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({
      key: 'a',
      modifiedAt: new Date(at('01:00').getTime() + index * 1000),
      versionId: `v${index}`,
      isDeletion: false,
      isLatest: index === 9999,
      sizeBytes: 1,
      etag: `v${index}`,
    }));
    const view = await viewAsOf(listed(many.toReversed()), new Date(at('01:00').getTime() + 1_234_500));
    expect(view.objects).toMatchObject([{ versionId: 'v1234' }]);
    expect(view.current).toMatchObject([{ versionId: 'v9999' }]);
  });

  it('is recognised as not versioned when its objects have no version ids', async () => {
    const { versionId: _, ...plain } = versions('a 01:00 a1 1')[0] as StoredVersion;
    expect((await viewAsOf(listed([plain]), at('02:00'))).keepsVersions).toBe(false);
  });
});

describe('choosing as of an instant', () => {
  const ALL = versions('a.dump 01:00 a1 10', 'b.dump 03:00 b1 10', 'b.dump 04:00 - -', 'a.dump 05:00 a2 20');

  const locate = (spec: Partial<BackupSpec>, all = ALL) => {
    const { source } = memorySource(Buffer.alloc(0));
    const current = all.filter(({ isLatest, isDeletion }) => isLatest && !isDeletion);
    const versioned: BackupSource = { ...source, list: () => listed(current), listVersions: () => listed(all) };
    const whole = { match: '*.dump', select: { by: 'latest' }, takenAt: 'modified', layouts: [], ...spec } as const;
    return locateBackup(versioned, whole, NOW, 'seed', new AbortController().signal);
  };
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: DrillError) => error,
    );

  it('finds the newest backup of that time, deleted since, and measures data loss from the newest of all', async () => {
    const { backup, selection, newestTakenAt, warnings } = await locate({ asOf: at('03:30') });
    expect(backup.objects).toMatchObject([{ key: 'b.dump', versionId: 'b1' }]);
    expect(selection).toBe('latest of 2 as of 27 Nov 2026, 03:30 UTC, version b1');
    expect(newestTakenAt).toEqual(at('05:00'));
    expect(warnings).toContain('since 27 Nov 2026, 03:30 UTC, 1 deleted and 1 replaced of the objects there');
  });

  it('finds a backup by its key as it was before it was replaced', async () => {
    const { backup } = await locate({ asOf: at('04:30'), select: { by: 'key', key: 'a.dump' } });
    expect(backup.objects).toMatchObject([{ key: 'a.dump', versionId: 'a1', sizeBytes: 10 }]);
  });

  it('counts back from the start of the run', async () => {
    const { backup } = await locate({ asOf: { agoMs: NOW.getTime() - at('02:00').getTime() } });
    expect(backup.objects).toMatchObject([{ versionId: 'a1' }]);
  });

  it('proves an emptied bucket recoverable, and measures data loss from the backup of that time', async () => {
    const emptied = versions('a.dump 01:00 a1 10', 'a.dump 05:00 - -');
    const { newestTakenAt } = await locate({ asOf: at('03:00') }, emptied);
    expect(newestTakenAt).toEqual(at('01:00'));
  });

  it('finds none before the first was stored, and names the instant', async () => {
    const error = await failure(locate({ asOf: at('00:30') }));
    expect(error).toMatchObject({
      code: 'backup-missing',
      message: expect.stringMatching(/as of 27 Nov 2026, 00:30 UTC$/),
    });
  });

  it('warns of an instant in the future, and of a store without earlier versions', async () => {
    const { versionId: _, ...plain } = versions('a.dump 01:00 a1 10')[0] as StoredVersion;
    const { warnings } = await locate({ asOf: new Date('2026-11-28T13:00:00Z') }, [plain]);
    expect(warnings).toEqual([
      expect.stringMatching(/1 h 0 min ahead|1 h ahead/),
      expect.stringContaining('holds no earlier version'),
    ]);
  });

  it.each([
    [{}, 'b.dump was deleted on 27 Nov 2026, 04:00 UTC'],
    [{ select: { by: 'key', key: 'b.dump' } }, 'b.dump was deleted on 27 Nov 2026, 04:00 UTC'],
  ] as const)('says that the missing backup (%j) was deleted, and how to drill it', async (spec, told) => {
    const error = await failure(
      locate(spec, versions('b.dump 03:00 b1 10', 'b.dump 04:00 - -', 'notes.txt 05:00 n1 1')),
    );
    expect(error).toMatchObject({
      code: 'backup-missing',
      message: expect.stringContaining(told),
      hint: expect.stringContaining('select: { asOf: 2026-11-27T03:59:59Z }'),
    });
  });

  it('says only that it is missing when versions cannot be listed', async () => {
    const { source } = memorySource(Buffer.alloc(0));
    const listVersions = (): AsyncIterable<StoredVersion> => {
      throw new DrillError('source-denied', 'no');
    };
    const whole = { match: '*.x', select: { by: 'latest' }, takenAt: 'modified', layouts: [] } as const;
    const error = await failure(
      locateBackup({ ...source, listVersions }, whole, NOW, 's', new AbortController().signal),
    );
    expect(error).toMatchObject({ code: 'backup-missing', message: expect.not.stringContaining('deleted') });
  });
});
