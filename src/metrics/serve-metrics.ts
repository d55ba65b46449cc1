import type { Exposition } from './exposition.ts';
import type { MetricsFacts } from './facts.ts';

/** Adds the metrics of the scheduler, its store and its notifications. */
export function addServeMetrics(to: Exposition, facts: MetricsFacts, version: string): void {
  const { now, lastGoodTickAt, nextDueAt, stored } = facts;
  const lateMs = nextDueAt ? Math.max(0, now.getTime() - nextDueAt.getTime()) : 0;
  const gauge = (name: string, help: string, value: number | undefined) => to.gauge(name, help, [[{}, value]]);
  const counter = (name: string, help: string, value: number | undefined) => to.counter(name, help, [[{}, value]]);

  to.gauge('firedrill_build_info', 'Always 1; labels hold the running version.', [[{ version }, 1]]);
  gauge(
    'firedrill_scheduler_lag_seconds',
    'How late the scheduler is in checking for due runs; 0 when on time.',
    lateMs / 1000,
  );
  gauge(
    'firedrill_scheduler_last_tick_timestamp_seconds',
    'When the scheduler last checked all schedules.',
    lastGoodTickAt.getTime() / 1000,
  );
  gauge('firedrill_scheduler_queue_length', 'Runs queued.', facts.waiting.length);
  gauge('firedrill_sandboxes_running', 'Runs of this scheduler in progress.', facts.running);
  gauge('firedrill_sandboxes_limit', 'Maximum number of runs in progress.', facts.sandboxes);
  gauge('firedrill_store_up', 'Whether the store is available.', Number(stored !== undefined));
  gauge('firedrill_store_size_bytes', 'Size of the store’s file and its log.', facts.storeSizeBytes);
  counter('firedrill_store_errors_total', 'Store errors since the process started.', facts.storeErrors);
  gauge('firedrill_notifications_pending', 'Notifications pending delivery.', stored?.pending);
  counter(
    'firedrill_notifications_given_up_total',
    'Notifications that could not be delivered, in total.',
    stored?.givenUp,
  );
  gauge('firedrill_drill_files_broken', 'Drill files that are currently invalid.', facts.broken.length);
}
