import type { z } from 'zod';
import type { RequestEvidence } from '../../report/read-request-evidence.ts';
import type { OperationRate } from '../../status/request-rates.ts';
import type { providers } from './provider-schema.ts';

export function toProviders({ endpoints, unusualPeriods, runs, doubt }: RequestEvidence): z.input<typeof providers> {
  return {
    providers: endpoints.map(({ endpoint, state, operations }) => ({
      endpoint,
      state,
      operations: operations.map(toOperation),
    })),
    unusualPeriods: unusualPeriods.map((one) => ({ ...one, from: one.from.toISOString(), to: one.to.toISOString() })),
    affectedRuns: runs.map(({ id, drill, startedAt, status, verdict, reasons, backup, errors }) => ({
      id,
      drill,
      startedAt: startedAt.toISOString(),
      status,
      verdict: verdict ?? null,
      reasons: reasons.slice(),
      backup: backup ?? null,
      errors,
    })),
    doubt,
  };
}

function toOperation({
  operation,
  state,
  requests,
  errors,
  counts,
  meanMs,
  slowestMs,
  unusualFrom,
  days,
}: OperationRate) {
  return {
    operation,
    state,
    last24Hours: {
      requests,
      errors,
      outcomes: counts,
      meanMs: meanMs === undefined ? null : Math.round(meanMs),
      slowestMs: slowestMs ?? null,
    },
    usualErrorsAtMost: requests === 0 ? null : Math.min(requests, unusualFrom - 1),
    days: days.map((day) => ({ requests: day.requests, errors: day.errors })),
  };
}
