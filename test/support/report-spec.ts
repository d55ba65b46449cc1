import type { ReportSpec } from '../../src/config/resolve-reports.ts';

/** A report in the settings, with the given changes. */
export function reportSpec(changes: Partial<ReportSpec> = {}): ReportSpec {
  return {
    name: 'monthly',
    cron: '0 7 1 * *',
    timezone: 'UTC',
    period: { kind: 'whole', unit: 'month' },
    channel: 'mail',
    to: undefined,
    format: 'html',
    targetShare: undefined,
    tier: undefined,
    owner: undefined,
    ...changes,
  };
}
