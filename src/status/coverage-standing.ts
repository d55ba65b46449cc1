import { createHash } from 'node:crypto';
import { isUncovered } from '../record/discovery-change.ts';
import { type DiscoveryRecord, type Finding, keyOfFinding } from '../record/discovery-store.ts';
import { formatCount } from '../support/quantities.ts';
import type { Standing } from './standing.ts';

/** Subject of alerts about what no drill covers; no drill or file has such a name. */
const COVERAGE_SUBJECT = 'discover:coverage';

/** The result of the last scan as a standing: its gaps are the problem, and a different set of gaps is a different problem. */
export function coverageStanding(record: DiscoveryRecord): Standing {
  const gaps = record.findings.filter(isUncovered);
  const keys = gaps.map(keyOfFinding).toSorted();
  const digest = createHash('sha256').update(JSON.stringify(keys)).digest('hex').slice(0, 16);
  return {
    drill: COVERAGE_SUBJECT,
    owner: undefined,
    tier: undefined,
    state: gaps.length === 0 ? 'passed' : 'never',
    sentence: describeCoverageGaps(record),
    fingerprint: gaps.length === 0 ? 'covered' : `gaps:${digest}`,
    since: record.endedAt,
    runId: undefined,
    isFailing: false,
    isProvisional: false,
  };
}

/** `2 series of backups and 1 database are not covered by any drill`. */
export function describeCoverageGaps({ findings }: Pick<DiscoveryRecord, 'findings'>): string {
  const stopped = findings.filter(({ state }) => state === 'stopped').length;
  const open = findings.filter((one) => isUncovered(one) && one.state !== 'stopped');
  const parts = [
    ...counted(open, 'series', 'series of backups', 'series of backups'),
    ...counted(open, 'database', 'database', 'databases'),
  ];
  const sentences = [
    ...(parts.length > 0
      ? [`${parts.join(' and ')} ${open.length === 1 ? 'is' : 'are'} not covered by any drill`]
      : []),
    ...(stopped > 0 ? [`${formatCount(stopped)} series of backups stopped`] : []),
  ];
  return sentences.length === 0 ? 'everything that was found is covered by a drill' : sentences.join('; ');
}

function counted(all: readonly Finding[], kind: Finding['kind'], one: string, many: string): string[] {
  const count = all.filter((finding) => finding.kind === kind).length;
  return count === 0 ? [] : [`${formatCount(count)} ${count === 1 ? one : many}`];
}
