import { expect, it } from 'vitest';
import { gatherFacts } from '../../src/metrics/gather-facts.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { withErrorCounting } from '../../src/record/with-error-counting.ts';
import { DrillError } from '../../src/support/errors.ts';
import { scheduleOf } from '../schedule/timetables.ts';
import { atHour, erroredRun, goingOn } from '../status/facts.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { passedRun, stageOf } from '../support/run-records.ts';
import { fullFacts, metricDrill, metricsFacts, now, scrape } from './facts.ts';

it('exports everything known about a drill and the scheduler', async () => {
  expect(await scrape(fullFacts())).toMatchInlineSnapshot(`
    [
      "firedrill_drill_info{drill="orders",owner="payments",tier="1"} 1",
      "firedrill_drill_state{drill="orders",state="failed"} 1",
      "firedrill_drill_state{drill="orders",state="never"} 0",
      "firedrill_drill_state{drill="orders",state="overdue"} 0",
      "firedrill_drill_state{drill="orders",state="no-new-backup"} 0",
      "firedrill_drill_state{drill="orders",state="broken"} 0",
      "firedrill_drill_state{drill="orders",state="errored"} 0",
      "firedrill_drill_state{drill="orders",state="interrupted"} 0",
      "firedrill_drill_state{drill="orders",state="running"} 0",
      "firedrill_drill_state{drill="orders",state="passed"} 0",
      "firedrill_drill_last_run_status{drill="orders",status="completed"} 1",
      "firedrill_drill_last_run_status{drill="orders",status="errored"} 0",
      "firedrill_drill_last_run_status{drill="orders",status="interrupted"} 0",
      "firedrill_drill_last_run_verdict{drill="orders",verdict="passed"} 0",
      "firedrill_drill_last_run_verdict{drill="orders",verdict="failed"} 1",
      "firedrill_drill_last_run_timestamp_seconds{drill="orders"} 1795262460",
      "firedrill_drill_last_success_timestamp_seconds{drill="orders"} 1795262460",
      "firedrill_drill_recovery_time_seconds{drill="orders"} 4",
      "firedrill_drill_recovery_time_target_seconds{drill="orders"} 900",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="locate"} 1",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="plan"} 1",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="image-pull"} 1",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="provision"} 1",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="restore"} 1",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="verify"} 1",
      "firedrill_drill_stage_duration_seconds{drill="orders",stage="teardown"} 1",
      "firedrill_drill_backup_age_seconds{drill="orders"} 64800",
      "firedrill_drill_log_archive_lag_seconds{drill="orders"} 90",
      "firedrill_drill_log_archive_commit_lag_seconds{drill="orders"} 32400",
      "firedrill_drill_data_loss_objective_seconds{drill="orders"} 93600",
      "firedrill_drill_backup_size_bytes{drill="orders"} 48100000000",
      "firedrill_drill_overdue{drill="orders"} 0",
      "firedrill_drill_recovery_identity_broken{drill="orders"} 0",
      "firedrill_drill_recovery_identity_proven_timestamp_seconds{drill="orders"} 1795266000",
      "firedrill_drill_proof_damages{drill="orders"} 6",
      "firedrill_drill_proof_damages_caught{drill="orders"} 2",
      "firedrill_drill_proof_outdated{drill="orders"} 0",
      "firedrill_drill_proof_kinds_lost{drill="orders"} 0",
      "firedrill_drill_proof_late{drill="orders"} 0",
      "firedrill_drill_proof_timestamp_seconds{drill="orders"} 1795266000",
      "firedrill_drill_next_run_timestamp_seconds{drill="orders"} 1795318200",
      "firedrill_drill_acknowledged{drill="orders"} 0",
      "firedrill_drill_snoozed{drill="orders"} 0",
      "firedrill_drill_silenced{drill="orders"} 0",
      "firedrill_drill_paused{drill="orders"} 0",
      "firedrill_runs_total{drill="orders",outcome="passed",reason=""} 40",
      "firedrill_runs_total{drill="orders",outcome="failed",reason="too-slow"} 2",
      "firedrill_provider_requests_24h{endpoint="s3.example.com",operation="GetObject",outcome="answered"} 980",
      "firedrill_provider_requests_24h{endpoint="s3.example.com",operation="GetObject",outcome="refused"} 0",
      "firedrill_provider_requests_24h{endpoint="s3.example.com",operation="GetObject",outcome="failed"} 20",
      "firedrill_provider_requests_24h{endpoint="s3.example.com",operation="GetObject",outcome="throttled"} 0",
      "firedrill_provider_requests_24h{endpoint="s3.example.com",operation="GetObject",outcome="unanswered"} 0",
      "firedrill_provider_requests_24h{endpoint="s3.example.com",operation="GetObject",outcome="cut"} 0",
      "firedrill_provider_error_ratio_24h{endpoint="s3.example.com",operation="GetObject"} 0.02",
      "firedrill_provider_usual_error_ratio{endpoint="s3.example.com",operation="GetObject"} 0.143",
      "firedrill_provider_errors_unusual{endpoint="s3.example.com",operation="GetObject"} 0",
      "firedrill_build_info{version="0.1.0"} 1",
      "firedrill_scheduler_lag_seconds 0",
      "firedrill_scheduler_last_tick_timestamp_seconds 1795294800",
      "firedrill_scheduler_queue_length 0",
      "firedrill_sandboxes_running 0",
      "firedrill_sandboxes_limit 2",
      "firedrill_store_up 1",
      "firedrill_store_size_bytes 4096",
      "firedrill_store_errors_total 0",
      "firedrill_notifications_pending 3",
      "firedrill_notifications_given_up_total 1",
      "firedrill_drill_files_broken 0",
    ]
  `);
});

