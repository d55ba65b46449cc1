import { expect, it } from 'vitest';
import type { StoredObject } from '../../../src/backup/source.ts';
import { planTrials, type TrialInput } from '../../../src/run/prove/plan-trials.ts';

function object(key: string, sizeBytes: number): StoredObject {
  return { key, sizeBytes, modifiedAt: new Date(0), etag: '"1"' };
}

const CLOCK = { now: () => new Date(0), monotonicMs: () => 0 };

function input(changes: Partial<TrialInput> = {}): TrialInput {
  return {
    backup: { objects: [object('a.dump', 1_000_000)], sizeBytes: 1_000_000 },
    seed: 'seed',
    places: 4,
    isEncrypted: true,
    rtoMs: 60_000,
    isTooSlow: false,
    clock: CLOCK,
    ...changes,
  };
}

const wordsOf = (kind: 'truncate' | 'flip', changes: Partial<TrialInput> = {}) =>
  planTrials(kind, input(changes)).map(({ words }) => words);

it.each(['truncate', 'flip'] as const)('places to %s are the same for the same seed and differ for another', (kind) => {
  expect(wordsOf(kind)).toEqual(wordsOf(kind));
  expect(new Set([...wordsOf(kind), ...wordsOf(kind, { seed: 'other' })]).size).toBe(8);
});

it('flips one bit in each part of the backup', () => {
  const places = wordsOf('flip').map((words) => Number(/byte ([\d,]+)/.exec(words)?.[1]?.replaceAll(',', '')));
  expect(places.map((place) => Math.floor(place / 250_000))).toEqual([0, 1, 2, 3]);
});

it('every second cut is within the last percent', () => {
  const cuts = wordsOf('truncate').map((words) => Number(/byte ([\d,]+)/.exec(words)?.[1]?.replaceAll(',', '')));
  expect(cuts.map((cut) => cut >= 990_000)).toEqual([cuts[0] === undefined, true, (cuts[2] ?? 0) >= 990_000, true]);
});

it.each([2, 7])('a backup of %i bytes is cut to at least one byte', (sizeBytes) => {
  const backup = { objects: [object('a.dump', sizeBytes)], sizeBytes };
  for (const words of [...wordsOf('truncate', { backup }), ...wordsOf('flip', { backup })]) {
    expect(words).not.toMatch(/byte (?:0 of|NaN)/);
  }
});

it('names the damaged file of a backup with several, and damages larger files more often', () => {
  const backup = { objects: [object('d/small', 10), object('d/large', 99_990)], sizeBytes: 100_000 };
  expect(wordsOf('flip', { backup }).every((words) => words.startsWith('large: '))).toBe(true);
});

it('says why a kind of damage cannot be tried', () => {
  expect(planTrials('wrong-key', input({ isEncrypted: false }))).toMatchObject([
    { skipped: 'the backup is not encrypted' },
  ]);
  expect(planTrials('slow-source', input({ isTooSlow: true }))).toMatchObject([
    { skipped: 'the drill misses its RTO without any damage' },
  ]);
});
