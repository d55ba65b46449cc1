import type { DiscoverSettings } from '../config/resolve-discover.ts';
import type { ReportSpec } from '../config/resolve-reports.ts';
import type { ServeSettings } from '../config/serve-schema.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { Notifier } from '../notify/notifier.ts';
import { ReportScheduler } from '../notify/report-scheduler.ts';
import type { DaemonRecord } from '../record/schedule-store.ts';
import type { DrillServices } from '../run/contract.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { asDrillError } from '../support/errors.ts';
import { currentOwner, formatOwner } from '../support/owner.ts';
import { limitTime } from '../support/time-limit.ts';
import { untilAborted } from '../support/until-aborted.ts';
import { stopReason, storeLostReason } from './cancel-reasons.ts';
import type { DrillControl, LiveChange } from './control.ts';
import { describeCatalogChange } from './describe-catalog-change.ts';
import { DiscoveryLoop } from './discovery-loop.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DrillCatalog } from './drill-catalog.ts';
import { Housekeeper } from './housekeeper.ts';
import type { DaemonLog } from './log.ts';
import { NotificationLoop } from './notification-loop.ts';
import { PausedDrills } from './paused-drills.ts';
import type { ServiceManager } from './service-manager.ts';
import { describeReady, describeStop } from './status-lines.ts';
import { WakeTimer } from './wake-timer.ts';

export interface DaemonDeps {
  readonly services: DrillServices;
  readonly runtimes: readonly SandboxRuntime[];
  readonly catalog: Pick<DrillCatalog, 'drills' | 'broken' | 'refresh' | 'invalidate'>;
  readonly heartbeat: Heartbeat;
  readonly notifier: Notifier;
  /** Reports that are sent by e-mail on a schedule. */
  readonly reports: readonly ReportSpec[];
  readonly settings: ServeSettings;
  readonly discover: DiscoverSettings;
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
  /** Called when pages need an update; must not throw. */
  readonly onChange: (change: LiveChange) => void;
}

/** Longest sleep, because changes of files, other processes and the wall clock do not wake the scheduler. */
const MAX_SLEEP_MS = 15_000;
/** Delays after the first failed tick, the second and so on; what failed is retried then. */
const RETRY_DELAYS_MS = [1000, 2000, 5000] as const;
/** Consecutive store failures before the store is reopened. More are allowed while runs are in progress, because reopening cancels them. */
const STORE_FAILURES = { idle: 3, running: 12 } as const;

/**
 * The scheduler. Each tick checks everything that may have changed, starts what is due and fits, and sleeps until the next thing is due.
 * Only one tick is in progress at a time; runs, polls and deliveries continue in parallel. A failed tick is reported and retried.
 */
export class Daemon {
  private readonly deps: DaemonDeps;
  private readonly wakeTimer: WakeTimer;
  private readonly dispatcher: Dispatcher;
  private readonly housekeeper: Housekeeper;
  private readonly notifications: NotificationLoop;
  private readonly discovery: DiscoveryLoop;
  private readonly paused: PausedDrills;
  private readonly self: Omit<DaemonRecord, 'beatAt' | 'stoppedAt'>;
  private storeFailures = 0;
  /** Consecutive failed ticks. */
  private failures = 0;
  private isReady = false;
  private isReloadRequested = false;
  /** Drill files or pauses have changed, and the change is not applied yet. */
  private areDrillsNew = false;
  /** When a tick last ended, successfully or not. */
  private lastTickAt: Date;
  /** When a tick last succeeded. */
  private lastGoodTickAt: Date;

