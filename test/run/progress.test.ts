import { describe, expect, it } from 'vitest';
import { computeProgress, type ProgressInput } from '../../src/run/progress.ts';

const MB = 1_000_000;

describe('restore progress', () => {
  it('gives the share of the backup read, and the recent rate', () => {
    const recently = { spanMs: 5000, bytes: 20 * MB, isStill: false };
    expect(at({ bytesRead: 25 * MB, recently })).toEqual({
      doing: 'loading orders',
      phase: 'load',
      covers: ['load'],
      bytesRead: 25 * MB,
      totalBytes: 100 * MB,
      bytesPerSecond: 4 * MB,
      ratio: 0.25,
      isStalled: false,
    });
  });

  it('stalls only while bytes are still to come', () => {
    const recently = { spanMs: 5000, bytes: 0, isStill: true };
    expect(at({ bytesRead: 25 * MB, recently })).toMatchObject({ bytesPerSecond: 0, isStalled: true });
    expect(at({ bytesRead: 100 * MB, phase: 'index', recently })).toMatchObject({ isStalled: false });
  });

  it("uses the format's own figure where there is one", () => {
    expect(at({ bytesRead: 100 * MB, ratio: 0.5 }).ratio).toBe(0.5);
  });

  it('counts the work of a step once the backup has been read', () => {
    const recently = { spanMs: 2000, bytes: 40 * MB, isStill: false };
    const replay = { bytesRead: 100 * MB, phase: 'replay' as const, recently };
    expect(at({ ...replay, step: { done: 60 * MB, total: 160 * MB } })).toMatchObject({
      ...{ isOfStep: true, bytesRead: 60 * MB, totalBytes: 160 * MB, bytesPerSecond: 20 * MB },
      ...{ ratio: 0.375, isStalled: false },
    });
    const ofUnknown = at({ ...replay, step: { done: 60 * MB, total: undefined } });
    expect(ofUnknown).toMatchObject({ bytesRead: 60 * MB, totalBytes: 0, ratio: undefined });
    const sealing = at({ ...replay, recently: { ...recently, bytes: 0, isStill: true }, step: 'unknown' });
    expect(sealing).toMatchObject({ totalBytes: 0, bytesPerSecond: undefined, ratio: undefined, isStalled: false });
  });

  it('does not count read-ahead data as work', () => {
    expect(at({ bytesRead: 100 * MB, bytesWaiting: 80 * MB }).ratio).toBe(0.2);
  });

  it('counts rows as loaded once a session has taken them, and reading them as little work', () => {
    const waitingShare = () => 0.75;
    expect(at({ bytesRead: 80 * MB, waitingShare })).toMatchObject({
      ...{ bytesRead: 20 * MB, ratio: expect.closeTo(0.26) as number },
    });
    const recently = { spanMs: 5000, bytes: 0, isStill: true };
    expect(at({ bytesRead: 100 * MB, waitingShare, recently }).isStalled).toBe(true);
  });

  it.each(['index', 'replay', 'seal'] as const)('does not count bytes read as work in %s', (phase) => {
    expect(at({ bytesRead: 100 * MB, phase }).ratio).toBeUndefined();
  });

  it('never exceeds 100 %', () => {
    expect(at({ bytesRead: 101 * MB }).ratio).toBe(1);
  });

  it('gives no rate at the first instant, when read-ahead data arrives at once', () => {
    const first = (spanMs: number) => ({ recently: { spanMs, bytes: 2 * MB, isStill: false } });
    expect(at({ bytesRead: 50 * MB, ...first(1) }).bytesPerSecond).toBeUndefined();
    expect(at({ bytesRead: 50 * MB, ...first(500) }).bytesPerSecond).toBe(4 * MB);
  });

  it('is unknown for a backup without a size', () => {
    expect(at({ bytesRead: 0, totalBytes: 0 })).toMatchObject({ ratio: undefined, bytesPerSecond: undefined });
  });
});

function at({
  ratio,
  phase = 'load',
  step,
  waitingShare,
  ...rest
}: Partial<ProgressInput> & {
  bytesRead: number;
  ratio?: number;
  phase?: ProgressInput['activity']['phase'];
  step?: ProgressInput['activity']['step'];
  waitingShare?: () => number;
}) {
  return computeProgress({
    activity: {
      doing: 'loading orders',
      phase,
      covers: [phase],
      ratio,
      ...(step && { step }),
      ...(waitingShare && { waitingShare }),
    },
    totalBytes: 100 * MB,
    recently: { spanMs: 0, bytes: 0, isStill: false },
    ...rest,
  });
}
