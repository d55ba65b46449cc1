import { DrillError } from '../../support/errors.ts';
import { formatCount, formatDuration } from '../../support/quantities.ts';
import type { Backup, StoredObject } from '../source.ts';
import { type Candidate, type Candidates, findCandidates } from './candidates.ts';
import type { ChoiceRule, Chosen, Dated } from './choice-rule.ts';
import { type CandidateDate, dateByName } from './date-candidate.ts';
import { drawIndex, formatOrdinal } from './draw.ts';
import {
  noneDated,
  noneMatches,
  noneWithin,
  noSuchKey,
  warnFuture,
  warnNewerByName,
  warnNotes,
  warnParts,
  warnUndated,
  warnUnusable,
} from './selection-messages.ts';
import { refuseTabFile } from './tab-files.ts';
import { warnSeries } from './warn-series.ts';

/** Further ahead than any zone or clock skew explains. */
const FUTURE_MS = 86_400_000;

/** The chosen backup is either one split file or several backups: its content must be inspected first. */
export class DoubtfulSplit extends Error {
  override readonly name = 'DoubtfulSplit';
  readonly candidate: Candidate;

  constructor(candidate: Candidate) {
    super(`it is not proven that ${candidate.name} was split`);
    this.candidate = candidate;
  }
}

/**
 * Chooses the newest backup by when it was *taken* (of equal instants, the one stored last), a random one from a window (see {@link drawIndex}), or the one
 * with the requested key.
 * Candidates whose name (or tag) has no instant are skipped if others have one. A date more than a day ahead is skipped with a warning: a typing error in one
 * name must not hide every later backup for years.
 * Does not fall back to an older backup when the chosen one is unusable: that would hide until the outage that last night's backup is empty.
 * @throws DoubtfulSplit for a chosen set that `rule.splitReadings` does not know, see prove-split.ts.
 * @throws DrillError `backup-missing` when there is none, `backup-undated` when none has a date; for the chosen backup, `backup-empty` when it has no bytes,
 * `backup-truncated` when it is an unfinished directory or lacks a part, `format-unsupported` when it is only one file of `mysqldump --tab`.
 */
export function chooseBackup(objects: readonly StoredObject[], rule: ChoiceRule, now: Date): Chosen {
  const choice = choose(findCandidates(objects, rule), rule, now);
  return { ...choice, neighbours: findNeighbours(choice.backup, objects), listed: objects };
}

type Choice = Omit<Chosen, 'neighbours' | 'listed'>;

function choose(candidates: Candidates, rule: ChoiceRule, now: Date): Choice {
  const { select } = rule;
  if (select.by === 'key') return chooseByKey(candidates, rule, select.key, now);
  const { matched } = candidates;
  const { dates, newest } = findNewestOf(candidates, rule, now);
  const { chosen, selection } =
    select.by === 'latest'
      ? { chosen: newest, selection: `latest of ${formatCount(dates.newestFirst.length + (rule.unreadCount ?? 0))}` }
      : draw(dates.newestFirst, newest, select.windowMs, rule, now);
  const usable = findUsable(dates);
  refuseTabFile(chosen.candidate, candidates.all);
  return {
    backup: toBackup(chosen.candidate, chosen, rule),
    selection,
    newestTakenAt: usable?.takenAt ?? chosen.takenAt,
    warnings: [
      ...warnUnusable(newest.candidate, usable?.candidate),
      ...warnNotes(chosen, newest),
      ...warnParts(chosen.candidate),
      ...warnNewerByName(newest, matched, rule, now),
      ...warnUndated(dates.undatedCount - (rule.unreadCount ?? 0), rule),
      ...warnFuture(dates.future.length),
      ...warnSeries(dates.newestFirst, rule),
    ],
  };
}

/** Objects in the same folder, without subfolders. */
function findNeighbours({ key, objects: own }: Backup, objects: readonly StoredObject[]): readonly StoredObject[] {
  const folder = key.replace(/[^/]*\/?$/, '');
  const members = new Set(own);
  return objects.filter(
    (object) => object.key.startsWith(folder) && !object.key.includes('/', folder.length) && !members.has(object),
  );
}

