import { type DiscoveryRecord, type Finding, keyOfFinding } from './discovery-store.ts';

/** Whether the gap would otherwise go unnoticed: a drill that never passed is reported by its own state. */
export function isUncovered({ state }: Pick<Finding, 'state'>): boolean {
  return state === 'no-backup' || state === 'not-covered' || state === 'stopped';
}

/** A gap as a phrase: `s3://acme/ crm-*.dump`, `database crm on postgres://db1`. */
export function describeGap(finding: Finding): string {
  if (finding.kind === 'series') return `${finding.source} ${finding.match}`;
  const where = finding.server === undefined ? `in ${finding.foundIn[0] ?? 'a dump'}` : `on ${finding.server}`;
  return `database ${finding.name} ${where}`;
}

/** How complete a discovery was, in addition to its problems. */
export interface Reach {
  /** Sources that were inspected completely. */
  readonly whole: readonly string[];
  /** Places that the credentials cannot fully access: only parts of them were inspected. */
  readonly narrowed: readonly string[];
  /** Sources whose surroundings were not inspected, because the other places in their store could not be listed. */
  readonly alone: readonly string[];
}

const NOTHING: Reach = { whole: [], narrowed: [], alone: [] };

/**
 * Compares a discovery with the previous one. Earlier findings in a source or server that could not be read now, or was not reached, are kept, because they
 * may still exist; gaps that are new or closed are named.
 * @param before undefined: this is the first discovery, so all gaps are new.
 */
export function compareDiscoveries(
  record: DiscoveryRecord,
  before: DiscoveryRecord | undefined,
  reach: Reach = NOTHING,
): DiscoveryRecord {
  const unread = record.problems.filter(({ isError }) => isError).map(({ where }) => where);
  const lost = [...unread, ...reach.narrowed].map(asFolder);
  lost.push(...reach.alone.map(storeOf));
  const seen = reach.whole.map(asFolder);
  const isLost = (path: string) =>
    lost.some((place) => path.startsWith(place)) && !seen.some((place) => path.startsWith(place));
  const isUnread = (one: Finding): boolean => {
    if (one.kind === 'series') return unread.includes(one.source) || isLost(pathOf(one));
    return one.server === undefined ? one.foundIn.some(isLost) : unread.includes(one.server);
  };
  const kept = before?.findings.filter(isUnread) ?? [];
  const known = new Set(record.findings.map(pathOf));
  const findings = [
    ...record.findings.filter((one) => !isKeptAs(one, kept)),
    ...kept.filter((one) => !known.has(pathOf(one))),
  ];
  const gapsOf = (all: readonly Finding[]) => new Map(all.filter(isUncovered).map((one) => [pathOf(one), one]));
  const [now, then] = [gapsOf(findings), gapsOf(before?.findings ?? [])];
  const missing = (from: ReadonlyMap<string, Finding>, other: ReadonlyMap<string, Finding>) =>
    [...from].filter(([key]) => !other.has(key)).map(([, one]) => describeGap(one));
  return { ...record, findings, newGaps: missing(now, then), closedGaps: missing(then, now) };
}

/** The same key whether a series is found from its folder or from a parent folder. */
function pathOf(finding: Finding): string {
  return finding.kind === 'series' ? `${asFolder(finding.source)}${finding.match}` : keyOfFinding(finding);
}

function asFolder(place: string): string {
  return place.endsWith('/') ? place : `${place}/`;
}

/** `s3://acme/` → `s3://` */
function storeOf(place: string): string {
  return /^[^/]*:\/\//.exec(place)?.[0] ?? asFolder(place);
}

/** A database that is known only from a dump for now, because its server could not be queried. */
function isKeptAs(one: Finding, kept: readonly Finding[]): boolean {
  if (one.kind === 'series' || one.server !== undefined) return false;
  return kept.some((other) => other.kind === 'database' && other.server !== undefined && other.name === one.name);
}
