import { basename, dirname } from 'node:path/posix';
import { DAY_MS } from '../../schedule/wall-clock.ts';
import { DrillError } from '../../support/errors.ts';
import { formatInstant } from '../../support/instants.ts';
import { formatBytes, formatCount, formatDuration } from '../../support/quantities.ts';
import { seriesMatch } from '../discovery/series-match.ts';
import { type Candidate, type Candidates, compileMatch } from './candidates.ts';
import type { ChoiceRule, Dated } from './choice-rule.ts';
import { clearInstantOf } from './date-candidate.ts';
import { nearestNames } from './nearest-names.ts';

/** Messages about the selection: why no backup was chosen, with the nearest match as a hint, and what was skipped. */

export function noneMatches({ all, listedCount }: Candidates, rule: ChoiceRule, now: Date): DrillError {
  const newestFirst = [...all].sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime());
  const [newest] = newestFirst;
  const other = hintAtSeries(all, rule);
  const found = newest
    ? `The newest object there is ${newest.name || newest.key} (${describeAge(newest.modifiedAt, now)}, ${formatBytes(newest.sizeBytes)}).${inFolders(newestFirst, rule)}`
    : 'There are no objects there: check the prefix in `backup.source`, and that the backup job writes to it.';
  const count = describeListed(listedCount);
  return new DrillError('backup-missing', `no backup matches ${rule.match} under ${rule.where} (${count})`, {
    hint: other ?? found,
  });
}

/** So many series are named. */
const MAX_SERIES = 5;

/** @returns which databases a repository has backups of, when `match` names none of them. */
function hintAtSeries(all: readonly Candidate[], { match, prefix, layouts }: ChoiceRule): string | undefined {
  const noun = layouts.find(({ seriesNoun }) => seriesNoun !== undefined)?.seriesNoun;
  const series = [...new Set(all.flatMap((candidate) => candidate.series ?? []))].map((key) =>
    key.slice(prefix.length, -1),
  );
  const folder = match.slice(0, Math.max(0, match.lastIndexOf('/')));
  if (noun === undefined || series.length === 0 || folder === '') return undefined;
  const isWanted = compileMatch(folder);
  if (series.some((name) => isWanted(name))) return undefined;
  const wanted = lastPart(folder);
  const lacks = /^[\w.-]+$/.test(wanted) ? `has no backup of the ${noun} ${wanted}: it ` : '';
  const names = series.slice(0, MAX_SERIES);
  const more = series.length > names.length ? ` and ${formatCount(series.length - names.length)} more` : '';
  const found = `has backups of the ${noun}${series.length > 1 ? 's' : ''} ${names.map(lastPart).join(', ')}${more}`;
  return `The repository ${lacks}${found}. Set \`backup.match\` to ${names.map((name) => `${name}/*`).join(' or ')}.`;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `*` stays within a folder, which is unexpected where all backups are in folders. */
function inFolders(newestFirst: readonly Candidate[], { match }: ChoiceRule): string {
  if (match.includes('/')) return '';
  const isMatch = compileMatch(match);
  const found = newestFirst.filter(({ name }) => isMatch(basename(name)));
  const { name } = found.find(({ kind }) => kind === 'directory') ?? found[0] ?? { name: '' };
  const folder = dirname(name);
  if (folder === '.') return '';
  return ` \`backup.match\` does not look into folders by itself: \`${seriesMatch(folder)}/${match}\` selects ${name}.`;
}

export function noneDated(
  matched: readonly Candidate[],
  future: Candidate | undefined,
  rule: ChoiceRule,
  now: Date,
): DrillError {
  const what = rule.takenAt === 'tag' ? 'tag taken-at with an ISO 8601 instant' : 'date in its name';
  const sample = matched[0]?.name ?? '';
  const message = future
    ? `every backup that matches ${rule.match} under ${rule.where} is dated in the future, as ${future.name} (now it is ${formatInstant(now)})`
    : `none of the ${matched.length} backups that match ${rule.match} under ${rule.where} has a ${what}, as ${sample}`;
  return new DrillError('backup-undated', message, {
    hint: future
      ? 'Check the clock of this machine and of the one that names the backups.'
      : 'Set `takenAt: modified` to go by the time at which the store received them.',
  });
}

function describeListed(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'object' : 'objects'} listed`;
}

/** @param newest the newest candidate with a date. */
export function noneWithin(
  windowMs: number,
  count: number,
  newest: { readonly candidate: Candidate; readonly takenAt: Date },
  rule: ChoiceRule,
  now: Date,
): DrillError {
  const which = count === 1 ? 'the only backup that matches' : `none of the ${formatCount(count)} backups that match`;
  const not = count === 1 ? 'was not taken' : 'was taken';
  const within = formatDuration(windowMs);
  const hint = `The newest, ${newest.candidate.name}, is ${describeAge(newest.takenAt, now)}: check that the backup job still runs, or widen the window in \`backup.select\`.`;
  return new DrillError(
    'backup-missing',
    `${which} ${rule.match} under ${rule.where} ${not} within the last ${within}`,
    {
      hint,
    },
  );
}

