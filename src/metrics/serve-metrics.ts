import type { Exposition } from './exposition.ts';
import type { MetricsFacts } from './facts.ts';

/** Adds the metrics of the scheduler, its store and its notifications. */
export function addServeMetrics(to: Exposition, facts: MetricsFacts, version: string): void {
  const { now, lastGoodTickAt, nextDueAt, stored } = facts;
  const lateMs = nextDueAt ? Math.max(0, now.getTime() - nextDueAt.getTime()) : 0;
  const gauge = (name: string, help: string, value: number | undefined) => to.gauge(name, help, [[{}, value]]);
  const counter = (name: string, help: string, value: number | undefined) => to.counter(name, help, [[{}, value]]);

  to.gauge('firedrill_build_info', 'Always 1: the version that runs.', [[{ version }, 1]]);
  gauge(
    'firedrill_scheduler_lag_seconds',
    'How late the scheduler is to look at what is due; 0 on time.',
    lateMs / 1000,
  );
  gauge(
    'firedrill_scheduler_last_tick_timestamp_seconds',
    'When the scheduler has last looked at all schedules.',
    lastGoodTickAt.getTime() / 1000,
  );
  gauge('firedrill_scheduler_queue_length', 'Runs that are due and wait for their turn.', facts.waiting.length);
  gauge('firedrill_sandboxes_running', 'Runs of this scheduler that go on.', facts.running);
  gauge('firedrill_sandboxes_limit', 'As many runs go on at most.', facts.sandboxes);
  gauge('firedrill_store_up', 'Whether the store answers.', Number(stored !== undefined));
  gauge('firedrill_store_size_bytes', 'Size of the store’s file and its log.', facts.storeSizeBytes);
  counter(
    'firedrill_store_errors_total',
    'How often the store has failed since the process started.',
    facts.storeErrors,
  );
  gauge('firedrill_notifications_pending', 'Messages on their way.', stored?.pending);
  counter('firedrill_notifications_given_up_total', 'Messages that never arrived, since ever.', stored?.givenUp);
  gauge('firedrill_drill_files_broken', 'Drill files that are broken now.', facts.broken.length);
}