/** Finds the newest backup by when it was taken, even when it is empty. @throws DrillError `backup-missing` */
export function findNewest(objects: readonly StoredObject[], rule: ChoiceRule, now: Date): Dated {
  return findNewestOf(findCandidates(objects, rule), rule, now).newest;
}

/** The matching candidates, with their dates. @throws DrillError `backup-missing` when none matches, `backup-undated` when none has a date. */
export function findDated(candidates: Candidates, rule: ChoiceRule, now: Date): Dates {
  return findNewestOf(candidates, rule, now).dates;
}

interface Dates {
  readonly newestFirst: readonly Dated[];
  /** Candidates whose date is impossibly far in the future. */
  readonly future: readonly Dated[];
  readonly undatedCount: number;
}

function findNewestOf(
  candidates: Candidates,
  rule: ChoiceRule,
  now: Date,
): { readonly dates: Dates; readonly newest: Dated } {
  const { matched } = candidates;
  if (matched.length === 0) throw noneMatches(candidates, rule, now);
  refuseSeveralSeries(matched, rule);
  const dates = withTakenAt(matched, rule, now);
  const [newest] = dates.newestFirst;
  if (!newest) throw noneDated(matched, dates.future[0]?.candidate, rule, now);
  return { dates, newest };
}

/** The newest among the backups of several databases could belong to any of them. */
function refuseSeveralSeries(matched: readonly Candidate[], { match, prefix, where }: ChoiceRule): void {
  const series = [...new Set(matched.flatMap((candidate) => candidate.series ?? []))].map((key) =>
    key.slice(prefix.length),
  );
  if (series.length < 2) return;
  throw new DrillError(
    'backup-ambiguous',
    `${match} under ${where} selects backups of ${formatCount(series.length)} series: ${series.slice(0, 5).join(', ')}`,
    { hint: `Let \`backup.match\` select one of them, such as ${series[0]}*.` },
  );
}

function withTakenAt(matched: readonly Candidate[], rule: ChoiceRule, now: Date): Dates {
  const dated = matched.flatMap((candidate) => {
    const date = dateOf(candidate, rule, now);
    return date ? [{ candidate, ...date }] : [];
  });
  const isPossible = ({ takenAt }: Dated) => takenAt.getTime() <= now.getTime() + FUTURE_MS;
  return {
    newestFirst: dated.filter(isPossible).sort(byNewest),
    future: dated.filter((one) => !isPossible(one)),
    undatedCount: matched.length - dated.length,
  };
}

function dateOf(candidate: Candidate, rule: ChoiceRule, now: Date): CandidateDate | undefined {
  if (rule.takenAt === 'modified') return { takenAt: candidate.modifiedAt, from: 'modified' };
  if (rule.takenAt === 'name') return dateByName(candidate, rule.timezone ?? 'UTC', now);
  const value = rule.tagOf?.(candidate);
  const ms = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(ms) ? undefined : { takenAt: new Date(ms), from: 'tag' };
}

function byNewest(a: Dated, b: Dated): number {
  return (
    b.takenAt.getTime() - a.takenAt.getTime() ||
    b.candidate.modifiedAt.getTime() - a.candidate.modifiedAt.getTime() ||
    (a.candidate.key < b.candidate.key ? 1 : -1)
  );
}

function findUsable({ newestFirst }: Dates): Dated | undefined {
  return newestFirst.find(({ candidate }) => candidate.sizeBytes > 0 && candidate.lacks === undefined);
}

