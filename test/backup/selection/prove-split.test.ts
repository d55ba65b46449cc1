import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { listBackups } from '../../../src/backup/selection/list-backups.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import { pollNewestBackup } from '../../../src/backup/selection/poll-newest-backup.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { DrillError } from '../../../src/support/errors.ts';

const NOW = new Date('2026-11-21T06:00:00Z');
const PGDMP = Buffer.from('PGDMP\u0001\u0010\u0000 archive of pg_dump', 'latin1');
const HEADING = Buffer.from('--\n-- PostgreSQL database dump\n--\n\nSET x = 1;\n');
const RANDOM = Buffer.from('9f3a77c1d04be2', 'hex');
const MORE = Buffer.from('01c4e99a5512f0', 'hex');
const OTHER = Buffer.from('77aa04ee9b31cc', 'hex');

/** A file: its first bytes, its size, how many hours ago it was stored. */
type File = readonly [first: Buffer, size: number, hoursOld: number];

function sourceOf(files: Readonly<Record<string, File>>): BackupSource {
  const objects: StoredObject[] = Object.entries(files).map(([key, [, sizeBytes, hoursOld]]) => ({
    key,
    sizeBytes,
    modifiedAt: new Date(NOW.getTime() - hoursOld * 3_600_000),
    etag: key,
  }));
  return {
    description: '/backups',
    prefix: '',
    list: async function* () {
      yield* objects;
    },
    read: async ({ key }, { start, end }) => {
      const [first, size] = files[key] ?? [Buffer.alloc(0), 0];
      const whole = Buffer.concat([first, Buffer.alloc(Math.max(0, size - first.length), 0xee)]);
      return Readable.from([whole.subarray(start, end)]);
    },
  } satisfies Partial<BackupSource> as unknown as BackupSource;
}

const SPEC = { match: '*', select: { by: 'latest' }, takenAt: 'modified', timezone: undefined, layouts: [] } as const;

