import { DAY_MS } from '../../schedule/wall-clock.ts';
import { formatCount } from '../../support/quantities.ts';
import { seriesMatch } from '../discovery/series-match.ts';
import type { ChoiceRule, Dated } from './choice-rule.ts';

/** Words in names of one database's backups: how often they are made, how much they hold, who asked for them. */
const KINDS = new Set(
  [
    'hourly daily nightly weekly monthly quarterly yearly hour day week month year mon tue wed thu fri sat sun',
    'full base inc incr incremental diff differential delta level snapshot snap backup backups bak dump dumps',
    'latest last newest current prev previous old archive archived auto automatic manual adhoc scheduled cron',
  ].flatMap((words) => words.split(' ')),
);
/** An id that makes a name unique, such as `x7k2p`: letters and digits take turns. Shorter than those that {@link seriesMatch} leaves out: its globs have to stay narrow. */
const ID = /^(?=.{4})(?:[a-z]+\d+[a-z]|\d+[a-z]+\d)[a-z\d]*$/;
const EXTENSION = /(?:\.[a-z][a-z0-9]{0,8})+\/?$/i;
const MAX_NAMED = 3;

/**
 * Warns when the newest backup was chosen among those of several databases or hosts, as with `match: '*'`: it could be any one's. Names are compared without
 * their dates, counters, ids and {@link KINDS}; only usable backups taken within a day of the newest, with its extension, count.
 * @param newestFirst of all that `match` selects.
 */
export function warnSeries(newestFirst: readonly Dated[], { match }: ChoiceRule): string[] {
  const [newest] = newestFirst;
  if (!newest) return [];
  const extension = extensionOf(newest.candidate.name);
  const found = new Map<string, string>();
  for (const { candidate, takenAt } of newestFirst) {
    if (takenAt.getTime() < newest.takenAt.getTime() - DAY_MS) break;
    if (candidate.sizeBytes === 0 || candidate.lacks !== undefined) continue;
    if (extensionOf(candidate.name) !== extension) continue;
    const series = seriesMatch(candidate.name);
    const subject = subjectOf(series);
    if (subject !== '' && !found.has(subject)) found.set(subject, series);
  }
  if (found.size < 2) return [];
  const names = [...found.values()].slice(0, MAX_NAMED).join(', ');
  const more = found.size > MAX_NAMED ? ` and ${formatCount(found.size - MAX_NAMED)} more` : '';
  return [
    `${match} selects backups of ${formatCount(found.size)} series (${names}${more}), and whichever is newest is drilled: let \`backup.match\` select one of them`,
  ];
}

function extensionOf(name: string): string {
  return (EXTENSION.exec(name)?.[0] ?? '').toLowerCase();
}

/** What the backups are of, as far as names tell: empty for `daily/2026-11-30.sql.gz`. */
function subjectOf(series: string): string {
  const words = series
    .replace(EXTENSION, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words
    .filter((word) => !KINDS.has(word) && !ID.test(word))
    .join(' ')
    .trim();
}
