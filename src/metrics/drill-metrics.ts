import type { RunRecord } from '../record/run-record.ts';
import { newestTakenAt } from '../status/backups-stopped.ts';
import { proofAlertOf, UNPROVEN } from '../status/proof-alert.ts';
import { isPaused } from '../status/silenced.ts';
import { STANDING_STATES } from '../support/vocabulary.ts';
import type { Exposition } from './exposition.ts';
import type { DrillFacts, MetricsFacts } from './facts.ts';
import type { NextRuns } from './next-runs.ts';

const ENDED = ['completed', 'errored', 'interrupted'] as const;
const VERDICTS = ['passed', 'failed'] as const;

/** Adds the metrics of each drill. All label values come from drill files and our own lists, so their number is bounded. */
export function addDrillMetrics(to: Exposition, { standings, stored, now }: MetricsFacts, nextRuns: NextRuns): void {
  const each = (measure: (one: DrillFacts) => number | undefined) =>
    standings.map((one) => [{ drill: one.drill.name }, measure(one)] as const);

  to.gauge(
    'firedrill_drill_info',
    'Always 1; labels hold the owner and tier of the drill.',
    standings.map(({ drill: { name, owner, tier } }) => {
      return [{ drill: name, owner: owner ?? '', tier: tier === undefined ? '' : String(tier) }, 1];
    }),
  );
  to.gauge(
    'firedrill_drill_state',
    'State of the drill: 1 for the current state, 0 for the others.',
    standings.flatMap(({ drill, standing }) =>
      STANDING_STATES.map((state) => [{ drill: drill.name, state }, Number(standing.state === state)] as const),
    ),
  );
  to.gauge(
    'firedrill_drill_last_run_status',
    'Status of the last ended run: 1 for its status, 0 for the others.',
    standings.flatMap(({ drill, runs }) => oneHot(drill.name, 'status', ENDED, lastEnded(runs)?.status)),
  );
  to.gauge(
    'firedrill_drill_last_run_verdict',
    'Verdict of the last completed run: 1 for its verdict, 0 for the other.',
    standings.flatMap(({ drill, lastVerdict }) => oneHot(drill.name, 'verdict', VERDICTS, lastVerdict?.verdict)),
  );
  to.gauge(
    'firedrill_drill_last_run_timestamp_seconds',
    'When the last run ended, whatever its outcome.',
    each(({ runs }) => toSeconds(lastEnded(runs)?.endedAt)),
  );
  to.gauge(
    'firedrill_drill_last_success_timestamp_seconds',
    'When the last passed run ended; absent when none of the last 20 passed.',
    each(({ runs }) => toSeconds(runs.find(({ verdict }) => verdict === 'passed')?.endedAt)),
  );
  to.gauge(
    'firedrill_drill_recovery_time_seconds',
    'Recovery time of the last run that measured one.',
    each(({ runs }) => inSeconds(runs.find((run) => run.recoveryTimeMs !== undefined)?.recoveryTimeMs)),
  );
  to.gauge(
    'firedrill_drill_recovery_time_target_seconds',
    'The recovery time objective.',
    each(({ drill }) => drill.objectives.rtoMs / 1000),
  );
  to.gauge(
    'firedrill_drill_stage_duration_seconds',
    'Duration of each stage of the last ended run; absent for a stage that it did not reach.',
    standings.flatMap(({ drill, runs }) =>
      (lastEnded(runs)?.stages ?? [])
        .filter(({ outcome }) => outcome !== 'skipped')
        .map((stage) => [{ drill: drill.name, stage: stage.name }, stage.durationMs / 1000] as const),
    ),
  );
  to.gauge(
    'firedrill_drill_backup_age_seconds',
    'Age of the newest backup seen by a run or by polling the source.',
    each(({ runs, state }) => {
      const takenAt = newestTakenAt({ runs, state });
      return takenAt && (now.getTime() - takenAt.getTime()) / 1000;
    }),
  );
  to.gauge(
    'firedrill_drill_log_archive_lag_seconds',
    'Age of the newest file in the log archive at the start of the last run that replayed it.',
    each(({ runs }) => inSeconds(lastArchived(runs)?.replay?.archive?.lagMs)),
  );
  to.gauge(
    'firedrill_drill_log_archive_commit_lag_seconds',
    'Age of the newest commit in the log archive at the start of the last run that replayed it completely.',
    each(({ runs }) => inSeconds(runs.find((run) => run.replay?.archive && run.dataLossMs !== undefined)?.dataLossMs)),
  );
  to.gauge(
    'firedrill_drill_data_loss_objective_seconds',
    'The recovery point objective; absent for a drill without one.',
    each(({ drill }) => inSeconds(drill.objectives.rpoMs)),
  );
  to.gauge(
    'firedrill_drill_backup_size_bytes',
    'Stored size of the backup that was drilled last.',
    each(({ runs }) => runs.find((run) => run.backup)?.backup?.sizeBytes),
  );
  to.gauge(
    'firedrill_drill_overdue',
    'Whether a due run has not started; absent for a drill without a schedule.',
    each(({ drill, isOverdue }) => (drill.schedule ? Number(isOverdue) : undefined)),
  );
  to.gauge(
    'firedrill_drill_recovery_identity_broken',
    'Whether the last run with the recovery identity did not pass; absent for a drill without one.',
    each(({ recovery }) => recovery && Number(recovery.state === 'failed')),
  );
  to.gauge(
    'firedrill_drill_recovery_identity_proven_timestamp_seconds',
    'When the last run that proves the recovery identity started; absent when there is none.',
    each(({ recovery }) => toSeconds(recovery?.provenAt)),
  );
  to.gauge(
    'firedrill_drill_proof_damages',
    'Damage cases that the last proof tried; absent for a drill without a proof.',
    each(({ proof }) => proof?.total),
  );
  to.gauge(
    'firedrill_drill_proof_damages_caught',
    'Damage cases that the checks caught in the last proof.',
    each(({ proof }) => proof?.caught),
  );
  to.gauge(
    'firedrill_drill_proof_outdated',
    'Whether the drill has changed since its last proof.',
    each(({ proof }) => proof && Number(proof.isOutdated)),
  );
  to.gauge(
    'firedrill_drill_proof_kinds_lost',
    'Kinds of damage that the last proof caught less often than the one before.',
    each(({ proof }) => proof?.lost.length),
  );
  to.gauge(
    'firedrill_drill_proof_late',
    'Whether the drill has passed for three days in its current configuration without a proof; absent for a drill that is proven only by hand.',
    each((one) => {
      const alert = proofAlertOf(one, now);
      return alert && Number(alert.fingerprint === UNPROVEN);
    }),
  );
  to.gauge(
    'firedrill_drill_proof_timestamp_seconds',
    'When the run of the last proof started.',
    each(({ proof }) => toSeconds(proof?.provenAt)),
  );
  to.gauge(
    'firedrill_drill_next_run_timestamp_seconds',
    'When the next scheduled run that nothing blocks is due.',
    each(({ drill }) => toSeconds(nextRuns.find(drill, now))),
  );
  to.gauge(
    'firedrill_drill_acknowledged',
    'Whether the current problem is acknowledged, so that there are no reminders.',
    each(({ acknowledged }) => Number(acknowledged?.kind === 'acknowledged')),
  );
  to.gauge(
    'firedrill_drill_snoozed',
    'Whether the drill is snoozed, so that no alerts are sent.',
    each(({ acknowledged }) => Number(acknowledged?.kind === 'snoozed')),
  );
  to.gauge(
    'firedrill_drill_silenced',
    'Whether the drill is in a window of planned work, in which no alerts are sent.',
    each(({ silenced }) => Number(silenced !== undefined)),
  );
  to.gauge(
    'firedrill_drill_paused',
    'Whether scheduled runs do not start because of planned work; absent for a drill without a schedule.',
    each(({ drill: { schedule } }) => schedule && Number(isPaused(schedule, now))),
  );
  const names = new Set(standings.map(({ drill }) => drill.name));
  to.counter(
    'firedrill_runs_total',
    'Ended runs by outcome and by reason or error code; a run that failed for several reasons counts once for each.',
    (stored?.runCounts ?? [])
      .filter(({ drill }) => names.has(drill))
      .map(({ drill, outcome, reason, count }) => [{ drill, outcome, reason }, count]),
  );
}

function lastEnded(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.find(({ status }) => status !== 'running');
}

function lastArchived(runs: readonly RunRecord[]): RunRecord | undefined {
  return runs.find(({ replay }) => replay?.archive?.lagMs !== undefined);
}

/** All values are undefined when it is not known which of the words applies. */
function oneHot(drill: string, label: string, words: readonly string[], holds: string | undefined) {
  return words.map((word) => {
    const value = holds === undefined ? undefined : Number(word === holds);
    return [{ drill, [label]: word }, value] as const;
  });
}

function toSeconds(at: Date | undefined): number | undefined {
  return at && at.getTime() / 1000;
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
