import { describe, expect, it } from 'vitest';
import { computeProgress, type ProgressInput } from '../../src/restore/progress.ts';

const MB = 1_000_000;

describe('how far a restore is', () => {
  it('is the share of the backup that was read, and the rest at the speed so far', () => {
    expect(at({ bytesRead: 25 * MB, elapsedMs: 10_000 })).toEqual({
      doing: 'loading orders',
      bytesRead: 25 * MB,
      totalBytes: 100 * MB,
      bytesPerSecond: 2.5 * MB,
      ratio: 0.25,
      etaMs: 30_000,
    });
  });

  it('is what the engine says where it knows better', () => {
    expect(at({ bytesRead: 100 * MB, ratio: 0.5, elapsedMs: 10_000 })).toMatchObject({ ratio: 0.5, etaMs: 10_000 });
  });

  it('says no time left as long as there is too little to go by', () => {
    expect(at({ bytesRead: 4 * MB, elapsedMs: 10_000 }).etaMs).toBeUndefined();
  });

  it('starts from what earlier runs took, and moves over to what this one shows', () => {
    const usual = { usualBytesPerSecond: MB };
    expect(at({ bytesRead: 0, elapsedMs: 20_000, ...usual }).etaMs).toBe(80_000);
    // This run needs 10 s more at its own pace, the usual one 90 s: half way they count the same.
    expect(at({ bytesRead: 50 * MB, elapsedMs: 10_000, ...usual }).etaMs).toBe(50_000);
    expect(at({ bytesRead: 100 * MB, elapsedMs: 10_000, ...usual }).etaMs).toBe(0);
  });

  it('never says less than nothing is left, nor more than all is done', () => {
    expect(at({ bytesRead: 0, elapsedMs: 900_000, usualBytesPerSecond: MB }).etaMs).toBe(0);
    expect(at({ bytesRead: 101 * MB, elapsedMs: 1000 })).toMatchObject({ ratio: 1, etaMs: 0 });
  });

  it('claims no speed, and no time left by that, in its first instant, in which what was read ahead is there at once', () => {
    expect(at({ bytesRead: 50 * MB, elapsedMs: 1 })).toMatchObject({ bytesPerSecond: 0, etaMs: undefined });
    expect(at({ bytesRead: 50 * MB, elapsedMs: 100, usualBytesPerSecond: MB }).etaMs).toBe(99_900);
    expect(at({ bytesRead: 50 * MB, elapsedMs: 500 }).bytesPerSecond).toBe(100 * MB);
  });

  it('is unknown for a backup without a size, and without a speed before time has gone by', () => {
    expect(at({ bytesRead: 0, totalBytes: 0, elapsedMs: 0 })).toMatchObject({
      ratio: undefined,
      etaMs: undefined,
      bytesPerSecond: 0,
    });
  });
});

function at(given: { bytesRead: number; ratio?: number } & Partial<ProgressInput>) {
  const { bytesRead, ratio, ...rest } = given;
  return computeProgress({
    load: { doing: 'loading orders', bytesRead, ratio },
    totalBytes: 100 * MB,
    elapsedMs: 0,
    usualBytesPerSecond: undefined,
    ...rest,
  });
}
