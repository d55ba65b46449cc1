import type { DiscoverSettings } from '../config/resolve-discover.ts';
import type { ReportSpec } from '../config/resolve-reports.ts';
import type { ServePart, ServeSettings } from '../config/serve-schema.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { Notifier } from '../notify/notifier.ts';
import { ReportScheduler } from '../notify/report-scheduler.ts';
import type { DaemonRecord } from '../record/schedule-store.ts';
import type { DrillServices } from '../run/contract.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { asDrillError } from '../support/errors.ts';
import { currentOwner, formatOwner } from '../support/owner.ts';
import type { DrillControl, LiveChange } from './control.ts';
import { describeCatalogChange } from './describe-catalog-change.ts';
import { DiscoveryLoop } from './discovery-loop.ts';
import { Dispatcher } from './dispatcher.ts';
import { drainRuns } from './drain-runs.ts';
import type { DrillCatalog } from './drill-catalog.ts';
import { FleetWatch } from './fleet-watch.ts';
import { Housekeeper } from './housekeeper.ts';
import { Leadership } from './leadership.ts';
import type { DaemonLog } from './log.ts';
import { NotificationLoop } from './notification-loop.ts';
import { PausedDrills } from './paused-drills.ts';
import { RemoteRuns } from './remote-runs.ts';
import { RunPublisher } from './run-publisher.ts';
import type { ServiceManager } from './service-manager.ts';
import { describeReady } from './status-lines.ts';
import { MAX_SLEEP_MS, TickLoop } from './tick-loop.ts';

export interface DaemonDeps {
  readonly services: DrillServices;
  readonly runtimes: readonly SandboxRuntime[];
  readonly catalog: Pick<DrillCatalog, 'drills' | 'broken' | 'refresh' | 'invalidate'>;
  readonly heartbeat: Heartbeat;
  readonly notifier: Notifier;
  /** Reports that are e-mailed on a schedule. */
  readonly reports: readonly ReportSpec[];
  /**
   * Restricts this process to one role: it then runs no drills itself (see `leaveToRunners`), and with `pages` schedules none either. undefined: everything.
   */
  readonly only: ServePart | undefined;
  readonly settings: ServeSettings;
  readonly discover: DiscoverSettings;
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
  /** Called when pages need an update; must not throw. */
  readonly onChange: (change: LiveChange) => void;
}

/** How soon events on other machines are noticed, on a shared store. */
const SHARED_SLEEP_MS = 3000;

/**
 * The scheduler. Each tick checks everything that may have changed, starts what is due and fits, and sleeps until the next thing is due.
 * Only one tick is in progress at a time; runs, polls and deliveries continue in parallel. A failed tick is reported and retried.
 */
export class Daemon {
  private readonly deps: DaemonDeps;
  private readonly loop: TickLoop;
  private readonly dispatcher: Dispatcher;
  private readonly publisher: RunPublisher;
  private readonly remote: RemoteRuns;
  private readonly housekeeper: Housekeeper;
  private readonly notifications: NotificationLoop;
  private readonly discovery: DiscoveryLoop;
  private readonly paused: PausedDrills;
  private readonly self: Omit<DaemonRecord, 'beatAt' | 'stoppedAt'>;
  private readonly leadership: Leadership;
  private readonly fleet: FleetWatch;
  private isReady = false;
  /** Whether the drills are scheduled here. */
  private isScheduling = false;
  private isReloadRequested = false;
  /** Whether drill files or pauses have changed and the change is not applied yet. */
  private areDrillsNew = false;
  /** When a tick last succeeded. */
  private lastGoodTickAt: Date;

