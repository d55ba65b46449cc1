import { describe, expect, it } from 'vitest';
import type { LoadProgress } from '../../src/engines/engine.ts';
import { computeProgress, type ProgressInput } from '../../src/run/progress.ts';

const MB = 1_000_000;

describe('restore progress', () => {
  it('gives the share of the backup that was read, the recent rate, and the time left at the average speed', () => {
    const recently = { spanMs: 5000, bytes: 20 * MB, isStill: false };
    expect(at({ bytesRead: 25 * MB, elapsedMs: 10_000, recently })).toEqual({
      doing: 'loading orders',
      bytesRead: 25 * MB,
      totalBytes: 100 * MB,
      bytesPerSecond: 4 * MB,
      ratio: 0.25,
      etaMs: 30_000,
      isStalled: false,
    });
  });

  it('has no time left while it stalls before the end of input, whatever earlier runs took', () => {
    const recently = { spanMs: 5000, bytes: 0, isStill: true };
    const still = { elapsedMs: 10_000, recently, usualBytesPerSecond: MB };
    expect(at({ bytesRead: 25 * MB, ...still })).toMatchObject({
      bytesPerSecond: 0,
      etaMs: undefined,
      isStalled: true,
    });
    // Its indexes are made: there is nothing more to come.
    expect(at({ bytesRead: 100 * MB, ratio: 0.5, ...still })).toMatchObject({ etaMs: 50_000, isStalled: false });
  });

  it("uses the engine's figure when it is better", () => {
    expect(at({ bytesRead: 100 * MB, ratio: 0.5, elapsedMs: 10_000 })).toMatchObject({ ratio: 0.5, etaMs: 10_000 });
  });

  it('counts what a step works through, once the backup has been read, and the time that it takes', () => {
    const recently = { spanMs: 2000, bytes: 40 * MB, isStill: false };
    const replay = { bytesRead: 100 * MB, elapsedMs: 10_000, recently };
    expect(at({ ...replay, step: { done: 60 * MB, total: 160 * MB } })).toMatchObject({
      ...{ isOfStep: true, bytesRead: 60 * MB, totalBytes: 160 * MB, bytesPerSecond: 20 * MB },
      ...{ ratio: 0.375, etaMs: 5000, isStalled: false },
    });
    const ofUnknown = at({ ...replay, step: { done: 60 * MB, total: undefined } });
    expect(ofUnknown).toMatchObject({ bytesRead: 60 * MB, totalBytes: 0, ratio: undefined, etaMs: undefined });
    const sealing = at({ ...replay, recently: { ...recently, bytes: 0, isStill: true }, step: 'unknown' });
    expect(sealing).toMatchObject({ totalBytes: 0, bytesPerSecond: undefined, ratio: undefined, isStalled: false });
  });

  it('gives no time left until there is enough data', () => {
    expect(at({ bytesRead: 4 * MB, elapsedMs: 10_000 }).etaMs).toBeUndefined();
  });

  it('starts from earlier runs, and shifts to the current one', () => {
    const usual = { usualBytesPerSecond: MB };
    expect(at({ bytesRead: 0, elapsedMs: 20_000, ...usual }).etaMs).toBe(80_000);
    // This run needs 10 s more at its own pace, the usual one 90 s: half way they count the same.
    expect(at({ bytesRead: 50 * MB, elapsedMs: 10_000, ...usual }).etaMs).toBe(50_000);
    expect(at({ bytesRead: 100 * MB, elapsedMs: 10_000, ...usual }).etaMs).toBe(0);
  });

  it('never goes below nothing left, or above all done', () => {
    expect(at({ bytesRead: 0, elapsedMs: 900_000, usualBytesPerSecond: MB }).etaMs).toBe(0);
    expect(at({ bytesRead: 101 * MB, elapsedMs: 1000 })).toMatchObject({ ratio: 1, etaMs: 0 });
  });

  it('gives no speed or time left at the first instant, when read-ahead data arrives at once', () => {
    const first = (spanMs: number) => ({ recently: { spanMs, bytes: 2 * MB, isStill: false }, elapsedMs: spanMs });
    expect(at({ bytesRead: 50 * MB, ...first(1) })).toMatchObject({ bytesPerSecond: undefined, etaMs: undefined });
    expect(at({ bytesRead: 50 * MB, ...first(100), usualBytesPerSecond: MB }).etaMs).toBe(99_900);
    expect(at({ bytesRead: 50 * MB, ...first(500) }).bytesPerSecond).toBe(4 * MB);
  });

  it('is unknown for a backup without a size, and has no speed before time has passed', () => {
    expect(at({ bytesRead: 0, totalBytes: 0, elapsedMs: 0 })).toMatchObject({
      ratio: undefined,
      etaMs: undefined,
      bytesPerSecond: undefined,
    });
  });
});

function at(given: { bytesRead: number; ratio?: number; step?: LoadProgress['step'] } & Partial<ProgressInput>) {
  const { bytesRead, ratio, step, ...rest } = given;
  return computeProgress({
    load: { doing: 'loading orders', bytesRead, ratio, ...(step && { step }) },
    totalBytes: 100 * MB,
    elapsedMs: 0,
    recently: { spanMs: 0, bytes: 0, isStill: false },
    usualBytesPerSecond: undefined,
    ...rest,
  });
}
