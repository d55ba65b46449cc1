import type { ReportPeriod, Statement, StatementKind } from './report.ts';
import type { Trend } from './report-trend.ts';

/** What is known about the future. */
interface Outlook {
  readonly trends: ReadonlyMap<string, Trend>;
  readonly period: Pick<ReportPeriod, 'zone'>;
}

/** For readers who read nothing else: they would not read more words. */
const MAX_WORDS = 20;
const NAMED: readonly StatementKind[] = ['above-target', 'will-miss', 'slower'];

/**
 * Says in at most 20 words how many databases are proven recoverable, the state of the others, and what is expected. `18 of 20 databases proven recoverable; 1
 * failing, 1 never tested; orders will miss its RTO in March 2027.`
 * @param statements worst first.
 */
export function composeVerdict(
  proven: number,
  count: number,
  statements: readonly Statement[],
  context: Outlook,
): string {
  const start = proven === count && count > 1 ? `All ${count}` : `${proven} of ${count}`;
  const clauses = [`${start} ${count === 1 ? 'database' : 'databases'} proven recoverable`];
  const of = (...kinds: readonly StatementKind[]) =>
    statements.filter((statement) => statement.kinds.some((kind) => kinds.includes(kind)));
  const [failing, never, unproven] = [
    of('failing').length,
    of('never-drilled').length,
    of('no-proof', 'not-drilled').length,
  ];
  const others = [
    ...(failing > 0 ? [`${failing} failing`] : []),
    ...(never > 0 ? [`${never} never tested`] : []),
    ...(unproven > 0 ? [`${unproven} without proof`] : []),
  ];
  if (others.length > 0) clauses.push(others.join(', '));
  const outlook = describeOutlook(of(...NAMED), context).find(
    (words) => countWords([...clauses, words].join(' ')) <= MAX_WORDS,
  );
  if (outlook !== undefined) clauses.push(outlook);
  return `${clauses.join('; ')}.`;
}

/** The same outlook at different lengths, longest first. */
function describeOutlook(notable: readonly Statement[], { trends, period }: Outlook): readonly string[] {
  const missing = notable.filter(({ kinds }) => kinds.includes('above-target') || kinds.includes('will-miss'));
  const [worst] = missing.length > 0 ? missing : notable;
  if (!worst) return [];
  const alone = missing.length > 0 ? missing.length === 1 : notable.length === 1;
  if (missing.length === 0) {
    const slower = `${notable.length} recover more slowly`;
    return alone ? [`${worst.text.replace(/ than .*$/, '')} than before`, '1 is slower'] : [slower];
  }
  const all = `${missing.length} will miss ${missing.length === 1 ? 'its' : 'their'} RTO`;
  return alone ? [describeMiss(worst, trends.get(worst.drill), period.zone), all] : [all];
}

function describeMiss({ drill, kinds }: Statement, trend: Trend | undefined, zone: string): string {
  const crossing = trend?.forecast.kind === 'made' ? trend.forecast.crossing : undefined;
  if (kinds.includes('above-target') || crossing?.kind !== 'expected') return `${drill} usually misses its RTO`;
  const month = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: zone }).format(
    crossing.at,
  );
  return `${drill} will miss its RTO in ${month}`;
}

function countWords(text: string): number {
  return text.split(/\s+/).length;
}
