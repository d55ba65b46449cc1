import type { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import {
  type EstimateParts,
  estimateStop,
  type FoundCommit,
  StopEstimate,
} from '../../../../src/engines/postgres/log/estimate-stop.ts';
import { parseLsn } from '../../../../src/engines/postgres/log/log-line.ts';

const NOON = Date.UTC(2026, 10, 27, 12);
const at = (minute: number) => new Date(NOON + minute * 60_000);

/**
 * Segments of 100 bytes. Each has its first commit at byte 10, one minute and 20 transactions after the previous one;
 * the segments in `without` have no commit.
 */
function segments(count: number, { without = [] as readonly number[], firstXid = 700 } = {}) {
  let probes = 0;
  const probe = async (low: number, high: number): Promise<FoundCommit | undefined> => {
    probes += 1;
    let index = low;
    while (without.includes(index)) index += 1;
    if (index > high) return undefined;
    return { index, commit: { lsn: index * 100 + 10, at: at(index), xid: (firstXid + index * 20) >>> 0 } };
  };
  return { count, probe, probes: () => probes };
}

describe('the estimated stop of a replay', () => {
  it.each([
    [{ at: at(3) }, 310],
    [{ at: at(3.5) }, 360],
    [{ at: at(-5) }, 10],
    [{ xid: '705' }, 35],
    [{ xid: '760' }, 310],
  ])('at %j is interpolated between the commits before and after it', async (target, lsn) => {
    const { count, probe } = segments(8);
    expect(await estimateStop(target, count, probe)).toBe(lsn);
  });

  it('is unknown after the last commit, or without any commit', async () => {
    expect(await estimateStop({ at: at(8) }, 8, segments(8).probe)).toBeUndefined();
    expect(await estimateStop({ at: at(1) }, 2, segments(2, { without: [0, 1] }).probe)).toBeUndefined();
    expect(await estimateStop({ at: at(1) }, 0, segments(0).probe)).toBeUndefined();
  });

  it('is found across segments without a commit', async () => {
    const { probe } = segments(8, { without: [3, 4, 7] });
    expect(await estimateStop({ at: at(3.5) }, 8, probe)).toBe(360);
    expect(await estimateStop({ at: at(6.5) }, 8, probe)).toBeUndefined();
  });

  it('is found when transaction ids wrap around', async () => {
    expect(await estimateStop({ xid: '10' }, 8, segments(8, { firstXid: 2 ** 32 - 30 }).probe)).toBe(210);
  });

  it('takes few probes', async () => {
    const { probe, probes } = segments(1000);
    expect(await estimateStop({ at: at(321.5) }, 1000, probe)).toBe(32_160);
    expect(probes()).toBeLessThan(12);
  });

  it('takes few probes when no segment has a commit', async () => {
    const { probe, probes } = segments(1000, { without: Array.from({ length: 1000 }, (_, index) => index) });
    expect(await estimateStop({ at: at(321.5) }, 1000, probe)).toBeUndefined();
    expect(probes()).toBeLessThan(12);
  });
});

const SEGMENT = 16 * 2 ** 20;
const nameOf = (number: number) => `00000001${'0'.repeat(8)}${number.toString(16).toUpperCase().padStart(8, '0')}`;
const commitLine = (segment: number) =>
  `rmgr: Transaction len (rec/tot):     34/    34, tx:        ${700 + segment}, lsn: 0/${(segment * SEGMENT + 256).toString(16).toUpperCase().padStart(8, '0')}, prev 0/0301CD98, desc: COMMIT 2026-11-27 12:${String(segment).padStart(2, '0')}:00.000000 UTC`;

/**
 * A log of `count` segments, some of which exist, in a sandbox whose pg_waldump prints what it would for a commit in
 * every segment.
 */
function estimateIn(
  count: number,
  { there, hasTool = true }: { there: (number: number) => boolean; hasTool?: boolean },
) {
  const files = Array.from({ length: count }, (_, number) => ({ name: nameOf(number), timeline: 1, number }));
  const ranges: string[] = [];
  let lists = 0;
  const sandbox = {
    exec: async (argv: readonly string[], { stdout }: { stdout?: Writable }) => {
      if (argv[0] === 'ls') {
        lists += 1;
        stdout?.end(files.flatMap(({ name, number }) => (there(number) ? [`${name}\n`, `${name}.ok\n`] : [])).join(''));
      }
      if (argv[3] !== 'dump') return { exitCode: 0, stdout: '', stderr: '' };
      const [from = 0, to = 0] = [argv[7], argv[8]].map((lsn) => parseLsn(lsn ?? '') / SEGMENT);
      ranges.push(`${from}-${to}`);
      return { exitCode: hasTool ? 0 : 1, stdout: hasTool ? `${commitLine(from)}\n` : '', stderr: '' };
    },
  };
  const plan = { histories: [], segments: files, newest: files.at(-1) };
  const parts = { sandbox, binDir: '/bin', directory: '/scratch/log', plan, segmentBytes: SEGMENT };
  const estimate = new StopEstimate({ at: at(3.5) }, parts as unknown as EstimateParts);
  const look = () => estimate.look(new AbortController().signal);
  return { estimate, look, ranges, lists: () => lists };
}

describe('an inspection of the log', () => {
  it('finds the stop among the segments that exist, and is not repeated', async () => {
    const { estimate, look, lists } = estimateIn(8, { there: (number) => number < 6 });
    await look();
    await look();
    expect(estimate.lsn).toBe(3.5 * SEGMENT + 256);
    expect(lists()).toBe(1);
  });

  it('does not read beyond a segment that has not arrived yet', async () => {
    const { ranges, look } = estimateIn(8, { there: (number) => number < 3 || number > 4 });
    await look();
    expect(ranges.every((range) => Number(range.split('-')[1]) <= 3)).toBe(true);
  });

  it('covers a whole long log', async () => {
    const { estimate, look } = estimateIn(3000, { there: () => true });
    await look();
    expect(estimate.lsn).toBe(3.5 * SEGMENT + 256);
  });

  it('finds nothing without pg_waldump, and does not try it twice', async () => {
    const { estimate, look, ranges, lists } = estimateIn(8, { there: () => true, hasTool: false });
    await look();
    await look();
    expect(estimate.lsn).toBeUndefined();
    expect(ranges.length).toBeLessThan(4);
    expect(lists()).toBe(1);
  });

  it('becomes less and less frequent while no segments arrive', async () => {
    const { look, lists } = estimateIn(8, { there: () => false });
    for (let seconds = 0; seconds < 160; seconds += 1) await look();
    expect(lists()).toBeLessThan(16);
  });
});
