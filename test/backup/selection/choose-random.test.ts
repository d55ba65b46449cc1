import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChoiceRule, Chosen } from '../../../src/backup/selection/choice-rule.ts';
import { chooseBackup } from '../../../src/backup/selection/choose.ts';
import { drawIndex, formatOrdinal } from '../../../src/backup/selection/draw.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import type { BackupSource, StoredObject } from '../../../src/backup/source.ts';
import type { SelectSpec } from '../../../src/config/drill-file.ts';
import { failure, never } from '../../contracts/source-contract.ts';

const NOW = new Date('2026-11-21T06:00:00Z');
const DAY_MS = 86_400_000;
const SEED = '20261121-060000-k3f9qz';
const MONTH: SelectSpec = { by: 'random', windowMs: 30 * DAY_MS };

function stored(daysOld: number, changes: Partial<StoredObject> = {}): StoredObject {
  const modifiedAt = new Date(NOW.getTime() - daysOld * DAY_MS);
  return { key: `orders-${modifiedAt.toISOString()}.dump`, sizeBytes: 100, modifiedAt, etag: 'e', ...changes };
}

/** Taken 1, 2, … days ago. */
const daily = (count: number) => Array.from({ length: count }, (_, index) => stored(index + 1));

function choose(objects: readonly StoredObject[], changes: Partial<ChoiceRule> = {}): Chosen {
  const rule: ChoiceRule = {
    where: 's3://acme/',
    prefix: '',
    match: '*.dump',
    layouts: [],
    select: MONTH,
    takenAt: 'modified',
    seed: SEED,
    ...changes,
  };
  return chooseBackup(objects, rule, NOW);
}

const daysOld = ({ backup }: Chosen) => (NOW.getTime() - backup.takenAt.getTime()) / DAY_MS;

