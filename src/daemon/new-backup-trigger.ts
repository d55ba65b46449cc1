import { isDeepStrictEqual } from 'node:util';
import { driverOf } from '../backup/registry.ts';
import { hasDrilled } from '../backup/selection/drilled-backup.ts';
import { isCompleteOnceListed } from '../backup/selection/poll-newest-backup.ts';
import type { Drill } from '../config/drill-file.ts';
import type { DrillState, PollError, SeenBackup, SkipRecord } from '../record/schedule-store.ts';
import type { DrillServices } from '../run/contract.ts';
import { decideOnNewBackup, rememberFirst } from '../schedule/decide-on-new-backup.ts';
import { makeRestrictions } from '../schedule/timetable.ts';
import { BackupWatch, type PollResult } from './backup-poller.ts';
import type { DrillStates, StateChange } from './drill-states.ts';
import { type BackupToEstimate, estimateDiskBytes, estimateLogBytes } from './estimate-disk.ts';
import type { DaemonLog } from './log.ts';
import type { QueuedRun } from './queued-run.ts';

export interface NewBackupTriggerDeps {
  readonly services: DrillServices;
  readonly states: DrillStates;
  readonly log: DaemonLog;
  readonly pollIntervalMs: number;
  /** Whether a run of the drill is active or queued; a new backup then waits for a later poll. */
  readonly isBusy: (drill: string) => boolean;
  readonly wake: () => void;
}

/** How many runs to search for one that has already drilled the backup, started manually or by a schedule. */
const SEARCHED_RUNS = 20;
const STORE_INTERVAL_MS = 5 * 60_000;

/** Records the newest backup of each polled source, and queues runs for new ones. */
export class NewBackupTrigger {
  private readonly deps: NewBackupTriggerDeps;
  private readonly watch: BackupWatch;
  private readonly polled: { readonly drill: Drill; readonly result: PollResult }[] = [];
  /** From earlier runs, by drill. */
  private readonly learned = new Map<string, Pick<BackupToEstimate, 'expansion' | 'logBytes'>>();

  constructor(deps: NewBackupTriggerDeps) {
    this.deps = deps;
    const { services, log, pollIntervalMs } = deps;
    this.watch = new BackupWatch({
      services,
      engineOf: services.engineOf,
      redact: services.redact,
      log,
      pollIntervalMs,
      onPolled: (drill, result) => {
        this.polled.push({ drill, result });
        deps.wake();
      },
    });
  }

  /**
   * Starts the polls that are due, and handles the results of earlier ones.
   * @returns when the next poll is due. Throws the store's errors.
   */
  async poll(
    drills: ReadonlyMap<string, Drill>,
    now: Date,
    put: (queued: QueuedRun) => void,
  ): Promise<Date | undefined> {
    for (let first = this.polled.shift(); first; first = this.polled.shift()) {
      const { drill, result } = first;
      if (!drills.has(drill.name)) continue;
      try {
        if ('error' in result) await this.noteError(drill.name, result.error);
        else await this.take(drill, result.seen, now, put);
      } catch (error) {
        this.watch.pollAgain(drill.name, now); // the poll's result could not be stored, so poll again
        throw error;
      }
    }
    return this.watch.pollDue(drills, now);
  }

  /** Expected disk use of a run of the drill; undefined: unknown. */
  diskBytesOf(drill: string): number | undefined {
    const newest = this.deps.states.of(drill).newestBackup;
    const learned = this.learned.get(drill) ?? { expansion: undefined };
    return estimateDiskBytes({ sizeBytes: newest?.sizeBytes, key: newest?.key, ...learned });
  }

  async stop(): Promise<void> {
    await this.watch.stop();
  }

  private async noteError(drill: string, pollError: PollError): Promise<void> {
    const { states, log } = this.deps;
    if (isDeepStrictEqual(states.of(drill).pollError, pollError)) return;
    log.warn(`${drill}: cannot list backups: ${pollError.message}`, { drill, code: pollError.code });
    await states.change(drill, { pollError });
  }

  private async take(drill: Drill, seen: SeenBackup, now: Date, put: (queued: QueuedRun) => void): Promise<void> {
    const { states, services } = this.deps;
    const { name, schedule } = drill;
    const baseline = await services.store.getBaseline(name);
    const logBytes = estimateLogBytes(baseline?.logBytes, drill.recover);
    this.learned.set(name, { expansion: baseline?.dataExpansion, logBytes });
    const state = states.of(name);
    if (!schedule?.onNewBackup || this.deps.isBusy(name)) {
      await this.store(state, { newestBackup: rememberFirst(state.newestBackup, seen), pollError: undefined }, []);
      return;
    }
    const decision = decideOnNewBackup({
      restrictions: makeRestrictions(schedule),
      pollMs: schedule.onNewBackup.pollMs,
      isWhole: isCompleteOnceListed(driverOf(drill.backup.source).traits, seen),
      wasDrilled: seen.identity !== state.handledBackup && (await this.wasDrilled(name, seen)),
      state,
      seen,
      now,
    });
    await this.store(state, decision.change, decision.skips);
    if (decision.kind === 'settling') this.watch.pollAgain(name, decision.pollAgainAt);
    if (decision.kind === 'blocked') this.watch.pollAgain(name, decision.until);
    if (decision.kind !== 'start') return;
    put({
      drill,
      trigger: { kind: 'new-backup', dueAt: decision.dueAt, attempt: 1 },
      dueAt: decision.dueAt,
      triggeredBy: decision.why,
      waitingSince: now,
      change: decision.onClaim,
      skips: [],
      basis: { handledBackup: state.handledBackup },
      diskBytes: this.diskBytesOf(name),
    });
  }

  private async wasDrilled(drill: string, seen: SeenBackup): Promise<boolean> {
    const runs = await this.deps.services.store.findRuns({ drill, limit: SEARCHED_RUNS });
    return runs.some((run) => hasDrilled(run, seen));
  }

  /** An unchanged state is only stored occasionally. */
  private async store(state: DrillState, change: StateChange, skips: readonly SkipRecord[]): Promise<void> {
    const { newestBackup: seen, ...rest } = change;
    const before = state.newestBackup;
    const isOld = !before || !seen || seen.seenAt.getTime() - before.seenAt.getTime() >= STORE_INTERVAL_MS;
    const isSame = !isOld && seen.identity === before.identity && isDeepStrictEqual({ ...state, ...rest }, state);
    if (!isSame || skips.length > 0) await this.deps.states.change(state.drill, change, skips);
  }
}
