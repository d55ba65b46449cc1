import type { ServeSettings } from '../config/serve-schema.ts';
import type { DrillServices } from '../drill.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { DaemonRecord } from '../record/schedule-store.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import type { DrillStanding } from '../status/read-standings.ts';
import { asDrillError, type DrillError } from '../support/errors.ts';
import { currentOwner, formatOwner } from '../support/owner.ts';
import { formatDuration } from '../support/quantities.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { Alarm } from './alarm.ts';
import { BackupDesk } from './backup-desk.ts';
import { describeBookChange } from './describe-book-change.ts';
import type { DrillBook } from './drill-book.ts';
import { DrillStates } from './drill-states.ts';
import { Housekeeper } from './housekeeper.ts';
import type { DaemonLog } from './log.ts';
import { Messenger } from './messenger.ts';
import { type Outcome, RunDesk, stopReason, type Wanted } from './run-desk.ts';
import { toOverlap, toRetry, toRunningRun, toScheduled } from './run-requests.ts';
import { type DueRun, ScheduleDesk } from './schedule-desk.ts';
import type { ServiceManager } from './service-manager.ts';

export interface DaemonDeps {
  readonly services: DrillServices;
  readonly runtimes: readonly SandboxRuntime[];
  readonly book: DrillBook;
  readonly heartbeat: Heartbeat;
  readonly notifier: Notifier;
  readonly settings: ServeSettings;
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
}

/** Longest sleep: files, other processes and the wall clock change without ringing. */
const LOOK_ROUND_MS = 15_000;
/** After a turn that failed; what failed is tried again then. */
const AFTER_FAILURE_MS = 5000;
/** As often in a row the store may fail before it is opened anew. */
const STORE_FAILURES = 3;

/**
 * The scheduler: in turns, each of which looks at everything that may have changed, starts what is due and has room, and sleeps until the next
 * thing is due. One turn goes on at a time; runs, looks at sources and messages go on beside it. A turn that fails is told, and tried again.
 */
export class Daemon {
  private readonly deps: DaemonDeps;
  private readonly alarm: Alarm;
  private readonly states: DrillStates;
  private readonly schedules: ScheduleDesk;
  private readonly backups: BackupDesk;
  private readonly runs: RunDesk;
  private readonly housekeeper: Housekeeper;
  private readonly messenger: Messenger;
  private readonly overlapping: DueRun[] = [];
  private readonly outcomes: { readonly wanted: Wanted; readonly outcome: Outcome }[] = [];
  private readonly self: Omit<DaemonRecord, 'beatAt' | 'stoppedAt'>;
  private storeFailures = 0;
  private isReady = false;
  private hungUp = false;
  /** When a turn has last ended, whether it went well or not. */
  private loopedAt: Date;
  /** When one has last gone well. */
  private turnedAt: Date;
  private problem: DrillError | undefined;

  constructor(deps: DaemonDeps) {
    this.deps = deps;
    const { services, log, settings, heartbeat } = deps;
    const { clock, store } = services;
    this.turnedAt = clock.now();
    this.loopedAt = this.turnedAt;
    this.self = { owner: formatOwner(currentOwner()), startedAt: clock.now(), firedrillVersion: services.version };
    this.alarm = new Alarm(clock);
    this.states = new DrillStates(store);
    this.schedules = new ScheduleDesk(this.states, log);
    this.runs = new RunDesk({
      services,
      heartbeat,
      log,
      states: this.states,
      limits: settings,
      onClaimed: ({ drill, change }) => {
        if (change.handledUntil) this.schedules.settle(drill.name, change.handledUntil);
      },
      onOutcome: (wanted, outcome) => {
        this.outcomes.push({ wanted, outcome });
        this.alarm.ring();
      },
    });
    this.backups = new BackupDesk({
      services,
      log,
      states: this.states,
      lookEveryMs: settings.lookAtBackupsMs,
      isBusy: (drill) => this.runs.isRunning(drill) || this.runs.isWaiting(drill),
      ring: () => this.alarm.ring(),
    });
    this.housekeeper = new Housekeeper({ services, log, runtimes: deps.runtimes });
    this.messenger = new Messenger({ notifier: deps.notifier, store, clock, log });
  }

  /** What health, metrics and pages are made of. */
  get facts() {
    const { book, settings } = this.deps;
    return {
      loopedAt: this.loopedAt,
      turnedAt: this.turnedAt,
      problem: this.problem,
      isReady: this.isReady,
      standings: this.messenger.standings,
      broken: book.broken,
      waiting: this.runs.waiting,
      running: this.runs.runningCount,
      sandboxes: settings.sandboxes,
      nextLookAt: this.schedules.nextLookAt,
    };
  }