it('omits unknown values instead of exporting zero', async () => {
  const lines = await scrape(
    metricsFacts({
      standings: [metricDrill({ rpoMs: undefined, drill: { owner: undefined, tier: undefined } })],
      stored: undefined,
      storeSizeBytes: undefined,
      nextDueAt: undefined,
    }),
  );
  expect(lines.filter((line) => !line.startsWith('firedrill_drill_state'))).toMatchInlineSnapshot(`
    [
      "firedrill_drill_info{drill="orders",owner="",tier=""} 1",
      "firedrill_drill_recovery_time_target_seconds{drill="orders"} 900",
      "firedrill_drill_acknowledged{drill="orders"} 0",
      "firedrill_drill_snoozed{drill="orders"} 0",
      "firedrill_drill_silenced{drill="orders"} 0",
      "firedrill_build_info{version="0.1.0"} 1",
      "firedrill_scheduler_lag_seconds 0",
      "firedrill_scheduler_last_tick_timestamp_seconds 1795294800",
      "firedrill_scheduler_queue_length 0",
      "firedrill_sandboxes_running 0",
      "firedrill_sandboxes_limit 2",
      "firedrill_store_up 0",
      "firedrill_store_errors_total 0",
      "firedrill_drill_files_broken 0",
    ]
  `);
});

it('describes the last finished run while another is in progress, and the last verdict when one errored', async () => {
  const errored = erroredRun({
    endedAt: atHour(8),
    stages: [stageOf('locate', 1500), stageOf('restore', 0, 'skipped')],
  });
  const lines = await scrape(
    metricsFacts({ standings: [metricDrill({ runs: [goingOn(now), errored, passedRun()] })] }),
  );
  expect(lines).toContain('firedrill_drill_state{drill="orders",state="running"} 1');
  expect(lines).toContain('firedrill_drill_last_run_status{drill="orders",status="errored"} 1');
  expect(lines).toContain('firedrill_drill_last_run_verdict{drill="orders",verdict="passed"} 1');
  expect(lines.filter((line) => line.includes('stage_duration'))).toEqual([
    'firedrill_drill_stage_duration_seconds{drill="orders",stage="locate"} 1.5',
  ]);
});

it('marks a drill with a schedule as overdue, whatever its state', async () => {
  const schedule = scheduleOf({ cron: '0 13 * * *', onNewBackup: undefined });
  const lines = await scrape(metricsFacts({ standings: [metricDrill({ runs: [passedRun()], drill: { schedule } })] }));
  expect(lines).toContain('firedrill_drill_overdue{drill="orders"} 1');
  expect(lines).toContain('firedrill_drill_next_run_timestamp_seconds{drill="orders"} 1795352400');
});