  constructor(deps: DaemonDeps) {
    this.deps = deps;
    const { services, log, settings, heartbeat, manager } = deps;
    const { clock, store } = services;
    const self = currentOwner();
    const owner = formatOwner(self);
    this.lastGoodTickAt = clock.now();
    this.self = { owner, startedAt: clock.now(), firedrillVersion: services.version, sandboxes: this.sandboxes };
    const isIdle = () => this.dispatcher.runs.runningNames.length === 0;
    this.loop = new TickLoop({ store, clock, log, manager, name: 'scheduler', isIdle });
    this.paused = new PausedDrills(store);
    this.fleet = new FleetWatch({ store, clock });
    const wake = () => this.loop.wake();
    const mayLead = deps.only !== 'pages';
    this.leadership = new Leadership({ store, clock, log, manager, owner: self, mayLead, onChange: wake });
    this.housekeeper = new Housekeeper({ services, log, runtimes: deps.runtimes, prunes: true });
    this.dispatcher = new Dispatcher({
      services,
      log,
      settings,
      heartbeat,
      owner,
      wake,
      housekeeper: this.housekeeper,
      onChange: (change) => {
        deps.onChange(change);
        this.publisher.note(change);
      },
    });
    this.publisher = new RunPublisher({ store, clock, log, runs: this.dispatcher.runs });
    this.remote = new RemoteRuns({
      store,
      own: this.dispatcher.runs,
      clock,
      log,
      onChange: (change) => this.takeRemote(change),
    });
    const onFound = () => {
      this.notifications.invalidate();
      this.loop.wake();
    };
    this.discovery = new DiscoveryLoop({ services, settings: deps.discover, log, onFound });
    this.notifications = new NotificationLoop({
      reports: new ReportScheduler(store, deps.reports),
      notifier: deps.notifier,
      costPerMonth: services.limits.costPerMonth,
      store,
      clock,
      log,
    });
  }

  /** The data for health, metrics and pages. */
  get facts() {
    const { runs, nextDueAt } = this.dispatcher;
    return {
      lastTickAt: this.loop.lastTickAt,
      lastGoodTickAt: this.lastGoodTickAt,
      standings: this.notifications.standings,
      schedulerSilence: this.notifications.schedulerSilence,
      budgetExceeded: this.notifications.budgetExceeded,
      broken: this.deps.catalog.broken,
      waiting: this.dispatcher.waiting,
      running: runs.runningNames.length,
      sandboxes: this.sandboxes,
      nextDueAt,
      standby: this.leadership.standby,
      discovery: this.discovery.last,
      providers: this.notifications.providers,
    };
  }

  /** What users can do with the scheduler; `subscribe` is omitted, since {@link DaemonDeps.onChange} covers it. */
  get control(): Omit<DrillControl, 'subscribe'> {
    const { dispatcher, remote } = this;
    const { runs } = dispatcher;
    return {
      running: [...runs.live, ...remote.runs],
      waiting: dispatcher.waiting.filter((run) => !remote.hasStarted(run)),
      silences: this.fleet.silences,
      unavailable: this.isReady ? undefined : 'the scheduler is starting',
      runNow: (drill, who, isOverBudget) => dispatcher.runNow(drill, who, isOverBudget),
      stop: async (runId, who) => (runs.stop(runId, who) ? 'accepted' : remote.stop(runId, who)),
      keep: async (runId, keepMs, who) => {
        if (runs.keep(runId, keepMs)) return 'accepted';
        return runs.live.some((run) => run.runId === runId) ? 'ended' : remote.keep(runId, keepMs, who);
      },
      refreshRunning: () => remote.refresh(),
      refresh: () => {
        this.notifications.invalidate();
        this.loop.wake();
      },
    };
  }

  /** Rereads the drill files at once. */
  reload(): void {
    this.isReloadRequested = true;
    this.loop.wake();
  }

  /**
   * Runs until `stop` aborts. Then lets runs finish within the grace period, or until `hurry` aborts, and cancels the rest.
   * @returns `store-lost` if the store must be reopened; everything was canceled in this case too.
   */
  async run(stop: AbortSignal, hurry: AbortSignal): Promise<'stopped' | 'store-lost'> {
    await this.leadership.start();
    {
      using _poll = this.deps.only === 'pages' ? undefined : this.housekeeper.watchBetweenTicks(() => this.loop.wake());
      await this.loop.run((now) => this.tick(now), stop);
    }
    await this.end(stop.aborted, hurry);
    return stop.aborted ? 'stopped' : 'store-lost';
  }

