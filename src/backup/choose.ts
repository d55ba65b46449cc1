import type { BackupSpec } from '../config/drill-file.ts';
import { DrillError } from '../support/errors.ts';
import { formatBytes, formatCount, formatDuration } from '../support/quantities.ts';
import { type Candidate, type Candidates, findCandidates } from './candidates.ts';
import { nearestNames } from './nearest-names.ts';
import type { Backup, StoredObject } from './source.ts';
import { takenAtInName } from './taken-at-in-name.ts';

export interface ChoiceRule {
  /** For messages: the source's description. */
  readonly where: string;
  readonly prefix: string;
  readonly match: string;
  readonly select: BackupSpec['select'];
  readonly takenAt: BackupSpec['takenAt'];
  /** With `takenAt: tag`: the value of the tag `taken-at`, where it has been read and is there. */
  readonly tagOf?: (candidate: Candidate) => string | undefined;
  /** Candidates whose tag was not read because it could not be the newest. */
  readonly unreadCount?: number;
}

export interface Chosen {
  readonly backup: Backup;
  readonly listedCount: number;
  readonly matchedCount: number;
  readonly warnings: readonly string[];
}

/** Further ahead than any zone or clock skew explains. */
const FUTURE_MS = 86_400_000;

/**
 * The newest backup by when it was *taken*, or the one with the key that was asked for; by equal instants the one stored last.
 * A name (or tag) without an instant is left out when another one has it. A date more than a day ahead is left out with a
 * warning: a typing error in one name must not hide every later backup for years.
 * @throws DrillError `backup-missing` when there is none; `backup-empty` when the newest one has no bytes: falling back to an
 * older one would hide until the outage that last night's backup is empty.
 */
export function chooseBackup(objects: readonly StoredObject[], rule: ChoiceRule, now: Date): Chosen {
  const candidates = findCandidates(objects, rule.prefix, rule.match);
  return rule.select.by === 'key'
    ? chooseByKey(candidates, rule, rule.select.key)
    : chooseLatest(candidates, rule, now);
}

interface Dated {
  readonly candidate: Candidate;
  readonly takenAt: Date;
}

function chooseLatest(candidates: Candidates, rule: ChoiceRule, now: Date): Chosen {
  const { matched, listedCount } = candidates;
  if (matched.length === 0) throw noneMatches(candidates, rule, now);
  const dated = matched.flatMap((candidate) => {
    const takenAt = takenAtOf(candidate, rule);
    return takenAt ? [{ candidate, takenAt }] : [];
  });
  const possible = dated.filter(({ takenAt }) => takenAt.getTime() <= now.getTime() + FUTURE_MS);
  const [newest] = possible.sort(byNewest);
  if (!newest) throw noneDated(matched, dated, rule, now);
  return {
    backup: toBackup(newest.candidate, newest.takenAt, rule.takenAt, rule.where),
    listedCount,
    matchedCount: matched.length,
    warnings: [
      ...warnUndated(matched.length - dated.length - (rule.unreadCount ?? 0), rule),
      ...warnFuture(dated.length - possible.length),
      ...warnUnfinished(candidates.unfinished),
    ],
  };
}

function chooseByKey(candidates: Candidates, rule: ChoiceRule, wanted: string): Chosen {
  const isWanted = ({ key, name }: Candidate) =>
    [key, name].some((text) => text === wanted || (text.endsWith('/') && text.slice(0, -1) === wanted));
  const candidate = candidates.all.find(isWanted);
  if (!candidate) throw noSuchKey(candidates, rule, wanted);
  const takenAt = takenAtOf(candidate, rule);
  return {
    backup: toBackup(candidate, takenAt ?? candidate.modifiedAt, takenAt ? rule.takenAt : 'modified', rule.where),
    listedCount: candidates.listedCount,
    matchedCount: 1,
    warnings: takenAt ? [] : [`${candidate.name} has no date in its ${rule.takenAt}; its modification time is used`],
  };
}