  /** The drill files are read again at once. */
  hangUp(): void {
    this.hungUp = true;
    this.alarm.ring();
  }

  /**
   * Until `stop` aborts; then lets runs end for the grace period, or until `hurry` aborts, and gives up the rest.
   * @returns `store-lost` when the store has to be opened anew, everything given up likewise.
   */
  async run(stop: AbortSignal, hurry: AbortSignal): Promise<'stopped' | 'store-lost'> {
    const onStop = () => this.alarm.ring();
    stop.addEventListener('abort', onStop, { once: true });
    while (!stop.aborted && this.storeFailures < STORE_FAILURES) await this.turnAndSleep(stop);
    stop.removeEventListener('abort', onStop);
    await this.end(stop.aborted, hurry);
    return stop.aborted ? 'stopped' : 'store-lost';
  }

  private async turnAndSleep(stop: AbortSignal): Promise<void> {
    const { clock } = this.deps.services;
    let wakeAt: Date;
    try {
      wakeAt = await this.turn(clock.now());
      if (this.problem) this.deps.log.info('the scheduler works again');
      this.problem = undefined;
    } catch (thrown) {
      this.problem = asDrillError(thrown);
      const { code, message, hint } = this.problem;
      this.deps.log.error(`${code}: ${message}`, { code, hint });
      wakeAt = new Date(clock.now().getTime() + AFTER_FAILURE_MS);
    }
    this.loopedAt = clock.now();
    if (!stop.aborted) await this.alarm.sleepUntil(wakeAt);
  }

  /** @returns when to turn next. */
  private async turn(now: Date): Promise<Date> {
    const { book, services } = this.deps;
    await this.checkStore();
    await this.readDrills(now);
    await this.settleOutcomes(now);
    await services.store.beat({ ...this.self, beatAt: now, stoppedAt: undefined });
    await this.housekeeper.keep(now);
    await this.schedules.look(now, (due) => this.want(due));
    const nextBackupLook = await this.backups.look(book.drills, now, (wanted) => this.runs.put(wanted));
    await this.settleOverlaps(now);
    await this.startRuns(now);
    const standings = await this.messenger.look(book, now);
    this.askForFreshAttempts(standings, now);
    this.turnedAt = services.clock.now();
    this.becomeReady();
    this.deps.manager.alive(services.clock.monotonicMs());
    return earliest(now, [this.schedules.nextLookAt, nextBackupLook]);
  }

  private async checkStore(): Promise<void> {
    try {
      await this.deps.services.store.check();
      this.storeFailures = 0;
    } catch (error) {
      this.storeFailures += 1;
      throw error;
    }
  }

  private async readDrills(now: Date): Promise<void> {
    const { book, log } = this.deps;
    if (this.hungUp) book.forget();
    this.hungUp = false;
    const isFirst = !this.isReady;
    if (isFirst) await this.states.reload();
    const change = await book.refresh(now);
    if (!change && !isFirst) return;
    for (const line of describeBookChange(change)) log[line.level](line.text);
    await this.reschedule(now);
  }

  /** After drill files have changed, or another process has got further. */
  private async reschedule(now: Date): Promise<void> {
    const { book } = this.deps;
    for (const drill of await this.schedules.set(book.drills, now)) this.runs.drop(drill);
    const names = new Set(book.drills.map(({ name }) => name));
    for (const { drill } of this.runs.waiting) if (!names.has(drill.name)) this.runs.drop(drill.name);
  }

  private want(due: DueRun): void {
    const { name } = due.drill;
    if (this.runs.isRunning(name)) this.overlapping.push(due);
    else this.runs.put(toScheduled(due, this.deps.services.clock.now(), this.backups.diskBytesOf(name)));
  }

  /** A drill that is due while it runs: skipped, and recorded as that. */
  private async settleOverlaps(now: Date): Promise<void> {
    for (const due of this.overlapping.splice(0)) {
      const { drill, handledUntil, skips } = due;
      const overlap = toOverlap(drill.name, due.dueAt, 'a run of it was going on', now);
      this.deps.log.warn(`${drill.name}: a run is skipped (overlap): the one before is going on`, {
        drill: drill.name,
      });
      await this.states.change(drill.name, { handledUntil }, [...skips, overlap]);
      this.schedules.settle(drill.name, this.states.of(drill.name).handledUntil ?? handledUntil);
    }
  }

  private async startRuns(now: Date): Promise<void> {
    if (this.runs.waiting.length === 0) return;
    const { capacity, defaultRuntime } = await this.housekeeper.measure();
    const own = this.self.owner;
    const elsewhere = (await this.deps.services.store.findRunning()).filter(({ leaseOwner }) => leaseOwner !== own);
    await this.runs.startWhatFits(capacity, defaultRuntime, elsewhere.map(toRunningRun), now);
  }

