import type { Drill } from '../config/drill-file.ts';
import type { ServeSettings } from '../config/serve-schema.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { QueuedJob, RunnerRecord } from '../record/queue-store.ts';
import type { DrillServices } from '../run/contract.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import { pausedNow, readSilences } from '../status/silenced.ts';
import { asDrillError } from '../support/errors.ts';
import { currentOwner, formatOwner } from '../support/owner.ts';
import { describeCatalogChange } from './describe-catalog-change.ts';
import { drainRuns } from './drain-runs.ts';
import type { DrillCatalog } from './drill-catalog.ts';
import { DrillStates } from './drill-states.ts';
import { Housekeeper } from './housekeeper.ts';
import type { DaemonLog } from './log.ts';
import { QueueWatch } from './queue-watch.ts';
import { RunPublisher } from './run-publisher.ts';
import { CLAIM_RETRY_MS, RunQueue } from './run-queue.ts';
import { toQueued } from './run-requests.ts';
import type { ServiceManager } from './service-manager.ts';
import { startRuns } from './start-runs.ts';
import { TickLoop } from './tick-loop.ts';

export interface RunnerDeps {
  readonly pool: string;
  readonly services: DrillServices;
  readonly runtimes: readonly SandboxRuntime[];
  readonly catalog: Pick<DrillCatalog, 'drills' | 'refresh' | 'invalidate'>;
  readonly heartbeat: Heartbeat;
  readonly settings: ServeSettings;
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
}

/** How often it sends its heartbeat and checks for changes; sooner when a run is queued or has ended. */
const TICK_MS = 5000;

/**
 * Runs what is queued in a pool, as far as this machine has capacity. It reads the same drill files as the scheduler, which queues the runs, and needs nothing
 * from it except the shared store.
 */
export class Runner {
  private readonly deps: RunnerDeps;
  private readonly loop: TickLoop;
  private readonly runs: RunQueue;
  private readonly publisher: RunPublisher;
  private readonly states: DrillStates;
  private readonly housekeeper: Housekeeper;
  private readonly self: Pick<RunnerRecord, 'owner' | 'pool' | 'startedAt' | 'firedrillVersion' | 'sandboxes'>;
  /** When an unclaimed run may be tried again, by drill. */
  private readonly notBefore = new Map<string, Date>();
  /** Why a queued run does not run here, as last logged, by its id. */
  private readonly held = new Map<string, string>();
  private isReloadRequested = false;
  private isReady = false;

  constructor(deps: RunnerDeps) {
    this.deps = deps;
    const { services, log, manager, settings, heartbeat, pool } = deps;
    const { store, clock, version } = services;
    const owner = formatOwner(currentOwner());
    const { sandboxes } = settings;
    this.self = { owner, pool, startedAt: clock.now(), firedrillVersion: version, sandboxes };
    const isIdle = () => this.runs.runningNames.length === 0;
    this.loop = new TickLoop({ store, clock, log, manager, name: 'runner', isIdle });
    this.states = new DrillStates(store);
    this.housekeeper = new Housekeeper({ services, log, runtimes: deps.runtimes, prunes: false });
    this.runs = new RunQueue({
      services,
      heartbeat,
      log,
      states: this.states,
      limits: settings,
      onClaimed: ({ drill }) => void this.notBefore.delete(drill.name),
      onOutcome: ({ drill }, { kind }) => {
        if (kind !== 'ended') this.notBefore.set(drill.name, new Date(clock.now().getTime() + CLAIM_RETRY_MS));
        this.loop.wake();
      },
      onChange: (change) => this.publisher.note(change),
    });
    this.publisher = new RunPublisher({ store, clock, log, runs: this.runs });
  }

  /** Rereads the drill files at once. */
  reload(): void {
    this.isReloadRequested = true;
    this.loop.wake();
  }

  /**
   * Runs until `stop` aborts. Then takes no more runs, lets those in progress finish within the grace period, or until `hurry` aborts, and cancels the rest.
   * @returns `store-lost` if the store must be reopened; everything was canceled in this case too.
   */
  async run(stop: AbortSignal, hurry: AbortSignal): Promise<'stopped' | 'store-lost'> {
    const { services, pool, log, manager, settings } = this.deps;
    {
      using watch = new QueueWatch({ find: () => services.store.findJobs(pool), onNew: () => this.loop.wake() });
      using _poll = this.housekeeper.watchBetweenTicks(() => this.loop.wake());
      await this.loop.run((now) => this.tick(now, watch), stop);
    }
    for (const { drill } of this.runs.waiting) this.runs.drop(drill.name);
    if (stop.aborted) await this.signOff();
    await drainRuns(this.runs, { log, manager, graceMs: settings.stopGraceMs, isStop: stop.aborted, hurry });
    await this.publisher[Symbol.asyncDispose]();
    await this.housekeeper.settle();
    if (stop.aborted) log.info('stopped');
    return stop.aborted ? 'stopped' : 'store-lost';
  }

