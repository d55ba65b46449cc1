import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/record/store.ts';
import { RunLog } from '../../src/run/run-log.ts';

const clock = { now: () => new Date('2026-11-21T12:00:00.000Z'), monotonicMs: () => 0 };

describe('the log of a run', () => {
  it('is written in batches, in order, each line once', async () => {
    const { store, batches } = sink();
    const log = new RunLog('run-1', store, clock);
    log.add('info', 'one');
    log.add('warn', 'two');
    await log.flush();
    log.add('error', 'three');
    await log.flush();
    await log.flush();
    expect(batches.map((lines) => lines.map(({ message }) => message))).toEqual([['one', 'two'], ['three']]);
    expect(batches[0]?.[0]).toEqual({ at: clock.now(), level: 'info', message: 'one' });
  });

  it('stops at 10,000 lines across all batches, and says so', async () => {
    const { store, batches } = sink();
    const log = new RunLog('run-1', store, clock);
    for (let line = 0; line < 6000; line += 1) log.add('info', `line ${line}`);
    await log.flush();
    for (let line = 6000; line < 20_000; line += 1) log.add('info', `line ${line}`);
    await log.flush();
    const lines = batches.flat();
    expect(lines.length).toBe(10_001);
    expect(lines.slice(-2).map(({ message }) => message)).toEqual(['line 9999', 'log cut off after 10,000 lines']);
  });
});

function sink() {
  const batches: (readonly LogLine[])[] = [];
  return { batches, store: { addLog: async (_id: string, lines: readonly LogLine[]) => void batches.push(lines) } };
}
