import { partsInRepository } from '../engines/repository-root.ts';
import { type DiscoveryRecord, type Finding, isGap, type SeriesFinding } from '../record/discovery-store.ts';
import { toJson } from '../support/json.ts';
import { formatAge, formatBytes, formatCount } from '../support/quantities.ts';
import { toShell } from '../support/shell.ts';
import { COVERAGE_STATES, COVERAGE_WORDS, type CoverageState } from '../support/vocabulary.ts';
import { narrowSource } from './drafts/series-source.ts';
import { formatTable, printable } from './style.ts';

/** One object per finding, one per problem, then the totals. */
export function formatDiscoveryJson(record: DiscoveryRecord): string {
  const findings = record.findings.map(({ kind: type, ...finding }) => {
    const init = 'match' in finding && finding.state === 'not-covered' ? initCommand(finding) : undefined;
    return { type, ...finding, init };
  });
  const problems = record.problems.map((problem) => ({ type: 'problem', ...problem }));
  const { ignored, keys, requests, startedAt, endedAt } = record;
  const counts = {
    series: countOf(record, 'series'),
    databases: countOf(record, 'database'),
    ...totalsOf(record.findings),
  };
  const totals = { type: 'totals', ...counts, ignored, keys, requests, startedAt, endedAt };
  return [...findings, ...problems, totals].map((line) => toJson(line)).join('\n');
}

export function formatDiscovery(record: DiscoveryRecord, now: Date): string {
  const series = record.findings.filter((one) => one.kind === 'series');
  const databases = record.findings.filter((one) => one.kind === 'database');
  const plain = (_row: number, _column: number, text: string) => text;
  const hints = series.filter(({ state }) => state === 'not-covered').map((one) => `  ${printable(initCommand(one))}`);
  return [
    ...(series.length > 0 ? [formatTable([SERIES_HEAD, ...series.map((one) => seriesCells(one, now))], plain)] : []),
    ...(series.length > 0 && databases.length > 0 ? [''] : []),
    ...(databases.length > 0 ? [formatTable([DATABASE_HEAD, ...databases.map(databaseCells)], plain)] : []),
    describeTotals(record),
    ...(hints.length > 0 ? ['To cover them, use --write, or:', ...hints] : []),
  ].join('\n');
}

const SERIES_HEAD = ['STATE', 'BACKUPS', 'COUNT', 'NEWEST', 'DRILL', 'SOURCE', 'CONTENT'];
const DATABASE_HEAD = ['STATE', 'DATABASE', 'SIZE', 'DRILL', 'IN BACKUPS', 'SERVER'];

function seriesCells(one: SeriesFinding, now: Date): string[] {
  const state = COVERAGE_WORDS[one.state];
  return [
    one.state === 'not-covered' && one.isStopped ? `${state}, stopped` : state,
    one.match,
    formatCount(one.backups),
    formatAge(Math.max(0, now.getTime() - one.newestAt.getTime())),
    one.drills.join(', ') || '–',
    one.source,
    one.content,
  ];
}

function databaseCells({
  state,
  name,
  sizeBytes,
  drills,
  foundIn,
  server,
}: Extract<Finding, { kind: 'database' }>): string[] {
  return [
    COVERAGE_WORDS[state],
    name,
    sizeBytes === undefined ? '–' : formatBytes(sizeBytes),
    drills.join(', ') || '–',
    foundIn.join(', ') || '–',
    server ?? '–',
  ];
}

function describeTotals(record: DiscoveryRecord): string {
  const { findings, ignored, keys, requests } = record;
  const databases = countOf(record, 'database');
  const counted = [
    `${formatCount(countOf(record, 'series'))} series of backups`,
    ...(databases > 0 ? [databases === 1 ? '1 database' : `${formatCount(databases)} databases`] : []),
  ];
  const totals = totalsOf(findings);
  const states = COVERAGE_STATES.flatMap((state) => {
    const isShown = totals[state] > 0 || state === 'not-covered' || state === 'covered';
    return isShown ? [`${formatCount(totals[state])} ${COVERAGE_WORDS[state]}`] : [];
  });
  const sent = requests > 0 ? `, ${formatCount(requests)} requests` : '';
  const cost = keys > 0 ? `\n${formatCount(keys)} keys listed${sent}` : '';
  const extra = ignored > 0 ? `; ${formatCount(ignored)} ignored (no backups)` : '';
  return `${counted.join(', ')}: ${states.join(', ')}${extra}${cost}`;
}

function totalsOf(findings: readonly Finding[]): Record<CoverageState, number> {
  const count = (state: CoverageState) => findings.filter((one) => one.state === state).length;
  return Object.fromEntries(COVERAGE_STATES.map((state) => [state, count(state)])) as Record<CoverageState, number>;
}

function countOf({ findings }: DiscoveryRecord, kind: Finding['kind']): number {
  return findings.filter((one) => one.kind === kind).length;
}

/** Whether everything found is covered by drills. Finding no backups at all proves nothing. */
export function hasNoGap({ findings }: DiscoveryRecord): boolean {
  return findings.length > 0 && !findings.some(isGap);
}

/** A command that creates a drill for a series. */
function initCommand({
  source,
  match,
  newest,
  engine,
}: Pick<SeriesFinding, 'source' | 'match' | 'newest' | 'engine'>): string {
  const narrow = narrowSource(source, match, partsInRepository(newest));
  return toShell([
    ...['firedrill', 'init', '--name', nameOfSeries(match)],
    ...(engine === undefined ? [] : ['--engine', engine]),
    ...['--source', narrow.url, '--match', narrow.match, '--rto', '15m'],
  ]);
}

/** `prod/orders-*.dump` → `prod-orders`, `orders/orders-*.dump` → `orders` */
export function nameOfSeries(match: string): string {
  const name = match
    .toLowerCase()
    .replaceAll(/\.[a-z.]*$/g, '')
    .replaceAll(/[^a-z\d]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .replaceAll(/(?<![a-z\d])([a-z\d]+)(?:-\1)+(?![a-z\d])/g, '$1');
  return name.slice(0, 60).replace(/-+$/, '') || 'backup';
}
