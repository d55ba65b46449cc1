import type { DatabaseFinding, DiscoveryRecord, Finding, SeriesFinding } from '../../src/record/discovery-store.ts';

export const LOOKED_AT = new Date('2026-11-28T06:30:00.000Z');

/** A series in a bucket, with these changes. */
export function seriesFinding(changes: Partial<SeriesFinding> = {}): SeriesFinding {
  return {
    ...{ kind: 'series', state: 'not-covered', source: 's3://acme/', match: 'crm-*.sql', backups: 3 },
    ...{ newest: 'crm-2026-11-28.sql', newestAt: new Date('2026-11-28T03:00:00.000Z'), intervalMs: 86_400_000 },
    ...{ isStopped: false, engine: 'postgres', content: 'plain SQL dump', databases: [], drills: [] },
    ...changes,
  };
}

export function databaseFinding(changes: Partial<DatabaseFinding> = {}): DatabaseFinding {
  return {
    ...{ kind: 'database', state: 'no-backup', server: 'postgres://db1', engine: 'postgres', name: 'wiki' },
    ...{ sizeBytes: 1_000_000, foundIn: [], drills: [] },
    ...changes,
  };
}

export function discoveryOf(findings: readonly Finding[], changes: Partial<DiscoveryRecord> = {}): DiscoveryRecord {
  return {
    ...{ startedAt: LOOKED_AT, endedAt: LOOKED_AT, findings, problems: [], newGaps: [], closedGaps: [] },
    ...{ ignored: 0, keys: 10, requests: 2 },
    ...changes,
  };
}
