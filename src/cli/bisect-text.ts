import { describeAge, describeOutcome, stateOf } from '../record/history-view.ts';
import type { SeenBackup } from '../record/schedule-store.ts';
import type { Bisection, BisectPlan, Tried } from '../run/bisect/bisect-drill.ts';
import { formatInstant } from '../support/instants.ts';
import { formatCount, formatDuration } from '../support/quantities.ts';
import { formatTable, type Paint, printable } from './style.ts';

/** The expected effort of a bisection, before it starts. */
export function formatBisectPlan({ backups, warnings, known, restores, perRestore }: BisectPlan): readonly string[] {
  const [newest, oldest] = [backups[0], backups.at(-1)];
  const range =
    newest && oldest && newest !== oldest
      ? `taken ${formatInstant(oldest.takenAt)} to ${formatInstant(newest.takenAt)}`
      : `taken ${newest ? formatInstant(newest.takenAt) : ''}`;
  const reused = known === 0 ? '' : `; ${known} already known from recorded runs (--fresh runs them again)`;
  const count = restores === 1 ? 'at most 1 restore' : `at most ${restores} restores`;
  const runs = perRestore?.fromRuns === 1 ? 'the last passing run' : `the last ${perRestore?.fromRuns} passing runs`;
  const time = perRestore
    ? `, ${formatDuration(restores * perRestore.recoveryTimeMs)} (${formatDuration(perRestore.recoveryTimeMs)} each, from ${runs})`
    : '; no estimate of the time, because no run of this drill has passed yet';
  return [
    `${formatCount(backups.length)} ${backups.length === 1 ? 'backup' : 'backups'}, ${range}${reused}`,
    ...warnings.map((warning) => `warning: ${printable(warning)}`),
    restores === 0 ? 'nothing to restore' : `${count}${time}`,
    ...(backups.length > 1 ? ['assumes that all backups after a bad one are bad too'] : []),
  ];
}

/** The backups that were tried, newest first, and the result. */
export function formatBisection(bisection: Bisection, now: Date, paint: Paint, maxWidth?: number): readonly string[] {
  const { tried } = bisection;
  const header = ['DATA', 'BACKUP', 'TAKEN', 'RUN', 'WHY'];
  const rows = tried.map(({ backup, finding, run, isRecorded }) => [
    finding,
    backup.key,
    describeAge(backup.takenAt, now),
    run.id,
    [...(isRecorded ? ['recorded, not run again'] : []), describeWhy(run)].filter((text) => text !== '').join('; '),
  ]);
  const table = formatTable(
    [header, ...rows],
    (row, column, text) => {
      if (row === 0) return paint('dim', text);
      const finding = tried[row - 1]?.finding;
      if (column !== 0) return text;
      return paint(finding === 'good' ? 'green' : finding === 'bad' ? 'red' : 'yellow', text);
    },
    maxWidth,
  );
  return [...(tried.length > 0 ? [table, ''] : []), ...describeBisection(bisection).map(printable)];
}

/** The result, in sentences. */
export function describeBisection({ end, good, bad, tried }: Bisection): readonly string[] {
  const found = [
    ...(good ? [`newest good backup: ${describeBackup(good.backup)}`] : []),
    ...(bad
      ? [`${good ? 'first bad' : 'oldest bad backup'}: ${describeBackup(bad.backup)}${describeReason(bad)}`]
      : []),
  ].join('; ');
  const from = bad ? tried.indexOf(bad) + 1 : 0;
  const unproven = tried
    .slice(from, good ? tried.indexOf(good) : undefined)
    .filter(({ finding }) => finding === 'unknown');
  const errored =
    unproven.length === 0 ? [] : [`no verdict, may be good: ${unproven.map(({ backup }) => backup.key).join(', ')}`];
  switch (end) {
    case 'found':
      return [
        found,
        ...(good && !bad && unproven.length === 0 ? ['it is the newest of all'] : []),
        ...errored,
        ...warnContradiction(tried, good),
      ];
    case 'none':
      return [`no good backup: even the oldest in range is bad; ${found}`];
    case 'unclear': {
      const count = tried.filter(({ finding }) => finding === 'unknown').length;
      const why = `not determined: ${count} ${count === 1 ? 'run' : 'runs'} without a verdict`;
      return [`${why}${found === '' ? '' : `; so far, ${found}`}`, ...errored];
    }
    case 'interrupted':
      return [`interrupted${found === '' ? '' : `; so far, ${found}`}`];
  }
}

/** Bad backups older than the newest good one. */
function warnContradiction(tried: readonly Tried[], good: Tried | undefined): readonly string[] {
  const older = good ? tried.slice(tried.indexOf(good) + 1).filter(({ finding }) => finding === 'bad') : [];
  if (older.length === 0) return [];
  const keys = older.map(({ backup }) => backup.key).join(', ');
  return [`warning: bad although older than a good one: ${keys}; there may be good ones newer than found`];
}

function describeBackup({ key, takenAt }: SeenBackup): string {
  return `${key}, taken ${formatInstant(takenAt)}`;
}

/** ` (wrong-data: 1 of 3 checks failed: …)` */
function describeReason({ run }: Tried): string {
  const [reason] = run.reasons.filter((record) => record.reason === 'wrong-data' || record.reason === 'unrestorable');
  return reason ? ` (${reason.reason}: ${reason.sentence})` : '';
}

function describeWhy(run: Tried['run']): string {
  const outcome = describeOutcome(run);
  const state = stateOf(run);
  if (outcome === '') return state;
  return outcome.startsWith(`${state}: `) ? outcome : `${state}: ${outcome}`;
}