export function noSuchKey({ all, listedCount }: Candidates, rule: ChoiceRule, wanted: string): DrillError {
  const near = nearestNames(
    wanted,
    all.map(({ name }) => name),
  );
  return new DrillError(
    'backup-missing',
    `there is no backup ${wanted} under ${rule.where} (${describeListed(listedCount)})`,
    {
      hint:
        near.length > 0
          ? `The nearest keys there are ${near.join(', ')}.`
          : 'There are no objects there: check the prefix in `backup.source`.',
    },
  );
}

export function warnUndated(count: number, rule: ChoiceRule): string[] {
  if (count === 0) return [];
  const [its, one] = count === 1 ? ['its', 'matches has'] : ['their', 'match have'];
  const what = rule.takenAt === 'tag' ? 'tag taken-at' : `date in ${its} ${count === 1 ? 'name' : 'names'}`;
  return [`${formatCount(count)} that ${one} no ${what} and ${count === 1 ? 'was' : 'were'} left out`];
}

export function warnFuture(count: number): string[] {
  return count === 0
    ? []
    : [`${formatCount(count)} dated more than a day in the future ${count === 1 ? 'was' : 'were'} left out`];
}

/** @param newest the newest of all. @param usable the newest that is complete and not empty. */
export function warnUnusable(newest: Candidate | undefined, usable: Candidate | undefined): string[] {
  if (!newest || newest === usable) return [];
  let why = 'has 0 bytes';
  if (newest.lacks !== undefined)
    why = newest.aliases ? `lacks its part ${newest.lacks}` : `has no ${newest.lacks}, so was not finished`;
  return [`${newest.name || newest.key}, the newest, ${why}: it is not counted as a backup`];
}

/** Why the dates in the names of the chosen and the newest backup were not used. */
export function warnNotes(chosen: Dated, newest: Dated): string[] {
  return [...new Set([chosen, newest].flatMap(({ note }) => note ?? []))];
}

/** Why the parts of a split file are doubtful although none is known to be missing. */
export function warnParts({ name, aliases, objects }: Candidate): string[] {
  const [first] = objects;
  const last = objects.at(-1);
  if (!aliases || !first || !last || objects.length < 2) return [];
  const lastName = aliases.at(-1) ?? last.key;
  const times = objects.map(({ modifiedAt }) => modifiedAt.getTime());
  const spanMs = Math.max(...times) - Math.min(...times);
  const isFull = objects.every(({ sizeBytes }) => sizeBytes === first.sizeBytes);
  return [
    ...(isFull
      ? [`${name} was split, and its last part, ${lastName}, is as long as the others: a part after it may be missing`]
      : []),
    ...(spanMs > DAY_MS
      ? [`${name} was split, and its parts were stored within ${formatDuration(spanMs)}: some may be of another backup`]
      : []),
  ];
}

/** With `takenAt: modified`, warns when another backup is newer by its name, i.e. they were not stored in the order in which they were taken. */
export function warnNewerByName(newest: Dated, matched: readonly Candidate[], rule: ChoiceRule, now: Date): string[] {
  const timezone = rule.timezone ?? 'UTC';
  const own = rule.takenAt === 'modified' ? clearInstantOf(newest.candidate.name, timezone) : undefined;
  if (!own) return [];
  let [best, name] = [own, ''];
  for (const candidate of matched) {
    const other = clearInstantOf(candidate.name, timezone);
    if (!other || other.at > now || other.at.getTime() > candidate.modifiedAt.getTime() + DAY_MS) continue;
    const isByDay = other.isDay || best.isDay;
    const isNewer = isByDay ? other.at.getTime() >= startOfDay(best.at) + DAY_MS : other.at > best.at;
    if (isNewer) [best, name] = [other, candidate.name];
  }
  if (name === '') return [];
  return [
    `${name} carries a newer date in its name than ${newest.candidate.name}, which was stored later; set \`takenAt: name\` to go by names`,
  ];
}

function startOfDay(instant: Date): number {
  return Math.floor(instant.getTime() / DAY_MS) * DAY_MS;
}

function describeAge(instant: Date, now: Date): string {
  return `${formatDuration(Math.max(0, now.getTime() - instant.getTime()))} old`;
}
