import type { CheckRecord } from '../record/check-record.ts';
import type { ProtectionRecord, ReasonRecord, StageRecord } from '../record/run-record.ts';
import { checkTexts } from '../support/check-instants.ts';
import { reasonOf } from '../support/errors.ts';
import { toPrintable } from '../support/printable.ts';
import { formatCount, formatDuration } from '../support/quantities.ts';
import { adviseOnLimit, describeHeld, madeLate } from '../support/reading.ts';
import { toShell } from '../support/shell.ts';
import type { Reason } from '../support/vocabulary.ts';
import { nameStage } from '../support/vocabulary.ts';
import type { Findings, JudgeInput } from './judgement.ts';

const MAX_NAMED = 3;

/** Every reason that applies, one record each; measurements say more than errors, so they come first. */
export function findReasons(input: JudgeInput, findings: Findings): ReadonlyMap<Reason, ReasonRecord> {
  const found = [
    staleBackup(input, findings),
    restoreErrors(input),
    wrongData(input),
    tooSlow(input, findings),
    unprotected(input),
    thrown(input),
  ];
  const reasons = new Map<Reason, ReasonRecord>();
  for (const record of found) {
    if (record && !reasons.has(record.reason)) reasons.set(record.reason, record);
  }
  return reasons;
}

/** The slowest of the counted stages. */
export function findSlowest(input: JudgeInput): StageRecord | undefined {
  const counted = input.stages.filter((stage) => input.objectives.counts.includes(stage.name));
  return counted.reduce<StageRecord | undefined>(
    (slowest, stage) => (slowest && slowest.durationMs >= stage.durationMs ? slowest : stage),
    undefined,
  );
}

function staleBackup(input: JudgeInput, { dataLossMs }: Findings): ReasonRecord | undefined {
  const { objectives, drillFile, recoverableUntil, logEndsWith, error } = input;
  const { rpoMs } = objectives;
  if (rpoMs === undefined || dataLossMs === undefined || dataLossMs <= rpoMs) return undefined;
  if (recoverableUntil || logEndsWith !== undefined) {
    const end = logEndsWith === undefined ? '' : `; the archive ends with ${toPrintable(logEndsWith)}`;
    const which = error ? 'that can be recovered' : 'in the log archive'; // a gap hides what comes after it
    const newest = recoverableUntil
      ? `newest transaction ${which} is ${formatDuration(dataLossMs)} old`
      : `no transaction ${which} since the newest backup, which is ${formatDuration(dataLossMs)} old`;
    return {
      reason: 'stale-backup',
      sentence: `${newest}, RPO ${describeOver(dataLossMs, rpoMs)}${end}`,
      hint: error
        ? undefined
        : 'Check that the server still archives its log (`select * from pg_stat_archiver`), and `archive_timeout`.',
    };
  }
  return {
    reason: 'stale-backup',
    sentence: `newest backup is ${formatDuration(dataLossMs)} old, RPO ${describeOver(dataLossMs, rpoMs)}`,
    hint: `Check that the backup job still runs, and that \`backup.match\` in ${drillFile} matches what it writes.`,
  };
}

function restoreErrors({ load, runId, drillFile }: JudgeInput): ReasonRecord | undefined {
  if (!load || load.errorCount === 0) return undefined;
  const count = load.errorCount === 1 ? '1 error' : `${formatCount(load.errorCount)} errors`;
  const [first] = load.errors;
  return {
    reason: 'unrestorable',
    sentence: `${count} while restoring${first === undefined ? '' : `: ${toPrintable(first)}`}${describeRest(load.errorCount, 1)}`,
    hint: `See all of them with \`firedrill show ${runId}\`; list what is harmless under \`restore.ignoreErrors\` in ${drillFile}.`,
  };
}

function wrongData(input: JudgeInput): ReasonRecord | undefined {
  const failed = input.checks.filter((check) => !check.passed);
  if (failed.length === 0) return undefined;
  const named = failed.slice(0, MAX_NAMED).map(describeCheck).join('; ');
  const rest = describeRest(failed.length, MAX_NAMED);
  const count = input.checksPlanned === 1 ? 'the only check' : `${failed.length} of ${input.checksPlanned} checks`;
  return {
    reason: 'wrong-data',
    sentence: `${count} failed: ${named}${rest}`,
    hint: `Keep the restored copy with \`${toShell(['firedrill', 'run', input.drillFile, '--keep', '30m'])}\` and look at the rows the check is about.${describeAcceptance(failed, input.runId)}`,
  };
}

/** Checks that store numbers for later runs may have failed because data was changed on purpose. */
function describeAcceptance(failed: readonly CheckRecord[], runId: string): string {
  if (failed.every(({ measured }) => measured === undefined)) return '';
  return ` If the change was intended, let later runs be compared with this one: \`firedrill accept ${runId} --reason "…"\`.`;
}

function tooSlow(input: JudgeInput, { recoveryTimeMs }: Findings): ReasonRecord | undefined {
  const { rtoMs } = input.objectives;
  if (recoveryTimeMs === undefined || recoveryTimeMs <= rtoMs) return undefined;
  const slowest = findSlowest(input);
  const blame = slowest ? `; slowest: ${nameStage(slowest.name)} ${formatDuration(slowest.durationMs)}` : '';
  const over = describeOver(recoveryTimeMs, rtoMs);
  const held = input.reading?.held;
  return {
    reason: 'too-slow',
    sentence: `recovery took ${formatDuration(recoveryTimeMs)}, target ${over}${blame}${held ? `; reading was ${describeHeld(held)}` : ''}`,
    hint: madeLate(held, recoveryTimeMs - rtoMs)
      ? adviseOnLimit(held)
      : `Compare the stages with earlier runs in \`${toShell(['firedrill', 'history', input.drill])}\`, then give the restore more jobs or cores, a faster format, or a longer RTO.`,
  };
}

function unprotected({ protection }: JudgeInput): ReasonRecord | undefined {
  if (protection?.answer !== 'unprotected' || protection.onFinding !== 'fail') return undefined;
  return {
    reason: 'unprotected',
    sentence: `the backup is not protected from deletion: ${toPrintable(protection.findings.join('; '), 500)}`,
    hint: adviseOnLock(protection),
  };
}

function adviseOnLock({ probe, requiredMs }: ProtectionRecord): string {
  if (probe?.outcome === 'bypassed')
    return 'Use compliance mode, or take s3:BypassGovernanceRetention from these credentials.';
  return `Lock backups as they are stored: Object Lock on the bucket, with a default retention of at least ${formatDuration(requiredMs)}. What is stored already needs a retention of its own (\`aws s3api put-object-retention\`).`;
}

function thrown({ error }: JudgeInput): ReasonRecord | undefined {
  const reason = error && reasonOf(error);
  return reason && { reason, sentence: error.message, hint: error.hint };
}

function describeCheck(check: CheckRecord): string {
  const { expected, actual } = checkTexts(check);
  return `${check.name}: expected ${expected}, got ${actual}`;
}

/** `30 min (11 min 3 s over)`. */
function describeOver(actualMs: number, targetMs: number): string {
  return `${formatDuration(targetMs)} (${formatDuration(actualMs - targetMs)} over)`;
}

function describeRest(count: number, named: number): string {
  return count > named ? ` (and ${formatCount(count - named)} more)` : '';
}
