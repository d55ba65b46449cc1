import type { ReasonRecord } from '../record/run-record.ts';
import { meaningOf } from '../support/errors.ts';
import { formatAge, formatBytes, formatDuration } from '../support/quantities.ts';
import type { Verdict } from '../support/vocabulary.ts';
import { nameStage } from '../support/vocabulary.ts';
import type { Findings, JudgeInput } from './judgement.ts';
import { findSlowest } from './reasons.ts';

/**
 * The verdict in one line, for example
 * `PASSED orders: recovered in 4 min 12 s (RTO 15 min, 72 % headroom), slowest restore 3 min 2 s at 48.1 MB/s; backup 9 h old (RPO 26 h)`.
 */
export function describeVerdict(
  input: JudgeInput,
  findings: Findings,
  verdict: Verdict | undefined,
  reasons: readonly ReasonRecord[],
  unjudged: string | undefined,
): string {
  if (verdict === 'passed')
    return `PASSED ${input.drill}: ${describeRecovery(input, findings)}${describeData(input, findings)}`;
  if (verdict === 'failed')
    return `FAILED ${input.drill}: ${reasons.map((reason) => reason.sentence).join('; ')}${describeOlder(input)}`;
  const interrupted = input.error && meaningOf(input.error.code) === 'interrupted';
  return `${interrupted ? 'INTERRUPTED' : 'ERRORED'} ${input.drill}: ${unjudged}`;
}

function describeRecovery(input: JudgeInput, { recoveryTimeMs = 0 }: Findings): string {
  const { rtoMs } = input.objectives;
  const headroom = Math.floor((1 - recoveryTimeMs / rtoMs) * 100);
  return `recovered in ${formatDuration(recoveryTimeMs)} (RTO ${formatDuration(rtoMs)}, ${headroom} % headroom)${describeSlowest(input)}`;
}

function describeSlowest(input: JudgeInput): string {
  const slowest = findSlowest(input);
  if (!slowest) return '';
  const words = `, slowest ${nameStage(slowest.name)} ${formatDuration(slowest.durationMs)}`;
  const rate = describeRate(input);
  if (rate === undefined) return words;
  return slowest.name === 'restore' ? `${words} at ${rate}` : `${words}, restore at ${rate}`;
}

/** Stored bytes of the backup divided by the duration of the whole restore stage. */
function describeRate({ stages, sizeBytes }: JudgeInput): string | undefined {
  const restoreMs = stages.find((stage) => stage.name === 'restore')?.durationMs ?? 0;
  if (sizeBytes === undefined || restoreMs <= 0) return undefined;
  return `${formatBytes(Math.round((sizeBytes / restoreMs) * 1000))}/s`;
}

function describeData(input: JudgeInput, { dataLossMs }: Findings): string {
  if (dataLossMs === undefined) return '';
  const { objectives } = input;
  const objective = objectives.rpoMs === undefined ? '' : ` (RPO ${formatDuration(objectives.rpoMs)})`;
  return `; backup ${formatDuration(dataLossMs)} old${objective}${describeOlder(input)}`;
}

/** When an older backup was selected, its age differs from the age of the newest data. */
function describeOlder({ takenAt, newestTakenAt, startedAt }: JudgeInput): string {
  if (!takenAt || !newestTakenAt || takenAt >= newestTakenAt) return '';
  return ` (drilled one of ${formatAge(startedAt.getTime() - takenAt.getTime())} ago)`;
}
