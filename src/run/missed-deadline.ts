import type { TransferMeter } from '../backup/content.ts';
import type { Drill } from '../config/drill-file.ts';
import { DrillError } from '../support/errors.ts';
import { formatBytes, formatDuration } from '../support/quantities.ts';
import { adviseOnLimit, describeHeld, type HeldReading, madeLate } from '../support/reading.ts';
import { nameStage, type StageName } from '../support/vocabulary.ts';
import type { Progress } from './contract.ts';
import type { RunState } from './run-state.ts';
import { explainSourceWait } from './source-wait.ts';

/** A run whose deadline has passed. */
export interface LateRun {
  readonly drill: Drill;
  readonly runId: string;
  /** The stage in progress; undefined between stages. */
  readonly stage: StageName | undefined;
  readonly state: Pick<RunState, 'source' | 'backup' | 'progress'>;
  /** Meter of the opened backup. */
  readonly meter: TransferMeter | undefined;
  /** How its reads were throttled by a limit of the source; undefined: they were not. */
  readonly held?: HeldReading | undefined;
}

/** A missed deadline means that recovery is too slow; the error says how far it got. It is not a verdict if the run was waiting for the backup store. */
export function missedDeadline({ drill, runId, stage, state, meter, held }: LateRun): DrillError {
  const { deadlineMs, rtoMs } = drill.objectives;
  const progress = stage === 'restore' ? state.progress : undefined;
  const waited = explainSourceWait({
    runId,
    stage,
    deadlineMs,
    source: state.source,
    key: state.backup?.key,
    meter,
    bytesPerSecond: progress?.isOfStep ? undefined : progress?.bytesPerSecond,
  });
  if (waited) return waited;
  const during = stage ? ` during ${nameStage(stage)}` : '';
  const farther = progress ? `; ${describeFarther(progress)}` : '';
  return new DrillError(
    'too-slow',
    `stopped at its deadline of ${formatDuration(deadlineMs)}${during}${farther}${held ? `; reading was ${describeHeld(held)}` : ''}; the target is ${formatDuration(rtoMs)}`,
    {
      ...(stage ? { stage } : {}),
      hint: madeLate(held, deadlineMs - rtoMs)
        ? adviseOnLimit(held)
        : `\`firedrill show ${runId}\` shows which stage took longest. To measure the full time, raise \`objectives.deadline\` in ${drill.place.file}.`,
    },
  );
}

/** `41 % done, 86.4 MB of 211 MB read (loading payment)`, or `replaying the log at 0/5A000000, 62 % of it`. */
function describeFarther({ doing, ratio, bytesRead, totalBytes, isOfStep }: Progress): string {
  const percent = ratio === undefined ? undefined : `${Math.floor(ratio * 100)} %`;
  if (isOfStep) return `${doing}${percent === undefined ? '' : `, ${percent} of it`}`;
  return `${percent === undefined ? '' : `${percent} done, `}${formatBytes(bytesRead)} of ${formatBytes(totalBytes)} read (${doing})`;
}
