import type { ReasonRecord, StageRecord } from '../record/run-record.ts';
import { reasonOf } from '../support/errors.ts';
import { nameStage, REASONS, type Reason, type Verdict } from '../support/vocabulary.ts';
import type { JudgeInput, Judgement } from './judgement.ts';
import { findReasons } from './reasons.ts';
import { describeVerdict } from './verdict-line.ts';
import { findWarnings } from './warnings.ts';

/**
 * Stages, checks and objectives → did recovery work. Pure.
 *
 * `passed` only when every counted stage is there and ok, at least one check was planned, every planned one ran and passed, the restore had
 * no error, and RTO and RPO hold (exactly the target still holds). `failed` when one of {@link REASONS} applies. An error that says nothing
 * about the backup, or facts that are incomplete without any error, give no verdict: broken is not red, and not green.
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

/** A stage that ran to its end counts, also when what it found was bad (`failed` checks): it took that long. */
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
  const takenAt = input.newestTakenAt ?? input.takenAt;
  return takenAt && Math.max(0, input.startedAt.getTime() - takenAt.getTime());
}

/** @returns why there can be no verdict, or undefined when there can. */
function whyUnjudged(input: JudgeInput): string | undefined {
  if (input.error && reasonOf(input.error) === undefined && !isBesideAFailure(input))
    return `${input.error.code}: ${input.error.message}`;
  if (input.error) return undefined; // what is missing is missing because recovery failed
  return findGap(input);
}

/** A malformed check hides nothing that was seen of the backup. */
function isBesideAFailure({ error, load, checks }: JudgeInput): boolean {
  if (error?.code !== 'check-malformed') return false;
  return (load?.errorCount ?? 0) > 0 || checks.some(({ passed }) => !passed);
}

/** Nothing was thrown, so everything has to be there: else a defect of the harness would pass as green. */
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

/** A stage may have `failed` only together with what failed it: checks for verify, errors for restore. */
function isStageFinished(stage: StageRecord, input: JudgeInput): boolean {
  if (stage.outcome === 'ok') return Number.isFinite(stage.durationMs);
  if (stage.outcome !== 'failed') return false;
  if (stage.name === 'verify') return input.checks.some((check) => !check.passed);
  return stage.name === 'restore' && (input.load?.errorCount ?? 0) > 0;
}

function inOrder(reasons: ReadonlyMap<Reason, ReasonRecord>): readonly ReasonRecord[] {
  return REASONS.flatMap((reason) => reasons.get(reason) ?? []);
}