  private askForFreshAttempts(standings: readonly DrillStanding[], now: Date): void {
    for (const { drill, runs } of standings) {
      if (this.runs.isRunning(drill.name) || this.runs.isWaiting(drill.name)) continue;
      const wanted = toRetry(drill, runs, now, this.backups.diskBytesOf(drill.name));
      if (wanted) {
        this.runs.put(wanted);
        this.alarm.ring();
      }
    }
  }

  /** What became of runs since the turn before. */
  private async settleOutcomes(now: Date): Promise<void> {
    for (const { wanted, outcome } of this.outcomes.splice(0)) {
      const { name } = wanted.drill;
      this.messenger.touch();
      if (outcome.kind === 'ended') continue;
      if (outcome.kind === 'failed') {
        // What was not claimed is still due. What was claimed and could not be recorded is cut off when its lease ends, and gets its fresh attempt.
        if (!outcome.isClaimed) this.runs.put(wanted);
        continue;
      }
      if (outcome.outcome.kind === 'full') {
        this.runs.put(wanted);
        continue;
      }
      await this.states.reload();
      if (outcome.outcome.kind === 'overlap' && wanted.trigger.kind === 'schedule' && wanted.change.handledUntil) {
        const skip = toOverlap(name, wanted.trigger.dueAt, `run ${outcome.outcome.runId} was going on`, now);
        await this.states.change(name, wanted.change, [...wanted.skips, skip]);
      }
      this.deps.log.info(`${name}: not started here: ${outcome.outcome.kind}`, { drill: name });
      await this.reschedule(now);
      this.schedules.settle(name, this.states.of(name).handledUntil ?? wanted.trigger.dueAt);
    }
  }

  private becomeReady(): void {
    if (this.isReady) return;
    this.isReady = true;
    this.deps.manager.ready(this.describe());
    this.deps.log.info(this.describe());
  }

  /** `12 drills, 10 scheduled; next at 2026-11-22T02:30:00.000Z`. */
  private describe(): string {
    const { drills, broken } = this.deps.book;
    const scheduled = drills.filter(({ schedule }) => schedule !== undefined).length;
    const next = this.schedules.nextLookAt;
    return [
      `${drills.length === 1 ? '1 drill' : `${drills.length} drills`}, ${scheduled} scheduled`,
      ...(broken.length > 0 ? [`${broken.length} broken`] : []),
      next ? `next at ${next.toISOString()}` : 'none has a time',
    ].join('; ');
  }

  /** @returns whether every run has ended by then. */
  private async settleWithin(graceMs: number, hurry: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), graceMs);
    try {
      await untilAborted(this.runs.settle(), AbortSignal.any([hurry, late.signal]));
      return true;
    } catch {
      return false; // the signal's reason: runs never make it fail
    } finally {
      clearTimeout(timer);
    }
  }

  private async end(isStop: boolean, hurry: AbortSignal): Promise<void> {
    const { settings, manager, log, services } = this.deps;
    await this.backups.stop();
    const told = describeStop(this.runs.runningNames, settings.stopGraceMs);
    manager.stopping(told);
    log.info(told);
    const waiting = this.runs.waiting.map(({ drill }) => drill.name);
    for (const drill of waiting) this.runs.drop(drill);
    if (waiting.length > 0) log.info(`not started, and due again at the next start: ${waiting.join(', ')}`);
    if (!(await this.settleWithin(isStop ? settings.stopGraceMs : 0, hurry))) {
      const names = this.runs.runningNames;
      log.warn(`given up: ${names.join(', ')}; removing ${names.length === 1 ? 'its sandbox' : 'their sandboxes'}`);
      this.runs.giveUpAll(stopReason());
    }
    await this.runs.settle();
    await this.messenger.stop(hurry);
    await this.housekeeper.settle();
    if (isStop) {
      const now = services.clock.now();
      await services.store.beat({ ...this.self, beatAt: now, stoppedAt: now }).catch((error: unknown) => {
        log.warn(`the store was not told that the scheduler has stopped: ${asDrillError(error).message}`);
      });
    }
    log.info('stopped');
  }
}

function describeStop(running: readonly string[], graceMs: number): string {
  if (running.length === 0) return 'stopping';
  return `stopping: ${running.join(', ')} ${running.length === 1 ? 'goes' : 'go'} on, for at most ${formatDuration(graceMs)}`;
}

function earliest(now: Date, candidates: readonly (Date | undefined)[]): Date {
  const times = candidates.flatMap((at) => (at ? [at.getTime()] : []));
  return new Date(Math.min(now.getTime() + LOOK_ROUND_MS, ...times));
}