it('exports how late the scheduler is', async () => {
  expect(await scrape(metricsFacts({ nextDueAt: atHour(8.75) }))).toContain('firedrill_scheduler_lag_seconds 900');
});

it('exports process metrics, and reads the drills on each scrape', async () => {
  const metrics = createMetrics('0.1.0');
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await metrics.render(fullFacts());
  expect(text).toContain('\nprocess_resident_memory_bytes ');
  expect(await metrics.render(metricsFacts())).not.toContain('orders');
});

it('keeps names and owners within their label', async () => {
  const lines = await scrape(
    metricsFacts({ standings: [metricDrill({ drill: { owner: 'a"} 1\nfiredrill_evil 1 #\\' } })] }),
  );
  expect(lines).toContain('firedrill_drill_info{drill="orders",owner="a\\"} 1\\nfiredrill_evil 1 #\\\\",tier="1"} 1');
  expect(lines.filter((line) => line.startsWith('firedrill_evil'))).toEqual([]);
});

it('reads counters from the store, and reports it as down instead of failing', async () => {
  const { now: _, stored: _stored, ...scheduler } = fullFacts();
  let storeErrors = 0;
  const failing = {
    ...createMemoryStore(),
    countRuns: async () => Promise.reject(new DrillError('store-failed', 'no')),
  };
  const store = withErrorCounting(failing, () => {
    storeErrors += 1;
  });
  const sources = { scheduler, storePath: undefined, storeErrors: () => storeErrors };
  const well = await gatherFacts({ ...sources, store: createMemoryStore() }, now);
  expect(well.stored).toEqual({ runCounts: [], pending: 0, givenUp: 0 });
  const lines = await scrape(await gatherFacts({ ...sources, store }, now));
  expect(lines).toContain('firedrill_store_up 0');
  expect(lines).toContain('firedrill_store_errors_total 1');
  expect(lines).toContain('firedrill_drill_state{drill="orders",state="failed"} 1');
});

it('exports whether the recovery identity works, and when it was last proven', async () => {
  const recovery = { sentence: 'as it is', runId: undefined, provenAt: atHour(1) };
  const of = async (state: 'proven' | 'failed') =>
    scrape(metricsFacts({ standings: [{ ...metricDrill(), recovery: { ...recovery, state } }] }));
  expect(await of('failed')).toContain('firedrill_drill_recovery_identity_broken{drill="orders"} 1');
  const proven = await of('proven');
  expect(proven).toContain('firedrill_drill_recovery_identity_broken{drill="orders"} 0');
  const seconds = atHour(1).getTime() / 1000;
  expect(proven).toContain(`firedrill_drill_recovery_identity_proven_timestamp_seconds{drill="orders"} ${seconds}`);
  const without = await scrape(metricsFacts({ standings: [metricDrill()] }));
  expect(without.filter((line) => line.includes('recovery_identity'))).toEqual([]);
});

it('measures what people say of a drill', async () => {
  const one = metricDrill({
    drill: { schedule: { ...scheduleOf({}), pauses: [{ from: atHour(8), until: atHour(10), reason: 'paused' }] } },
  });
  const window = { id: '00c0ffee', from: atHour(8), until: atHour(10), reason: 'x', by: 'alice', pausesRuns: true };
  const said = { kind: 'snoozed', at: atHour(8), by: 'bob', reason: 'y', until: atHour(12), sentence: '' } as const;
  const silenced = { ...window, sentence: '' };
  const lines = await scrape(metricsFacts({ standings: [{ ...one, silenced, acknowledged: said }] }));
  expect(lines.filter((line) => /_(acknowledged|snoozed|silenced|paused)\{/.test(line))).toEqual([
    'firedrill_drill_acknowledged{drill="orders"} 0',
    'firedrill_drill_snoozed{drill="orders"} 1',
    'firedrill_drill_silenced{drill="orders"} 1',
    'firedrill_drill_paused{drill="orders"} 1',
  ]);
});