function draw(
  dated: readonly Dated[],
  newest: Dated,
  windowMs: number,
  rule: ChoiceRule,
  now: Date,
): { readonly chosen: Dated; readonly selection: string } {
  const fromMs = now.getTime() - windowMs;
  const oldestFirst = dated
    .filter(({ takenAt }) => takenAt.getTime() >= fromMs)
    .sort((a, b) => a.takenAt.getTime() - b.takenAt.getTime() || (a.candidate.key < b.candidate.key ? -1 : 1));
  const index = drawIndex(rule.seed, oldestFirst.length);
  const chosen = oldestFirst[index];
  if (!chosen) throw noneWithin(windowMs, dated.length + (rule.unreadCount ?? 0), newest, rule, now);
  const place = `${formatOrdinal(index + 1)} of ${formatCount(oldestFirst.length)}`;
  return { chosen, selection: `random: ${place} within ${formatDuration(windowMs)}, seed ${rule.seed}` };
}

function chooseByKey(candidates: Candidates, rule: ChoiceRule, wanted: string, now: Date): Choice {
  const candidate = findByKey(candidates.all, wanted);
  if (!candidate) throw noSuchKey(candidates, rule, wanted);
  refuseTabFile(candidate, candidates.all);
  const date = dateOf(candidate, rule, now);
  const dates = withTakenAt(candidates.matched, rule, now);
  const usable = findUsable(dates);
  const backup = toBackup(candidate, date ?? { takenAt: candidate.modifiedAt, from: 'modified' }, rule);
  // the requested backup may not match `match`; without a date it cannot be the newest
  const isNewest = date !== undefined && (!usable || usable.takenAt < date.takenAt);
  return {
    backup,
    selection: 'named',
    newestTakenAt: isNewest ? date.takenAt : (usable?.takenAt ?? backup.takenAt),
    warnings: [
      ...(date ? [] : [`${candidate.name} has no date in its ${rule.takenAt}; its modification time is used`]),
      ...(date?.note === undefined ? [] : [date.note]),
      ...warnParts(candidate),
      ...warnUnusable(dates.newestFirst[0]?.candidate, usable?.candidate),
    ],
  };
}

/** A whole file is preferred over parts that share its name. A backup in a repository may be given without its folder. */
function findByKey(all: readonly Candidate[], wanted: string): Candidate | undefined {
  const found = all.filter((each) => hasKey(each, wanted));
  const own = all.filter(({ series, key }) => series !== undefined && key === `${series}${wanted}/`);
  return found.find(({ aliases }) => !aliases) ?? found[0] ?? (own.length === 1 ? own[0] : undefined);
}

/**
 * Whether a candidate has the wanted key: the full key or the part below the prefix; for a directory, with or without its trailing slash; for a split file,
 * also the keys of its parts and of the original file.
 */
export function hasKey({ key, name, aliases = [], objects }: Candidate, wanted: string): boolean {
  const plain = wanted.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '');
  const keys = aliases.length === 0 ? [] : objects.map((part) => part.key);
  return [key, name, ...aliases, ...keys].some((text) => text === wanted || text.replace(/\/$/, '') === plain);
}

function toBackup(
  candidate: Candidate,
  { takenAt, from }: CandidateDate,
  { where, splitReadings }: ChoiceRule,
): Backup {
  const [first] = candidate.objects;
  if (candidate.doubt !== undefined && first && !splitReadings?.has(first.key)) throw new DoubtfulSplit(candidate);
  const { kind, key, objects, sizeBytes, name, lacks } = candidate;
  const what = `${name || key} under ${where}, the selected backup,`;
  if (lacks !== undefined && kind === 'object') {
    throw new DrillError('backup-truncated', `${what} was split, and its part ${lacks} is missing`, {
      hint: 'Check that all parts are uploaded, and that none is deleted before the others. The newest usable backup is an older one.',
    });
  }
  if (lacks !== undefined) {
    throw new DrillError('backup-truncated', `${what} is a directory dump without ${lacks}: it was not finished`, {
      hint: 'Check the log of the job that wrote it, and that the upload is complete. The newest usable backup is an older one.',
    });
  }
  if (sizeBytes === 0) {
    throw new DrillError('backup-empty', `${what} has 0 bytes`, {
      hint: 'Check the log of the job that wrote it. The newest usable backup is an older one.',
    });
  }
  return { kind, key, objects, sizeBytes, takenAt, takenAtFrom: from };
}