async function located(files: Readonly<Record<string, File>>): Promise<string> {
  const source = sourceOf(files);
  try {
    const { backup } = await locateBackup(source, { ...SPEC, asOf: undefined }, NOW, '', new AbortController().signal);
    return backup.objects.map(({ key }) => key).join(' + ');
  } catch (error) {
    if (error instanceof DrillError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

describe('numbered files are separate backups', () => {
  it.each<[string, Readonly<Record<string, File>>]>([
    ['that begin like archives of pg_dump', { 'o.dump.01': [PGDMP, 900, 26], 'o.dump.02': [PGDMP, 700, 1] }],
    ['and were stored at once', { 'o.dump.01': [PGDMP, 900, 1.01], 'o.dump.02': [PGDMP, 700, 1] }],
    ['of one round size', { 'o.dump.01': [PGDMP, 10_240, 26], 'o.dump.02': [PGDMP, 10_240, 1] }],
    ['in gzip', { 'o.sql.gz.01': [gzipSync('a'), 900, 26], 'o.sql.gz.02': [gzipSync('b'), 700, 1] }],
    ['in another format', { 'o.dump.01': [HEADING, 900, 3], 'o.dump.02': [PGDMP, 700, 1] }],
    ['in plain SQL', { 'o.sql.01': [HEADING, 900, 26], 'o.sql.02': [HEADING, 700, 1] }],
    ['of unknown content, days apart', { 'o.enc.01': [RANDOM, 900, 26], 'o.enc.02': [MORE, 700, 1] }],
    [
      'without a first one',
      { 'o.dump.05': [PGDMP, 900, 50], 'o.dump.06': [PGDMP, 900, 26], 'o.dump.07': [PGDMP, 899, 1] },
    ],
  ])('%s', async (_what, files) => {
    expect(await located(files)).toBe(Object.keys(files).at(-1));
  });
});

describe('numbered files are the parts of one', () => {
  it.each<[string, Readonly<Record<string, File>>]>([
    ['where only the first begins like an archive', { 'o.dump.01': [PGDMP, 900, 2], 'o.dump.02': [RANDOM, 700, 1] }],
    [
      'in plain SQL',
      { 'o.sql.00': [HEADING, 900, 2], 'o.sql.01': [Buffer.from('--\n-- Name: t; Type: TABLE'), 700, 1] },
    ],
    [
      'of unknown content, round and stored together',
      { 'o.enc.000': [RANDOM, 2 ** 20, 1], 'o.enc.001': [MORE, 2 ** 20, 1], 'o.enc.002': [OTHER, 7, 1] },
    ],
  ])('%s', async (_what, files) => {
    expect(await located(files)).toBe(Object.keys(files).join(' + '));
  });

  it('of which one is missing', async () => {
    const files: Record<string, File> = { 'o.dump.01': [PGDMP, 900, 2], 'o.dump.03': [RANDOM, 700, 1] };
    expect(await located(files)).toMatch(/^backup-truncated: .*its part o\.dump\.02 is missing$/);
  });
});

describe('numbered files are ambiguous', () => {
  it.each<[string, Readonly<Record<string, File>>]>([
    ['with unknown content', { 'o.enc.01': [RANDOM, 900, 2], 'o.enc.02': [MORE, 700, 1] }],
    ['when parts were stored days apart', { 'o.dump.01': [PGDMP, 900, 26], 'o.dump.02': [RANDOM, 700, 1] }],
  ])('%s', async (_what, files) => {
    expect(await located(files)).toMatch(/^backup-ambiguous: .* may be the parts of one backup or 2 numbered backups/);
  });
});

describe('the newest backup in a poll', () => {
  const newestOf = async (first: Buffer, second: Buffer) => {
    const source = sourceOf({ 'o.enc.01': [first, 900, 2], 'o.enc.02': [second, 700, 1] });
    return (await pollNewestBackup(source, SPEC, NOW, new AbortController().signal)).key;
  };

  it('is the one that a run would drill', async () => {
    expect(await newestOf(PGDMP, PGDMP)).toBe('o.enc.02');
    expect(await newestOf(PGDMP, RANDOM)).toBe('o.enc.*');
    expect(await newestOf(RANDOM, MORE)).toBe('o.enc.*'); // ambiguous: the run reports it
  });
});

describe('all backups, as bisect lists them', () => {
  it.each<[string, Readonly<Record<string, File>>, readonly string[]]>([
    [
      'are numbered copies',
      { 'o.dump.01': [PGDMP, 900, 50], 'o.dump.02': [PGDMP, 900, 26], 'o.dump.03': [PGDMP, 700, 1] },
      ['o.dump.03', 'o.dump.02', 'o.dump.01'],
    ],
    ['are split files', { 'o.dump.01': [PGDMP, 900, 2], 'o.dump.02': [RANDOM, 700, 1] }, ['o.dump.*']],
    [
      'are both, and older ones count like the newest',
      {
        'a.dump.01': [PGDMP, 900, 50],
        'a.dump.02': [PGDMP, 700, 49],
        'b.sql.part1': [HEADING, 900, 26],
        'b.sql.part2': [RANDOM, 700, 25],
        'c.dump': [PGDMP, 900, 1],
      },
      ['c.dump', 'b.sql.part*', 'a.dump.02', 'a.dump.01'],
    ],
    ['are ambiguous, which the run reports', { 'o.enc.01': [RANDOM, 900, 2], 'o.enc.02': [MORE, 700, 1] }, ['o.enc.*']],
  ])('%s', async (_what, files, keys) => {
    const source = sourceOf(files);
    const { signal } = new AbortController();
    const { backups } = await listBackups(source, SPEC, NOW, signal);
    expect(backups.map(({ key }) => key)).toEqual(keys);
    for (const { key } of backups.filter((each) => each.key !== 'o.enc.*')) {
      const { backup } = await locateBackup(
        source,
        { ...SPEC, asOf: undefined, select: { by: 'key', key } },
        NOW,
        '',
        signal,
      );
      expect(backup.key).toBe(key);
    }
  });
});

describe('lettered files', () => {
  it('are parts, unless each begins like a backup', async () => {
    const size = [900, 1] as const;
    expect(await located({ 'shop-aa': [PGDMP, ...size], 'shop-ab': [RANDOM, ...size] })).toBe('shop-aa + shop-ab');
    expect(await located({ 'shop-aa': [PGDMP, ...size], 'shop-ab': [PGDMP, 900, 0.5] })).toBe('shop-ab');
  });
});

describe('is the last part of the split archive or complete by itself, depending on how it ends', () => {
  const zipEnd = (disk: number) => {
    const end = Buffer.alloc(22);
    end.write('PK\u0005\u0006', 'latin1');
    end.writeUInt16LE(disk, 4);
    return end;
  };

  it('is the last part of it, or whole by itself, as its end says', async () => {
    const part: File = [RANDOM, 100, 30];
    expect(await located({ 'o.z01': part, 'o.zip': [zipEnd(1), 22, 1] })).toBe('o.z01 + o.zip');
    expect(await located({ 'o.z01': part, 'o.zip': [zipEnd(0), 22, 1] })).toBe('o.zip');
  });
});
