import { DrillError } from '../support/errors.ts';
import { formatBytes, formatCount, formatDuration } from '../support/quantities.ts';
import type { Candidate, Candidates } from './candidates.ts';
import type { ChoiceRule } from './choose.ts';
import { nearestNames } from './nearest-names.ts';

/** What a choice has to say: why there is none, with the nearest thing as a hint, and what was left out. */

export function noneMatches({ all, listedCount, unfinished }: Candidates, rule: ChoiceRule, now: Date): DrillError {
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

export function noneDated(
  matched: readonly Candidate[],
  future: Candidate | undefined,
  rule: ChoiceRule,
  now: Date,
): DrillError {
  const what = rule.takenAt === 'tag' ? 'tag taken-at with an ISO 8601 instant' : 'date in its name';
  const sample = matched[0]?.name ?? '';
  const message = future
    ? `every backup that matches ${rule.match} under ${rule.where} is dated in the future, as ${future.name} (now it is ${now.toISOString()})`
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

/** @param newest the newest of those that have a date. */
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
  const hint = `The newest, ${newest.candidate.name}, is ${describeAge(newest.takenAt, now)}: look whether the backup job still runs, or widen the window in \`backup.select\`.`;
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
          : 'Nothing at all lies there: check the prefix in `backup.source`.',
    },
  );
}

export function warnUndated(count: number, rule: ChoiceRule): string[] {
  if (count === 0) return [];
  const what = rule.takenAt === 'tag' ? 'tag taken-at' : 'date in its name';
  return [
    `${formatCount(count)} that ${count === 1 ? 'matches has' : 'match have'} no ${what} and ${count === 1 ? 'was' : 'were'} left out`,
  ];
}

export function warnFuture(count: number): string[] {
  return count === 0
    ? []
    : [`${formatCount(count)} dated more than a day in the future ${count === 1 ? 'was' : 'were'} left out`];
}

/** @param newest the newest of all; @param usable the newest that has bytes. */
export function warnEmpty(newest: Candidate | undefined, usable: Candidate | undefined): string[] {
  if (!newest || newest === usable) return [];
  return [`${newest.name}, the newest, has 0 bytes: it is not counted as a backup`];
}

export function warnUnfinished(unfinished: Candidates['unfinished']): string[] {
  return [...new Set(unfinished.map(({ lacks }) => lacks))].map((mark) => {
    const names = unfinished.flatMap(({ name, lacks }) => (lacks === mark ? [name] : []));
    return `${names.join(', ')}: no ${mark}, so an unfinished directory dump, left out`;
  });
}

function describeAge(instant: Date, now: Date): string {
  return `${formatDuration(Math.max(0, now.getTime() - instant.getTime()))} old`;
}