describe('a random backup', () => {
  it('is any backup within the window, and none outside it', () => {
    const days = new Set<number>();
    for (let seed = 0; seed < 500; seed += 1) days.add(daysOld(choose(daily(90), { seed: String(seed) })));
    expect([...days].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  });

  it('is each backup about equally often', () => {
    const counts = new Map<number, number>();
    for (let run = 0; run < 30_000; run += 1) {
      const index = drawIndex(`20261121-${run}-k3f9qz`, 30);
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
    // chi-squared with 29 degrees of freedom: one in a thousand fair draws exceeds 58.3; these seeds never change
    const squares = [...counts.values()].map((count) => (count - 1000) ** 2 / 1000);
    expect(squares).toHaveLength(30);
    expect(squares.reduce((sum, square) => sum + square, 0)).toBeLessThan(58.3);
  });

  it('is the same for the same seed, whatever the listing order and whatever else is stored', () => {
    const list = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(list, fc.string(), fc.func(fc.nat()), (days, seed, orderOf) => {
        const inside = [0, ...days.filter((day) => day <= 30)].map((day, index) =>
          stored(day, { key: `${index}.dump` }),
        );
        const outside = days.filter((day) => day > 30).map((day) => stored(day));
        const shuffled = [...inside, ...outside, stored(3, { key: 'other.txt' })].sort(
          (a, b) => orderOf(a.key) - orderOf(b.key),
        );
        const chosen = choose(shuffled, { seed });
        expect(chosen.backup.key).toBe(choose(inside, { seed }).backup.key);
        expect(chosen.selection).toContain(` of ${inside.length} within 30 d, seed ${seed}`);
      }),
      { numRuns: 300 },
    );
  });

  it('is the one that its seed selects', () => {
    const index = drawIndex(SEED, 30);
    const chosen = choose(daily(30));
    expect(daysOld(chosen)).toBe(30 - index); // the oldest is 0
    expect(chosen.selection).toBe(`random: ${formatOrdinal(index + 1)} of 30 within 30 d, seed ${SEED}`);
  });

  it('may be exactly as old as the window', () => {
    expect(daysOld(choose([stored(30)]))).toBe(30);
  });

  it('comes with the time of the newest backup, from which data loss is measured', () => {
    const { newestTakenAt, warnings } = choose([...daily(30), stored(0)]);
    expect(newestTakenAt).toEqual(NOW);
    expect(warnings).toEqual([]);
  });

  it('does not count an empty backup as the newest, and warns', () => {
    const empty = stored(0, { key: 'empty.dump', sizeBytes: 0 });
    const seed = Array.from({ length: 100 }, (_, index) => String(index)).find((text) => drawIndex(text, 31) !== 30);
    const { newestTakenAt, warnings } = choose([...daily(30), empty], { seed: seed ?? '' });
    expect(newestTakenAt).toEqual(new Date(NOW.getTime() - DAY_MS));
    expect(warnings).toEqual(['empty.dump, the newest, has 0 bytes: it is not counted as a backup']);
  });

  it('fails the drill when empty', () => {
    expect(() => choose([stored(0, { sizeBytes: 0 })])).toThrow(expect.objectContaining({ code: 'backup-empty' }));
  });

  it.each([
    [[40], 'the only backup that matches *.dump under s3://acme/ was not taken within the last 30 d'],
    [[31, 40, 50], 'none of the 3 backups that match *.dump under s3://acme/ was taken within the last 30 d'],
  ])('is missing when none is within the window: %j', (days, message) => {
    const objects = days.map((day) => stored(day));
    const hint = `The newest, ${objects[0]?.key}, is ${days[0]} d old: check that the backup job still runs, or widen the window in \`backup.select\`.`;
    expect(() => choose(objects)).toThrow(expect.objectContaining({ code: 'backup-missing', message, hint }));
  });
});

describe('the backup selection', () => {
  it('is reported for the latest, with the number of candidates', () => {
    const chosen = choose([...daily(31), stored(-2)], { select: { by: 'latest' } });
    expect(chosen.selection).toBe('latest of 31'); // the one from the future does not count
    expect(chosen.newestTakenAt).toEqual(chosen.backup.takenAt);
  });

  it('is reported for a named backup, along with the newest', () => {
    const objects = daily(3);
    const named = (key: string) => choose(objects, { match: 'orders-*.dump', select: { by: 'key', key } });
    expect(named(objects[2]?.key ?? '')).toMatchObject({ selection: 'named', newestTakenAt: objects[0]?.modifiedAt });
    const aside = stored(0, { key: 'by-hand.dump' });
    objects.push(aside);
    expect(named(aside.key).newestTakenAt).toEqual(NOW);
  });
});

describe('a random backup by tag', () => {
  const taggedAt = (object: StoredObject) => new Date(object.modifiedAt.getTime() - 60_000).toISOString();

  function tagged(objects: readonly StoredObject[], tagOf: (object: StoredObject) => string | undefined = taggedAt) {
    const asked: string[] = [];
    const source: BackupSource = {
      description: 's3://acme/',
      prefix: '',
      async *list() {
        yield* objects;
      },
      readTags: async (object): Promise<Record<string, string>> => {
        asked.push(object.key);
        const tag = tagOf(object);
        return tag === undefined ? {} : { 'taken-at': tag };
      },
      read: async () => {
        throw new Error('not asked for');
      },
      close: () => undefined,
    };
    return { source, asked };
  }
  const spec = (select: SelectSpec) => ({ match: '*.dump', select, takenAt: 'tag', layouts: [] }) as const;

  it('reads the tags of all backups that can be in the window', async () => {
    const { source, asked } = tagged(daily(100));
    const { selection, warnings } = await locateBackup(source, spec(MONTH), NOW, SEED, never());
    expect(selection).toContain(' of 29 within 30 d'); // the one stored 30 days ago was taken a minute earlier
    expect(asked).toHaveLength(32);
    expect(warnings).toEqual([]);
  });

  it('is missing, with the newest as a hint, when the tags say that all are older', async () => {
    const { source } = tagged(daily(3), () => '2026-01-01T00:00:00Z');
    const error = await failure(locateBackup(source, spec(MONTH), NOW, SEED, never()));
    expect(error.message).toContain('none of the 3 backups');
    expect(error.hint).toContain('is 324 d 6 h old');
  });

  it('reads the tags of the newest even when a backup is named', async () => {
    const objects = daily(100);
    const { source, asked } = tagged(objects);
    const key = objects[99]?.key ?? '';
    const chosen = await locateBackup(source, spec({ by: 'key', key }), NOW, SEED, never());
    expect(daysOld(chosen)).toBeCloseTo(100, 2);
    expect(chosen.newestTakenAt.toISOString()).toBe(taggedAt(stored(1)));
    expect(asked).toHaveLength(17);
  });
});

it.each([
  [1, '1st'],
  [2, '2nd'],
  [3, '3rd'],
  [4, '4th'],
  [11, '11th'],
  [12, '12th'],
  [13, '13th'],
  [21, '21st'],
  [112, '112th'],
  [1122, '1122nd'],
  [30, '30th'],
])('formats position %i as %s', (place, text) => {
  expect(formatOrdinal(place)).toBe(text);
});