  constructor(deps: DaemonDeps) {
    this.deps = deps;
    const { services, log, settings, heartbeat } = deps;
    const { clock, store } = services;
    const owner = formatOwner(currentOwner());
    this.lastGoodTickAt = clock.now();
    this.lastTickAt = this.lastGoodTickAt;
    this.self = { owner, startedAt: clock.now(), firedrillVersion: services.version };
    this.wakeTimer = new WakeTimer(clock);
    this.paused = new PausedDrills(store);
    const wake = () => this.wakeTimer.wake();
    this.housekeeper = new Housekeeper({ services, log, runtimes: deps.runtimes });
    this.dispatcher = new Dispatcher({
      services,
      log,
      settings,
      heartbeat,
      owner,
      wake,
      housekeeper: this.housekeeper,
      onChange: deps.onChange,
    });
    const onFound = () => {
      this.notifications.invalidate();
      this.wakeTimer.wake();
    };
    this.discovery = new DiscoveryLoop({ services, settings: deps.discover, log, onFound });
    this.notifications = new NotificationLoop({
      reports: new ReportScheduler(store, deps.reports),
      notifier: deps.notifier,
      store,
      clock,
      log,
    });
  }

  /** The data for health, metrics and pages. */
  get facts() {
    const { runs, nextDueAt } = this.dispatcher;
    return {
      lastTickAt: this.lastTickAt,
      lastGoodTickAt: this.lastGoodTickAt,
      standings: this.notifications.standings,
      broken: this.deps.catalog.broken,
      waiting: runs.waiting,
      running: runs.runningNames.length,
      sandboxes: this.deps.settings.sandboxes,
      nextDueAt,
      discovery: this.discovery.last,
      providers: this.notifications.providers,
    };
  }

  /** What users can do with the scheduler; `subscribe` is left out, since {@link DaemonDeps.onChange} covers it. */
  get control(): Omit<DrillControl, 'subscribe'> {
    const { dispatcher } = this;
    return {
      running: dispatcher.runs.live,
      waiting: dispatcher.waiting,
      unavailable: this.isReady ? undefined : 'the scheduler is starting',
      runNow: (drill, who) => dispatcher.runNow(drill, who),
      stop: (runId, who) => dispatcher.runs.stop(runId, who),
      keep: (runId, keepMs) => dispatcher.runs.keep(runId, keepMs),
      refresh: () => {
        this.notifications.invalidate();
        this.wakeTimer.wake();
      },
    };
  }

  /** Makes the drill files be read again at once. */
  reload(): void {
    this.isReloadRequested = true;
    this.wakeTimer.wake();
  }

  /**
   * Runs until `stop` aborts. Then lets runs end for the grace period, or until `hurry` aborts, and cancels the rest.
   * @returns `store-lost` when the store has to be reopened; everything was canceled in this case too.
   */
  async run(stop: AbortSignal, hurry: AbortSignal): Promise<'stopped' | 'store-lost'> {
    const onStop = () => this.wakeTimer.wake();
    stop.addEventListener('abort', onStop, { once: true });
    while (!stop.aborted && !this.isStoreLost) {
      const wakeAt = await this.tryTick();
      if (!stop.aborted && !this.isStoreLost) await this.wakeTimer.sleepUntil(wakeAt, MAX_SLEEP_MS);
    }
    stop.removeEventListener('abort', onStop);
    await this.end(stop.aborted, hurry);
    return stop.aborted ? 'stopped' : 'store-lost';
  }

  private get isStoreLost(): boolean {
    const isIdle = this.dispatcher.runs.runningNames.length === 0;
    return this.storeFailures >= (isIdle ? STORE_FAILURES.idle : STORE_FAILURES.running);
  }

  /** @returns when the next tick is due. */
  private async tryTick(): Promise<Date> {
    const { log, manager, services } = this.deps;
    const { clock } = services;
    let wakeAt: Date;
    try {
      wakeAt = await this.tick(clock.now());
      if (this.failures > 0) log.info('the scheduler works again');
      this.failures = 0;
    } catch (thrown) {
      const { code, message, hint } = asDrillError(thrown);
      log.error(`${code}: ${message}`, { code, hint });
      const pauseMs = RETRY_DELAYS_MS[this.failures] ?? RETRY_DELAYS_MS[2];
      this.failures += 1;
      wakeAt = new Date(clock.now().getTime() + pauseMs);
    }
    this.lastTickAt = clock.now();
    manager.alive(clock.monotonicMs());
    return wakeAt;
  }

