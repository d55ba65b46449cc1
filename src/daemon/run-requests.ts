import type { Drill, Pause, SandboxSpec } from '../config/drill-file.ts';
import type { QueuedJob } from '../record/queue-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { SkipRecord } from '../record/schedule-store.ts';
import type { Silence } from '../record/silence-store.ts';
import { dueRetry } from '../status/retry.ts';
import { pausedNow } from '../status/silenced.ts';
import { formatInstant } from '../support/instants.ts';
import { byHand } from '../support/vocabulary.ts';
import type { RunningRun } from './place-run.ts';
import type { Outcome, QueuedRun, RaceLeg } from './queued-run.ts';
import type { DueRun } from './schedule-trigger.ts';

/** A run for a schedule. */
export function toScheduled(due: DueRun, now: Date, diskBytes: number | undefined): QueuedRun {
  return {
    drill: due.drill,
    trigger: { kind: 'schedule', dueAt: due.dueAt, attempt: 1 },
    dueAt: due.dueAt,
    triggeredBy: `schedule (${due.why})`,
    waitingSince: now,
    change: { handledUntil: due.handledUntil },
    skips: due.skips,
    basis: due.basis,
    diskBytes,
  };
}

/**
 * The retry that is due for a drill; undefined: none.
 * @param runs newest first.
 * @param isRaced whether it is also part of the race of a drill with a schedule.
 */
export function toRetry(
  drill: Drill,
  runs: readonly RunRecord[],
  {
    now,
    diskBytes,
    isRaced,
  }: { readonly now: Date; readonly diskBytes: number | undefined; readonly isRaced: boolean },
): QueuedRun | undefined {
  const retry = drill.schedule || isRaced ? dueRetry(runs, now) : undefined;
  if (!retry || (retry.notBefore && retry.notBefore > now)) return undefined;
  const { trigger, id, status } = retry.run;
  return {
    drill,
    trigger: { ...trigger, attempt: trigger.attempt + 1 },
    dueAt: trigger.dueAt ?? retry.run.startedAt,
    triggeredBy: `retry of ${id}, which ${status === 'errored' ? 'errored' : 'was cut off'}`,
    waitingSince: now,
    change: {},
    skips: [],
    basis: {},
    retryOf: id,
    diskBytes,
  };
}

/** A run requested by a user. @param who `alice, web`. @param isOverBudget whether it starts regardless of the month's budget. */
export function toByHand(
  drill: Drill,
  who: string,
  now: Date,
  { diskBytes, isOverBudget = false }: { readonly diskBytes?: number | undefined; readonly isOverBudget?: boolean },
): QueuedRun {
  return {
    drill,
    trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
    dueAt: now,
    triggeredBy: byHand(who, isOverBudget),
    waitingSince: now,
    change: {},
    skips: [],
    basis: {},
    diskBytes,
    ...(isOverBudget && { isOverBudget }),
  };
}

/** @returns the remainder of the race that an ended run is part of; undefined: it is not part of a race. A manual run does not start one here. */
export function raceAfter({ drill, trigger, dueAt, race }: QueuedRun, run: RunRecord): RaceLeg | undefined {
  if (race) return race;
  if (trigger.kind === 'hand' || run.verdict === undefined || !drill.race) return undefined;
  return { of: drill.name, dueAt, left: drill.race };
}

/** A run in a pool's queue. */
export function toQueued(job: QueuedJob, drill: Drill): QueuedRun {
  const { id, pool, trigger, dueAt, triggeredBy, waitingSince, retryOf, diskBytes, isOverBudget } = job;
  return {
    drill,
    trigger,
    dueAt,
    triggeredBy,
    waitingSince,
    change: {},
    skips: [],
    basis: {},
    ...(retryOf !== undefined && { retryOf }),
    diskBytes,
    ...(isOverBudget && { isOverBudget }),
    job: { id, pool },
  };
}

/** The run of a drill in the race of another one that was due. */
export function toRaced(drill: Drill, race: RaceLeg, now: Date, diskBytes: number | undefined): QueuedRun {
  return {
    drill,
    trigger: { kind: 'schedule', dueAt: race.dueAt, attempt: 1, raceOf: race.of },
    dueAt: race.dueAt,
    triggeredBy: `race with ${race.of}`,
    waitingSince: now,
    change: {},
    skips: [],
    basis: {},
    race,
    diskBytes,
  };
}

/** A run that was due while another run of its drill was in progress. */
export function toOverlap(drill: string, dueAt: Date, reason: string, now: Date): SkipRecord {
  return { drill, kind: 'overlap', reason, count: 1, first: dueAt, last: dueAt, recordedAt: now };
}

/** The pause that keeps a queued run from starting; undefined: none. Manual runs start anyway. @param pauses the silences that pause runs. */
export function pauseOf(
  { trigger, drill }: Pick<QueuedRun, 'trigger' | 'drill'>,
  pauses: readonly Silence[],
  now: Date,
): Pause | undefined {
  return trigger.kind === 'hand' ? undefined : pausedNow(pauses, drill, now);
}

/** Whether a run removed from the queue will be found again later: a retry, or one for a new backup. */
export function comesAgain({ trigger, retryOf }: QueuedRun): boolean {
  return retryOf !== undefined || trigger.kind === 'new-backup';
}

/** Whether an unclaimed run (because its drill's state had changed) would be lost: a manual run, or one in a race. */
export function isLostUnlessKept({ trigger, retryOf, job }: QueuedRun): boolean {
  return job === undefined && retryOf === undefined && (trigger.kind === 'hand' || trigger.raceOf !== undefined);
}

/** Whether a run that was not claimed will be tried again. */
export function staysQueued(queued: QueuedRun, outcome: Extract<Outcome, { kind: 'not-claimed' }>['outcome']): boolean {
  const { kind } = outcome;
  if (kind === 'over-budget') return !outcome.isSkipped;
  return kind === 'full' || kind === 'limited' || (kind === 'taken' && isLostUnlessKept(queued));
}

/**
 * What the drill of such a run is waiting for: after a new backup, for the end of the pause, as if the backup had arrived during it; a retry is not waited for.
 */
export function waitInPause({ triggeredBy, retryOf }: QueuedRun, { reason, until }: Pause): string | undefined {
  return retryOf === undefined ? `for ${formatInstant(until)}: ${triggeredBy}; ${reason}` : undefined;
}

/** A run that became due, on schedule or in a race, before a pause and had not started when the pause began. */
export function toPaused({ drill, dueAt }: QueuedRun, reason: string, now: Date): SkipRecord {
  return { drill: drill.name, kind: 'freeze', reason, count: 1, first: dueAt, last: dueAt, recordedAt: now };
}

/** A run of another process, with the resources in its definition. */
export function toRunningRun({ id, drill, definition }: RunRecord): RunningRun {
  const { sandbox } = JSON.parse(definition) as { readonly sandbox?: Partial<SandboxSpec> };
  const [memoryBytes, cpus] = [sandbox?.memoryBytes ?? 0, sandbox?.cpus ?? 0];
  return { runId: id, drill, memoryBytes, cpus, diskBytes: undefined, isElsewhere: true };
}