function takenAtOf(candidate: Candidate, rule: ChoiceRule): Date | undefined {
  if (rule.takenAt === 'modified') return candidate.modifiedAt;
  if (rule.takenAt === 'name') return takenAtInName(candidate.name);
  const value = rule.tagOf?.(candidate);
  const ms = value === undefined ? Number.NaN : Date.parse(value);
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

function byNewest(a: Dated, b: Dated): number {
  return (
    b.takenAt.getTime() - a.takenAt.getTime() ||
    b.candidate.modifiedAt.getTime() - a.candidate.modifiedAt.getTime() ||
    (a.candidate.key < b.candidate.key ? 1 : -1)
  );
}

function toBackup(candidate: Candidate, takenAt: Date, takenAtFrom: Backup['takenAtFrom'], where: string): Backup {
  const { kind, key, objects, sizeBytes } = candidate;
  if (sizeBytes === 0) {
    throw new DrillError('backup-empty', `${candidate.name} under ${where}, the backup to be drilled, has 0 bytes`, {
      hint: 'Look at the log of the job that wrote it; until it writes bytes again, the newest usable backup is older than it seems.',
    });
  }
  return { kind, key, objects, sizeBytes, takenAt, takenAtFrom };
}

function noneMatches({ all, listedCount, unfinished }: Candidates, rule: ChoiceRule, now: Date): DrillError {
  const newest = [...all].sort((a, b) => b.modifiedAt.getTime() - a.modifiedAt.getTime())[0];
  const [open] = unfinished;
  const hint = open
    ? `${open.name} matches but holds no ${open.lacks}: that directory dump was not finished.`
    : newest
      ? `The newest object there is ${newest.name || newest.key} (${describeAge(newest.modifiedAt, now)}, ${formatBytes(newest.sizeBytes)}).`
      : 'Nothing at all lies there: check the prefix in `backup.source`, and that the backup job writes to it.';
  const count = describeListed(listedCount);
  return new DrillError('backup-missing', `no backup matches ${rule.match} under ${rule.where} (${count})`, { hint });
}

function noneDated(matched: readonly Candidate[], dated: readonly Dated[], rule: ChoiceRule, now: Date): DrillError {
  const what = rule.takenAt === 'tag' ? 'tag taken-at with an ISO 8601 instant' : 'date in its name';
  const sample = matched[0]?.name ?? '';
  const [future] = dated;
  const message = future
    ? `every backup that matches ${rule.match} under ${rule.where} is dated in the future, as ${future.candidate.name} (now it is ${now.toISOString()})`
    : `none of the ${matched.length} backups that match ${rule.match} under ${rule.where} has a ${what}, as ${sample}`;
  return new DrillError('backup-missing', message, {
    hint: future
      ? 'Check the clock of this machine and of the one that names the backups.'
      : 'Set `takenAt: modified` to go by the time at which the store received them.',
  });
}

function describeListed(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'object' : 'objects'} listed`;
}

function noSuchKey({ all, listedCount }: Candidates, rule: ChoiceRule, wanted: string): DrillError {
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
          : 'Nothing at all lies there: check the prefix in `backup.source`.',
    },
  );
}

function warnUndated(count: number, rule: ChoiceRule): string[] {
  if (count === 0) return [];
  const what = rule.takenAt === 'tag' ? 'tag taken-at' : 'date in its name';
  return [
    `${formatCount(count)} that ${count === 1 ? 'matches has' : 'match have'} no ${what} and ${count === 1 ? 'was' : 'were'} left out`,
  ];
}

function warnFuture(count: number): string[] {
  return count === 0
    ? []
    : [`${formatCount(count)} dated more than a day in the future ${count === 1 ? 'was' : 'were'} left out`];
}

function warnUnfinished(unfinished: Candidates['unfinished']): string[] {
  return [...new Set(unfinished.map(({ lacks }) => lacks))].map((mark) => {
    const names = unfinished.flatMap(({ name, lacks }) => (lacks === mark ? [name] : []));
    return `${names.join(', ')}: no ${mark}, so an unfinished directory dump, left out`;
  });
}

function describeAge(instant: Date, now: Date): string {
  return `${formatDuration(Math.max(0, now.getTime() - instant.getTime()))} old`;
}
