import type { CommandOutcome, StoredSnapshot } from '../record/live-store.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { DrillControl, LiveChange, LiveRun, WaitingRun } from './control.ts';
import { readLiveView } from './live-view.ts';
import type { DaemonLog } from './log.ts';
import type { RunQueue } from './run-queue.ts';

export interface RemoteRunsDeps {
  readonly store: Pick<Store, 'isShared' | 'findLive' | 'commandRun'>;
  /** The runs of this process, which are excluded. */
  readonly own: Pick<RunQueue, 'live'>;
  readonly clock: Clock;
  readonly log: DaemonLog;
  /** Called when pages need an update. */
  readonly onChange: (change: LiveChange) => void;
}

/** They are read at most this often, regardless of callers. */
const FRESH_MS = 1000;

/** Runs in progress in other processes that share the store, as far as they are published. */
export class RemoteRuns {
  readonly #deps: RemoteRunsDeps;
  #runs: ReadonlyMap<string, LiveRun> = new Map();
  #reading: Promise<void> | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;

  constructor(deps: RemoteRunsDeps) {
    this.#deps = deps;
  }

  /** As of the last {@link refresh}, ordered by id. */
  get runs(): readonly LiveRun[] {
    return [...this.#runs.values()];
  }

  /** Whether a queued run is already in progress, which the scheduler has not noticed yet. */
  hasStarted({ drill, since }: Pick<WaitingRun, 'drill' | 'since'>): boolean {
    return this.runs.some((run) => run.drill === drill && run.startedAt >= since);
  }

  /** Rereads them, unless they were just read. Never throws: without an answer, the previously known ones are shown. */
  async refresh(): Promise<void> {
    const { store, clock } = this.#deps;
    if (!store.isShared || (!this.#reading && clock.monotonicMs() - this.#readMs < FRESH_MS)) return;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
      this.#readMs = clock.monotonicMs();
    });
    await this.#reading;
  }

  /** See {@link DrillControl.stop}. Throws the store's errors. */
  stop(runId: string, who: string): Promise<CommandOutcome> {
    const { store, clock } = this.#deps;
    return store.commandRun({ kind: 'cancel', runId, by: who, at: clock.now() });
  }

  /** See {@link DrillControl.keep}. Throws the store's errors. */
  async keep(runId: string, keepMs: number, who: string): Promise<CommandOutcome> {
    const { store, clock } = this.#deps;
    await this.refresh();
    if (this.#runs.get(runId)?.stage?.name === 'teardown') return 'ended';
    return store.commandRun({ kind: 'keep', runId, by: who, at: clock.now(), keepMs });
  }

  async #read(): Promise<void> {
    const { store, clock, own, log } = this.#deps;
    try {
      const before = own.live; // one of them may end while the store is read
      const found = await store.findLive(clock.now());
      const ids = new Set([...before, ...own.live].map(({ runId }) => runId));
      this.#take(found.filter(({ runId }) => !ids.has(runId)));
      this.#hasFailed = false;
    } catch (thrown) {
      if (!this.#hasFailed) log.warn(`could not read the runs of other processes: ${asDrillError(thrown).message}`);
      this.#hasFailed = true;
    }
  }

  #take(found: readonly StoredSnapshot[]): void {
    const before = this.#runs;
    const runs = found.flatMap(({ view }) => readLiveView(view) ?? []);
    this.#runs = new Map(runs.map((run) => [run.runId, run]));
    for (const run of runs) this.#tell(changeOf(before.get(run.runId), run), run);
    for (const run of before.values()) if (!this.#runs.has(run.runId)) this.#tell('ended', run);
  }

  #tell(kind: LiveChange['kind'] | undefined, { drill, runId }: LiveRun): void {
    if (kind) this.#deps.onChange({ kind, drill, runId });
  }
}

function changeOf(before: LiveRun | undefined, run: LiveRun): LiveChange['kind'] | undefined {
  if (!before) return 'started';
  if (before.kept?.until.getTime() !== run.kept?.until.getTime()) return 'kept';
  if (before.stage?.name !== run.stage?.name || before.stages.length !== run.stages.length) return 'stage';
  if (before.checks.length !== run.checks.length) return 'check';
  return JSON.stringify(before) === JSON.stringify(run) ? undefined : 'progress';
}