  private async tick(now: Date): Promise<Date> {
    const { catalog, services } = this.deps;
    await this.readDrills(now);
    if (await this.dispatcher.settleOutcomes(now)) this.notifications.noteEndedRun();
    await this.beat(now, undefined);
    const isWatching = this.deps.only === 'pages'; // whose user of the store may not end runs
    const hasEnded = await (isWatching ? this.housekeeper.lookForEnded() : this.housekeeper.interruptAbandoned(now));
    if (hasEnded) this.notifications.invalidate();
    const isLeading = this.isScheduling;
    const areOthersSilent = await this.fleet.look();
    const { dispatcher, fleet } = this;
    const next = await (isLeading
      ? dispatcher.dispatch(now, hasEnded, fleet.runners)
      : dispatcher.dispatchRequests(now, fleet.runners));
    if (isLeading) await this.discovery.lookWhenDue(catalog.drills, now);
    const before = this.notifications.standings;
    const standings = await this.notifications.update(
      catalog,
      { discovery: this.discovery.toTell, pools: this.dispatcher.poolServices },
      now,
      isLeading,
    );
    if (standings !== before && !isLeading) await this.discovery.read(); // another one looks
    if (standings !== before || areOthersSilent)
      this.deps.onChange({ kind: 'drills', drill: undefined, runId: undefined });
    if (isLeading) await this.dispatcher.retry(standings, now);
    this.lastGoodTickAt = services.clock.now();
    this.becomeReady();
    const sleepMs = services.store.isShared ? SHARED_SLEEP_MS : MAX_SLEEP_MS;
    return new Date(Math.min(now.getTime() + sleepMs, next?.getTime() ?? Number.POSITIVE_INFINITY));
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
    const { isLeading } = this.leadership;
    if (this.isScheduling && !isLeading) this.dispatcher.standBy();
    if (isLeading && !this.isScheduling) await this.dispatcher.start(drills, silences, now);
    else if (this.areDrillsNew) await this.dispatcher.setDrills(drills, silences, now);
    if (this.isScheduling !== isLeading) this.notifications.invalidate();
    this.isScheduling = isLeading;
    this.areDrillsNew = false;
  }

  /** A change of a remote run also changes a queue or a verdict. */
  private takeRemote(change: LiveChange): void {
    if (change.kind === 'ended') this.notifications.noteEndedRun();
    if (change.kind === 'ended' || change.kind === 'started') this.loop.wake();
    this.deps.onChange(change);
  }

  private becomeReady(): void {
    if (this.isReady) return;
    this.isReady = true;
    const sentence = describeReady(this.deps.catalog, this.dispatcher.nextDueAt, this.leadership.standby);
    this.deps.manager.ready(sentence);
    this.deps.log.info(sentence);
  }

  private async end(isStop: boolean, hurry: AbortSignal): Promise<void> {
    const { settings, manager, log } = this.deps;
    const waited = await this.dispatcher.stop();
    await this.leadership.stop(); // another scheduler goes on while runs end here
    if (isStop && waited.length > 0) log.info(`not started; due again at the next start: ${waited.join(', ')}`);
    const signedOff = isStop ? this.signOff() : undefined; // meanwhile: it starts no more runs, and a store that hangs delays no cleanup
    await drainRuns(this.dispatcher.runs, { log, manager, graceMs: settings.stopGraceMs, isStop, hurry });
    await this.publisher[Symbol.asyncDispose]();
    await this.discovery.stop();
    await this.notifications.stop(hurry);
    await this.housekeeper.settle();
    if (!isStop) return;
    await signedOff;
    log.info('stopped');
  }

  /** Never throws. */
  private async signOff(): Promise<void> {
    const { services, log } = this.deps;
    const now = services.clock.now();
    await this.beat(now, now).catch((error: unknown) => {
      log.warn(`could not record that the scheduler stops: ${asDrillError(error).message}`);
    });
  }

  /** A process with `pages` only sends no heartbeat, since it is not expected to schedule anything. */
  private async beat(beatAt: Date, stoppedAt: Date | undefined): Promise<void> {
    if (this.deps.only === 'pages') return;
    const standby = this.leadership.isLeading ? {} : ({ isStandby: true } as const);
    const engines = stoppedAt ? {} : this.housekeeper.describeEngines();
    await this.deps.services.store.beat({ ...this.self, ...standby, ...engines, beatAt, stoppedAt });
  }

  private get sandboxes(): number {
    return this.deps.only === undefined ? this.deps.settings.sandboxes : 0;
  }
}
