import type { RunRecord } from '../../src/record/run-record.ts';
import type { RunFilter } from '../../src/record/store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { passedRun } from '../support/run-records.ts';
import { FakeDashboard } from './fake-dashboard.ts';

export const RUNS = 25_000;
const NEWEST_MS = Date.UTC(2026, 10, 21, 12);

/** A store that generates its runs on demand. @param failsAt number of the read that fails, from 1. */
export function manyRuns(failsAt?: number) {
  const reads: RunFilter[] = [];
  async function findRuns(filter: RunFilter): Promise<readonly RunRecord[]> {
    reads.push(filter);
    if (reads.length === failsAt) throw new Error('the disk is gone');
    const { drill, limit, after } = filter;
    const found: RunRecord[] = [];
    for (let at = after ? Number(after.id.slice(4)) + 1 : 0; at < RUNS && found.length < limit; at += 1) {
      const run = runAt(at);
      if (drill === undefined || run.drill === drill) found.push(run);
    }
    return found;
  }
  return { dashboard: new FakeDashboard({}, { ...createMemoryStore(), findRuns }), reads };
}

/** Two runs start in each second. */
function runAt(at: number): RunRecord {
  const startedAt = new Date(NEWEST_MS - Math.floor(at / 2) * 1000);
  return passedRun({ id: idOf(at), drill: at % 5 === 0 ? 'billing' : 'orders', startedAt });
}

export function idOf(at: number): string {
  return `run-${String(at).padStart(6, '0')}`;
}