  private async tick(now: Date): Promise<Date> {
    const { catalog, services } = this.deps;
    await this.checkStore();
    await this.readDrills(now);
    if (await this.dispatcher.settleOutcomes(now)) this.notifications.invalidate();
    await services.store.beat({ ...this.self, beatAt: now, stoppedAt: undefined });
    if (await this.housekeeper.interruptAbandoned(now)) this.notifications.invalidate();
    const next = await this.dispatcher.dispatch(now);
    await this.discovery.lookWhenDue(catalog.drills, now);
    const before = this.notifications.standings;
    const standings = await this.notifications.update(catalog, this.discovery.toTell, now);
    if (standings !== before) this.deps.onChange({ kind: 'drills', drill: undefined, runId: undefined });
    this.dispatcher.retry(standings, now);
    this.lastGoodTickAt = services.clock.now();
    this.becomeReady();
    return new Date(Math.min(now.getTime() + MAX_SLEEP_MS, next?.getTime() ?? Number.POSITIVE_INFINITY));
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
    const { catalog, log } = this.deps;
    if (this.isReloadRequested) catalog.invalidate();
    this.isReloadRequested = false;
    const change = await catalog.refresh(now);
    for (const { level, text } of describeCatalogChange(change)) log[level](text);
    this.areDrillsNew ||= change !== undefined; // kept until applied, because the catalog reports a change only once
    const { drills, silences, areOthers, isSaidAnew } = await this.paused.read(catalog.drills, now);
    if (isSaidAnew) this.notifications.invalidate();
    this.areDrillsNew ||= areOthers;
    if (!this.isReady) await this.dispatcher.start(drills, silences, now);
    else if (this.areDrillsNew) await this.dispatcher.setDrills(drills, silences, now);
    this.areDrillsNew = false;
  }

  private becomeReady(): void {
    if (this.isReady) return;
    this.isReady = true;
    const sentence = describeReady(this.deps.catalog, this.dispatcher.nextDueAt);
    this.deps.manager.ready(sentence);
    this.deps.log.info(sentence);
  }

  private async end(isStop: boolean, hurry: AbortSignal): Promise<void> {
    const { settings, manager, log } = this.deps;
    const { runs } = this.dispatcher;
    const waited = await this.dispatcher.stop();
    if (isStop) {
      if (waited.length > 0) log.info(`not started; due again at the next start: ${waited.join(', ')}`);
      const sentence = describeStop(runs.runningNames, settings.stopGraceMs);
      manager.stopping(sentence);
      log.info(sentence);
    }
    const reason = isStop ? stopReason() : storeLostReason();
    runs.endKept(reason);
    if (!(await this.settleWithin(isStop ? settings.stopGraceMs : 0, hurry))) {
      const names = runs.runningNames;
      const what = names.length === 1 ? 'its sandbox' : 'their sandboxes';
      if (names.length > 0) log.warn(`canceled: ${names.join(', ')}; removing ${what}`);
      runs.cancelAll(reason);
    }
    await runs.settle();
    await this.discovery.stop();
    await this.notifications.stop(hurry);
    await this.housekeeper.settle();
    if (!isStop) return;
    await this.signOff();
    log.info('stopped');
  }

  /** @returns whether every run has ended by then. */
  private async settleWithin(graceMs: number, hurry: AbortSignal): Promise<boolean> {
    using limit = limitTime(graceMs, () => new Error('the grace period is over'), hurry);
    try {
      await untilAborted(this.dispatcher.runs.settle(), limit.signal);
      return true;
    } catch {
      return false; // only the signal can reject here: runs never do
    }
  }

  private async signOff(): Promise<void> {
    const { services, log } = this.deps;
    const now = services.clock.now();
    await services.store.beat({ ...this.self, beatAt: now, stoppedAt: now }).catch((error: unknown) => {
      log.warn(`could not record that the scheduler has stopped: ${asDrillError(error).message}`);
    });
  }
}
