import { describe, expect, it } from 'vitest';
import { estimateStop, type SegmentCommit } from '../../../../src/engines/postgres/log/estimate-stop.ts';

const NOON = Date.UTC(2026, 10, 27, 12);
const at = (minute: number) => new Date(NOON + minute * 60_000);

/** Segments of 100 bytes, each with its first commit ten bytes in, a minute and 20 transactions after the one before; some without any. */
function segments(count: number, { without = [] as readonly number[], firstXid = 700 } = {}) {
  let probes = 0;
  const probe = async (index: number): Promise<SegmentCommit | undefined> => {
    probes += 1;
    if (without.includes(index)) return undefined;
    return { lsn: index * 100 + 10, at: at(index), xid: (firstXid + index * 20) >>> 0 };
  };
  return { count, probe, probes: () => probes };
}

describe('where a replay will stop', () => {
  it.each([
    [{ at: at(3) }, 310],
    [{ at: at(3.5) }, 360],
    [{ at: at(-5) }, 10],
    [{ xid: '705' }, 35],
    [{ xid: '760' }, 310],
  ])('%j is between the commits on both sides of it', async (target, lsn) => {
    const { count, probe } = segments(8);
    expect(await estimateStop(target, count, probe)).toBe(lsn);
  });

  it('is not known after the last commit, and without any', async () => {
    expect(await estimateStop({ at: at(8) }, 8, segments(8).probe)).toBeUndefined();
    expect(await estimateStop({ at: at(1) }, 2, segments(2, { without: [0, 1] }).probe)).toBeUndefined();
    expect(await estimateStop({ at: at(1) }, 0, segments(0).probe)).toBeUndefined();
  });

  it('is found past segments without a commit', async () => {
    const { probe } = segments(8, { without: [3, 4, 7] });
    expect(await estimateStop({ at: at(3.5) }, 8, probe)).toBe(360);
    expect(await estimateStop({ at: at(6.5) }, 8, probe)).toBeUndefined();
  });

  it('is found where the numbers of transactions go round', async () => {
    expect(await estimateStop({ xid: '10' }, 8, segments(8, { firstXid: 2 ** 32 - 30 }).probe)).toBe(210);
  });

  it('is found with few looks', async () => {
    const { probe, probes } = segments(1000);
    expect(await estimateStop({ at: at(321.5) }, 1000, probe)).toBe(32_160);
    expect(probes()).toBeLessThan(12);
  });
});
