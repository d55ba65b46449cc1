import type { Drill } from '../../src/config/drill-file.ts';
import type { DrillFacts, MetricsFacts } from '../../src/metrics/facts.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { noRequests } from '../../src/record/request-store.ts';
import type { RunRecord } from '../../src/record/run-record.ts';
import type { DrillState } from '../../src/record/schedule-store.ts';
import { findOverdue } from '../../src/status/overdue.ts';
import { rateRequests } from '../../src/status/request-rates.ts';
import { newestVerdict } from '../../src/status/standing-facts.ts';
import { standingOf } from '../../src/status/standing-of.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { atHour, drillOf, HOUR_MS, seenBackup, stateOfDrill } from '../status/facts.ts';
import { failedRun, passedRun } from '../support/run-records.ts';

export const now = atHour(9);

export interface MetricDrillOptions {
  readonly runs?: readonly RunRecord[];
  readonly state?: DrillState;
  readonly rpoMs?: number | undefined;
  readonly drill?: Partial<Pick<Drill, 'name' | 'owner' | 'tier' | 'schedule' | 'proveEveryMs'>>;
}

/** A drill with a target of 15 minutes and an RPO of 26 hours, with its state at {@link now}. */
export function metricDrill(options: MetricDrillOptions = {}): DrillFacts {
  const { runs = [], state } = options;
  const rpoMs = 'rpoMs' in options ? options.rpoMs : 26 * HOUR_MS;
  const drill = {
    definitionHash: 'now',
    ...drillOf(options.drill),
    ...options.drill,
    objectives: { rtoMs: 900_000, rpoMs },
  };
  const facts = { runs, state };
  const isOverdue = findOverdue(drill, facts, now) !== undefined;
  return { drill, standing: standingOf(drill, facts, now), isOverdue, runs, lastVerdict: newestVerdict(runs), state };
}

/** An idle scheduler that knows no drills. */
export function metricsFacts(changes: Partial<MetricsFacts> = {}): MetricsFacts {
  return {
    now,
    standings: [],
    broken: [],
    waiting: [],
    running: 0,
    sandboxes: 2,
    lastGoodTickAt: now,
    nextDueAt: atHour(10),
    stored: { runCounts: [], pending: 0, givenUp: 0 },
    storeSizeBytes: 4096,
    storeErrors: 0,
    ...changes,
  };
}

const REPLAYED: RunRecord['replay'] = {
  to: 'the end of the log archive',
  end: '0/3000028',
  lastCommit: undefined,
  firstLost: undefined,
  isWholeLog: true,
  archive: { newest: '000000010000000000000003', storedAt: atHour(8), lagMs: 90_000 },
};

/** A scheduler about which everything that has a metric is known. */
export function fullFacts(): MetricsFacts {
  const nightly = scheduleOf({ cron: '30 3 * * *', onNewBackup: undefined });
  const state = stateOfDrill({ newestBackup: seenBackup() });
  return metricsFacts({
    standings: [
      {
        ...metricDrill({
          runs: [failedRun({ replay: REPLAYED }), passedRun({ recoveryTimeMs: 252_000 })],
          state,
          drill: { schedule: nightly, proveEveryMs: 604_800_000 },
        }),
        recovery: { state: 'proven', sentence: 'as it is', provenAt: atHour(1), runId: undefined },
        proof: {
          sentence: 'as it is',
          caught: 2,
          total: 6,
          provenAt: atHour(1),
          runId: 'run-1',
          isOutdated: false,
          lost: [],
        },
      },
    ],
    stored: {
      runCounts: [
        { drill: 'orders', outcome: 'passed', reason: '', count: 40 },
        { drill: 'orders', outcome: 'failed', reason: 'too-slow', count: 2 },
        { drill: 'taken-away', outcome: 'passed', reason: '', count: 7 },
      ],
      pending: 3,
      givenUp: 1,
    },
    providers: rateRequests(
      [
        {
          hourAt: atHour(8),
          endpoint: 's3.example.com',
          operation: 'GetObject',
          counts: { ...noRequests(), answered: 980, failed: 20 },
          durationMs: 40_000,
          slowestMs: 900,
        },
      ],
      now,
    ),
  });
}

/** The content of `/metrics` for these facts, without the process metrics. */
export async function scrape(facts: MetricsFacts): Promise<string[]> {
  const text = await createMetrics('0.1.0').render(facts);
  return text.split('\n').filter((line) => line.startsWith('firedrill_'));
}
