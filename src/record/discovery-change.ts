import { type DiscoveryRecord, type Finding, keyOfFinding } from './discovery-store.ts';

/** Whether nobody would notice otherwise: a drill that never passed is told by its own state. */
export function isUncovered({ state }: Pick<Finding, 'state'>): boolean {
  return state === 'no-backup' || state === 'not-covered' || state === 'stopped';
}

/** A gap as a phrase: `s3://acme/ crm-*.dump`, `database crm on postgres://db1`. */
export function describeGap(finding: Finding): string {
  if (finding.kind === 'series') return `${finding.source} ${finding.match}`;
  const where = finding.server === undefined ? `in ${finding.foundIn[0] ?? 'a dump'}` : `on ${finding.server}`;
  return `database ${finding.name} ${where}`;
}

/**
 * Sets a look against the one before: what was found in a source or server that could not be read now is kept, because it is not known to be gone, and the
 * gaps that are new and closed are named. @param before undefined: this is the first look, all gaps are new.
 */
export function compareDiscoveries(record: DiscoveryRecord, before: DiscoveryRecord | undefined): DiscoveryRecord {
  const unread = new Set(record.problems.filter(({ isError }) => isError).map(({ where }) => where));
  const kept =
    before?.findings.filter((one) => unread.has((one.kind === 'series' ? one.source : one.server) ?? '')) ?? [];
  const known = new Set(record.findings.map(keyOfFinding));
  const findings = [
    ...record.findings.filter((one) => !isKeptAs(one, kept)),
    ...kept.filter((one) => !known.has(keyOfFinding(one))),
  ];
  const gapsOf = (all: readonly Finding[]) => new Map(all.filter(isUncovered).map((one) => [keyOfFinding(one), one]));
  const [now, then] = [gapsOf(findings), gapsOf(before?.findings ?? [])];
  const missing = (from: ReadonlyMap<string, Finding>, other: ReadonlyMap<string, Finding>) =>
    [...from].filter(([key]) => !other.has(key)).map(([, one]) => describeGap(one));
  return { ...record, findings, newGaps: missing(now, then), closedGaps: missing(then, now) };
}

/** A database that only a dump names now, because its server could not be asked. */
function isKeptAs(one: Finding, kept: readonly Finding[]): boolean {
  if (one.kind === 'series' || one.server !== undefined) return false;
  return kept.some((other) => other.kind === 'database' && other.name === one.name);
}
