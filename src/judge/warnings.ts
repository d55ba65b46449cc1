import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import { formatBytes, formatCount, formatDuration } from '../support/quantities.ts';
import { formatMoney } from '../support/reading.ts';
import type { Findings, JudgeInput } from './judgement.ts';
import { newestTaken, statedBefore } from './newest-taken.ts';

/** A backup's time may be this far ahead of our clock before it is reported. */
const CLOCK_SKEW_MS = 60_000;

/** Objectives that are met but may soon be missed, and problems that were deliberately ignored: one sentence each, with numbers. */
export function findWarnings(input: JudgeInput, findings: Findings): readonly string[] {
  const { rtoMs, rpoMs } = input.objectives;
  const found = [
    nearTarget(input, findings.recoveryTimeMs, rtoMs, 'recovery took', 'RTO'),
    nearTarget(input, findings.dataLossMs, rpoMs, describeNewest(input), 'RPO'),
    fromTheFuture(input),
    copiedLater(input),
    stoppedArchive(input),
    ignoredErrors(input),
    unprotected(input),
    overspent(input),
  ];
  return found.filter((warning) => warning !== undefined);
}

function nearTarget(
  { objectives }: JudgeInput,
  actualMs: number | undefined,
  targetMs: number | undefined,
  what: string,
  target: string,
): string | undefined {
  if (actualMs === undefined || targetMs === undefined) return undefined;
  if (actualMs > targetMs || actualMs < targetMs * objectives.warnAtRatio) return undefined;
  const share = Math.floor((actualMs / targetMs) * 100);
  const old = what.endsWith('is') ? ' old' : '';
  const from = Math.round(objectives.warnAtRatio * 100);
  return `${what} ${formatDuration(actualMs)}${old}, ${share} % of the ${target} of ${formatDuration(targetMs)} (warning threshold ${from} %)`;
}

/** When another backup was drilled, the sentence must say which one is meant. */
function describeNewest({ takenAt, newestTakenAt, recoverableUntil }: JudgeInput): string {
  if (recoverableUntil instanceof Date) return 'the newest transaction in the log archive is';
  return takenAt && newestTakenAt && takenAt < newestTakenAt ? 'the newest backup is' : 'the backup is';
}

/** If recovery stops before the end of the log, the RPO is not judged; a long time without new archived files is still reported. */
function stoppedArchive({
  recoverableUntil,
  logEndsWith,
  logStoredAt,
  startedAt,
  objectives: { rpoMs },
}: JudgeInput): string | undefined {
  if (recoverableUntil !== 'unknown' || !logStoredAt || rpoMs === undefined || logEndsWith === undefined)
    return undefined;
  const lagMs = startedAt.getTime() - logStoredAt.getTime();
  if (lagMs <= rpoMs) return undefined;
  return `the log archive ends with ${toPrintable(logEndsWith)}, stored ${formatDuration(lagMs)} before this drill began (RPO ${formatDuration(rpoMs)}): check that the server still archives its log`;
}

function fromTheFuture({ takenAt, startedAt }: JudgeInput): string | undefined {
  const aheadMs = takenAt ? takenAt.getTime() - startedAt.getTime() : 0;
  if (aheadMs <= CLOCK_SKEW_MS) return undefined;
  return `the backup says that it was taken ${formatDuration(aheadMs)} after this drill began: compare the clocks and the time zone in its name`;
}

/** The date is trusted, because clocks may be wrong; a copy of an old dump under a new date is still reported. */
function copiedLater(input: JudgeInput): string | undefined {
  const { rpoMs } = input.objectives;
  const stated = statedBefore(input);
  const dated = newestTaken(input);
  if (!stated || !dated || rpoMs === undefined || input.recoverableUntil !== undefined) return undefined;
  if (input.startedAt.getTime() - stated.atLatest.getTime() <= rpoMs) return undefined;
  return `the backup says that it was made ${stated.text}, though it is dated ${formatInstant(dated)}: if an old dump was stored again, its data is older than the RPO of ${formatDuration(rpoMs)}`;
}

/** A run that fails because of this lists it as a reason, and one that is errored because of it has it as its error. */
function unprotected({ protection, error }: JudgeInput): string | undefined {
  if (!protection || protection.answer === 'protected') return undefined;
  if (error?.code === 'protection-unknown' || error?.code === 'protection-unsupported') return undefined;
  if (protection.answer === 'unprotected' && protection.onFinding === 'fail') return undefined;
  const what =
    protection.answer === 'unprotected' ? 'is not protected from deletion' : 'is not proven protected from deletion';
  return `the backup ${what}: ${protection.findings.join('; ')}`;
}

function ignoredErrors({ load }: JudgeInput): string | undefined {
  if (!load || load.ignoredCount === 0) return undefined;
  const count = load.ignoredCount === 1 ? '1 error' : `${formatCount(load.ignoredCount)} errors`;
  return `${count} while restoring matched restore.ignoreErrors`;
}

/** A warning about a run that read more than estimated, and so exceeded its budget. */
function overspent({ budget, reading }: JudgeInput): string | undefined {
  const actual = reading?.actual;
  if (!budget || !actual) return undefined;
  const { readBytes, cost: limit } = budget;
  const { bytes, cost } = actual;
  if (readBytes !== undefined && bytes > readBytes)
    return `${formatBytes(bytes)} were read, over the budget of ${formatBytes(readBytes)}`;
  if (limit && cost && cost.currency === limit.currency && cost.amount > limit.amount)
    return `reading cost ${formatMoney(cost)}, over the budget of ${formatMoney(limit)}`;
  return undefined;
}
