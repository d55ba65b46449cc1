import { collectDefaultMetrics, Registry } from 'prom-client';
import { addDiscoveryMetrics } from './discovery-metrics.ts';
import { addDrillMetrics } from './drill-metrics.ts';
import { Exposition } from './exposition.ts';
import type { MetricsFacts } from './facts.ts';
import { NextRuns } from './next-runs.ts';
import { addProviderMetrics } from './provider-metrics.ts';
import { addServeMetrics } from './serve-metrics.ts';

export interface Metrics {
  /** The value of the `Content-Type` response header. */
  readonly contentType: string;
  /** One scrape in the Prometheus text format (prometheus.io/docs/instrumenting/exposition_formats). */
  render(facts: MetricsFacts): Promise<string>;
}

/** Gauges with names that only counters should have (prometheus.io/docs/practices/naming). */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Create it once per process, because it monitors the process from then on. The drill metrics are rebuilt from the facts at each scrape. */
export function createMetrics(version: string): Metrics {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  for (const name of MISNAMED) ofProcess.removeSingleMetric(name);
  const nextRuns = new NextRuns();
  return {
    contentType: ofProcess.contentType,
    render: async (facts) => {
      const exposition = new Exposition();
      addDrillMetrics(exposition, facts, nextRuns);
      addDiscoveryMetrics(exposition, facts);
      addProviderMetrics(exposition, facts);
      addServeMetrics(exposition, facts, version);
      return `${await exposition.text()}\n${await ofProcess.metrics()}`;
    },
  };
}
