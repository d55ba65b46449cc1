import type { ReasonRecord, StageRecord } from '../record/run-record.ts';
import { describeError, provesNothing, reasonOf } from '../support/errors.ts';
import { nameStage, REASONS, type Reason, type Verdict } from '../support/vocabulary.ts';
import type { JudgeInput, Judgement } from './judgement.ts';
import { newestTaken } from './newest-taken.ts';
import { findReasons } from './reasons.ts';
import { describeVerdict } from './verdict-line.ts';
import { findWarnings } from './warnings.ts';

/**
 * Judges from stages, checks and objectives whether recovery worked. Pure.
 *
 * `passed` only when every counted stage is present and ok, at least one check was planned, every planned check ran and passed, the restore had no error, and
 * RTO and RPO are met (reaching a target exactly still meets it). `failed` when one of {@link REASONS} applies. An error that says nothing about the backup, or
 * incomplete facts without any error, give no verdict: a broken harness is neither a failure nor a pass.
 */
export function judge(input: JudgeInput): Judgement {
  const findings = { recoveryTimeMs: sumCounted(input), dataLossMs: ageOfData(input) };
  const unjudged = whyUnjudged(input);
  const reasons = unjudged === undefined ? inOrder(findReasons(input, findings)) : [];
  const verdict = verdictOf(unjudged, reasons);
  return {
    verdict,
    reasons,
    warnings: findWarnings(input, findings),
    ...findings,
    sentence: describeVerdict(input, findings, verdict, reasons, unjudged),
  };
}

function verdictOf(unjudged: string | undefined, reasons: readonly ReasonRecord[]): Verdict | undefined {
  if (unjudged !== undefined) return undefined;
  return reasons.length > 0 ? 'failed' : 'passed';
}

/** A completed stage counts even when its result was bad (`failed` checks), because it took that long. */
function sumCounted(input: JudgeInput): number | undefined {
  if (input.error) return undefined;
  let sumMs = 0;
  for (const name of input.objectives.counts) {
    const stages = input.stages.filter((stage) => stage.name === name);
    if (stages.length === 0 || stages.some((stage) => stage.outcome !== 'ok' && stage.outcome !== 'failed'))
      return undefined;
    for (const stage of stages) sumMs += stage.durationMs;
  }
  return sumMs;
}

function ageOfData(input: JudgeInput): number | undefined {
  if (input.recoverableUntil === 'unknown') return undefined;
  const takenAt = input.recoverableUntil ?? newestTaken(input);
  return takenAt && Math.max(0, input.startedAt.getTime() - takenAt.getTime());
}

/** @returns why there is no verdict, or undefined if there is one. */
function whyUnjudged(input: JudgeInput): string | undefined {
  if (input.error && reasonOf(input.error) === undefined && !isBesideAFailure(input)) return describeError(input.error);
  if (input.error) return undefined; // the gaps exist because recovery failed
  return findGap(input);
}

/** Whether the backup failed for another reason as well, which a malformed check must not hide. */
function isBesideAFailure({ error, load, checks }: JudgeInput): boolean {
  if (!error || !provesNothing(error.code)) return false;
  return (load?.errorCount ?? 0) > 0 || checks.some(({ passed }) => !passed);
}

/** Without an error, everything must be present: otherwise a bug in the harness would count as a pass. */
function findGap(input: JudgeInput): string | undefined {
  for (const name of input.objectives.counts) {
    const stages = input.stages.filter((stage) => stage.name === name);
    if (stages.length === 0) return `internal: stage ${nameStage(name)} counts as recovery time and never ran`;
    const bad = stages.find((stage) => !isStageFinished(stage, input));
    if (bad) return `internal: stage ${nameStage(name)} counts as recovery time and ended ${bad.outcome}`;
  }
  if (input.checksPlanned === 0) return 'internal: there was no check, so nothing was proven';
  if (input.checks.length !== input.checksPlanned) {
    return `internal: ${input.checks.length} of ${input.checksPlanned} checks have a result`;
  }
  if (!input.load) return 'internal: there is no outcome of the restore';
  if (!input.takenAt) return 'internal: it is not known when the backup was taken';
  return undefined;
}

/** A stage may be `failed` only together with the cause: failed checks for verify, errors for restore. */
function isStageFinished(stage: StageRecord, input: JudgeInput): boolean {
  if (stage.outcome === 'ok') return Number.isFinite(stage.durationMs);
  if (stage.outcome !== 'failed') return false;
  if (stage.name === 'verify') return input.checks.some((check) => !check.passed);
  return stage.name === 'restore' && (input.load?.errorCount ?? 0) > 0;
}

function inOrder(reasons: ReadonlyMap<Reason, ReasonRecord>): readonly ReasonRecord[] {
  return REASONS.flatMap((reason) => reasons.get(reason) ?? []);
}