  private async tick(now: Date, watch: QueueWatch): Promise<Date> {
    const { services, pool, log, manager } = this.deps;
    const { store } = services;
    await this.readDrills(now);
    await store.beatRunner({ ...this.self, beatAt: now, stoppedAt: undefined, ...this.housekeeper.describeEngines() });
    await this.housekeeper.interruptAbandoned(now);
    const jobs = await store.findJobs(pool);
    watch.note(jobs);
    await this.takeJobs(jobs, now);
    await startRuns(this.runs, { services, housekeeper: this.housekeeper, owner: this.self.owner }, now);
    if (!this.isReady) {
      const sentence = `serves pool ${pool} with ${this.deps.settings.sandboxes} sandboxes at most`;
      manager.ready(sentence);
      log.info(sentence);
    }
    this.isReady = true;
    return new Date(now.getTime() + TICK_MS);
  }

  private async readDrills(now: Date): Promise<void> {
    const { catalog, log } = this.deps;
    if (this.isReloadRequested) catalog.invalidate();
    this.isReloadRequested = false;
    for (const { level, text } of describeCatalogChange(await catalog.refresh(now))) log[level](text);
  }

  /** Syncs the local queue with the pool's queue, except runs that this machine cannot run. */
  private async takeJobs(jobs: readonly QueuedJob[], now: Date): Promise<void> {
    const { services, catalog } = this.deps;
    const names = new Set(jobs.map(({ drill }) => drill));
    for (const { drill } of this.runs.waiting) if (!names.has(drill.name)) this.runs.drop(drill.name);
    const ids = new Set(jobs.map(({ id }) => id));
    for (const id of this.held.keys()) if (!ids.has(id)) this.held.delete(id);
    if (jobs.length === 0) return;
    await this.states.reload();
    const pauses = (await readSilences(services.store, now)).filter(({ pausesRuns }) => pausesRuns);
    const drills = new Map(catalog.drills.map((drill) => [drill.name, drill]));
    const doAllMatch = jobs.every((job) => job.definitionHash === drills.get(job.drill)?.definitionHash);
    const versions = doAllMatch ? '' : await this.compareVersions();
    for (const job of jobs) {
      if (this.runs.isRunning(job.drill)) continue;
      const drill = drills.get(job.drill);
      const pause = drill && job.trigger.kind !== 'hand' ? pausedNow(pauses, drill, now) : undefined;
      const difference = explainDifference(job, drill, versions);
      const problem = difference ?? (pause && `because it is ${pause.reason}`);
      if (!drill || problem !== undefined) {
        this.runs.drop(job.drill);
        await this.hold(job, problem ?? '', difference === undefined ? 'info' : 'error');
        continue;
      }
      this.held.delete(job.id);
      this.runs.add({ ...toQueued(job, drill), notBefore: this.notBefore.get(job.drill) });
    }
  }

  /** A clause for what a run waits for if the leading scheduler is another version, which may read the same drill file differently; empty otherwise. */
  private async compareVersions(): Promise<string> {
    const { firedrillVersion: own } = this.self;
    const schedulers = await this.deps.services.store.getDaemons();
    const version = schedulers.find(({ isStandby, stoppedAt }) => !isStandby && !stoppedAt)?.firedrillVersion ?? own;
    return version === own ? '' : `; if they are the same: this runner is Firedrill ${own}, the scheduler ${version}`;
  }

  /** Stored once only: other runners may have other reasons, and must not be overwritten forever. */
  private async hold({ id, drill }: QueuedJob, why: string, level: 'info' | 'error'): Promise<void> {
    if (this.held.get(id) === why || !(await this.states.change(drill, { waitsFor: why }))) return;
    this.held.set(id, why);
    this.deps.log[level](`${drill} waits ${why}`, { drill });
  }

  /** Marks this runner as stopped: from here on, other runners take the runs. */
  private async signOff(): Promise<void> {
    const { services, log } = this.deps;
    const now = services.clock.now();
    await services.store.beatRunner({ ...this.self, beatAt: now, stoppedAt: now }).catch((error: unknown) => {
      log.warn(`could not record that the runner stops: ${asDrillError(error).message}`);
    });
  }
}

/** The scheduler decided on its own version of the drill file; a different version is a different drill. */
function explainDifference(
  { definitionHash, drill: name }: QueuedJob,
  drill: Drill | undefined,
  versions: string,
): string | undefined {
  if (drill?.definitionHash === definitionHash) return undefined;
  const { host } = currentOwner();
  if (!drill) return `for its drill file: runner ${host} has no valid drill ${name}`;
  return `for its drill file: ${drill.place.file} on runner ${host} differs from the scheduler's; deploy the same files and settings to both${versions}`;
}
