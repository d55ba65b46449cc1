import type { Drill } from '../config/drill-file.ts';
import { DEFAULT_POOL } from '../config/pool-schema.ts';
import { DrillStates } from '../daemon/drill-states.ts';
import { readLiveView } from '../daemon/live-view.ts';
import type { DaemonLog } from '../daemon/log.ts';
import { PoolQueue } from '../daemon/pool-queue.ts';
import { toByHand } from '../daemon/run-requests.ts';
import type { QueueOutcome } from '../record/queue-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import type { EmitRunEvent } from '../run/contract.ts';
import { markAbandonedInterrupted } from '../status/abandoned-runs.ts';
import { isDefaultPoolQueued } from '../status/pool-service.ts';
import { DrillError } from '../support/errors.ts';
import { waitOrAbort } from '../support/long-timer.ts';
import { byHand } from '../support/vocabulary.ts';
import { LiveEvents } from './live-events.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';
import { userName } from './user-name.ts';

/** How often the store is polled for changes. */
const LOOK_MS = 1000;
/** How many of a drill's earlier runs are remembered, to distinguish them from the new one. */
const KNOWN_RUNS = 20;

/** Logs nothing: anything relevant is printed for the user. */
const SILENT: DaemonLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Runs that this command has queued for the runners of their pools and now follows. */
export class QueuedRuns {
  readonly #tools: Pick<Toolbox, 'io' | 'clock'>;
  readonly #store: Store;
  readonly #drills: readonly Drill[];
  readonly #states: DrillStates;
  readonly #pools: PoolQueue;
  readonly #outcomes = new Map<string, QueueOutcome>();
  /** Ids of earlier runs. */
  readonly #known = new Set<string>();
  readonly #triggeredBy: string;
  readonly #isOverBudget: boolean;

  /** @param isOverBudget whether they start regardless of the month's budget. */
  constructor(tools: Pick<Toolbox, 'io' | 'clock'>, store: Store, drills: readonly Drill[], isOverBudget: boolean) {
    this.#tools = tools;
    this.#store = store;
    this.#drills = drills.map((drill) => ({ ...drill, pool: drill.pool ?? DEFAULT_POOL }));
    this.#states = new DrillStates(store);
    this.#pools = new PoolQueue({ store, states: this.#states, log: SILENT });
    this.#isOverBudget = isOverBudget;
    this.#triggeredBy = byHand(userName(), isOverBudget);
  }

  /** Queues one run of each drill, so that runners get them at the same time. Throws the store's errors. */
  async queueAll(): Promise<void> {
    await this.#states.reload();
    for (const drill of this.#drills) {
      const runs = await this.#store.findRuns({ drill: drill.name, limit: KNOWN_RUNS });
      for (const { id } of runs) this.#known.add(id);
      const now = this.#tools.clock.now();
      const queued = toByHand(drill, userName(), now, { isOverBudget: this.#isOverBudget });
      let outcome = await this.#pools.send(queued);
      for (let tries = 0; outcome.kind === 'taken' && tries < 5; tries += 1) {
        await this.#states.reload(); // a scheduler has changed what is known of the drill
        outcome = await this.#pools.send(queued);
      }
      this.#outcomes.set(drill.name, outcome);
    }
  }

  /**
   * Follows a run to the end. The first Ctrl-C removes it from the queue, or cancels it; the second one leaves it to its runner.
   * @returns undefined if it was removed. Throws `usage` if no run was queued, `interrupted`, and the store's errors.
   */
  async follow({ name }: Drill, emit: EmitRunEvent): Promise<RunRecord | undefined> {
    const outcome = this.#outcomes.get(name);
    if (outcome?.kind !== 'queued') throw notQueued(name, outcome);
    const run = await this.#untilStarted(name);
    return run && this.#untilEnded(run, emit);
  }

  async #untilStarted(drill: string): Promise<RunRecord | undefined> {
    const { io, clock } = this.#tools;
    for (let said = ''; ; ) {
      const job = (await this.#store.findJobs()).find((one) => one.drill === drill);
      if (!job) return this.#findStarted(drill);
      if (io.interrupt.aborted && (await this.#store.removeJob(job))) {
        await this.#states.reload();
        await this.#states.change(drill, { waitsFor: undefined });
        return undefined;
      }
      const waitsFor = await this.#waitOf(drill, clock.now());
      const words = `${drill}: queued in pool ${job.pool}${waitsFor === undefined ? '' : `; waits ${waitsFor}`}`;
      if (words !== said) io.stderr.write(`${printable(words)}\n`);
      said = words;
      await waitOrAbort(LOOK_MS, io.interrupt);
    }
  }

  /** A scheduler with sandboxes of its own runs the drills of the default pool itself, so they need no runner. */
  async #waitOf(drill: string, now: Date): Promise<string | undefined> {
    await this.#pools.read(this.#drills, await this.#store.getRunners(), now);
    const isUnnamed = this.#drills.find(({ name }) => name === drill)?.pool === DEFAULT_POOL;
    if (isUnnamed && !isDefaultPoolQueued(await this.#store.getDaemons(), now)) return this.#states.of(drill).waitsFor;
    return this.#pools.waiting.find((run) => run.drill === drill)?.waitsFor;
  }

  /** A run leaves the queue in the transaction that records it. */
  async #findStarted(drill: string): Promise<RunRecord> {
    const runs = await this.#store.findRuns({ drill, limit: KNOWN_RUNS });
    const run = runs.find(({ id, triggeredBy }) => triggeredBy === this.#triggeredBy && !this.#known.has(id));
    if (run) return run;
    throw new DrillError('interrupted', 'its run was taken out of the queue before it started', {
      hint: 'The log of the scheduler says why; it drops runs of drills that it does not have.',
    });
  }

  async #untilEnded(started: RunRecord, emit: EmitRunEvent): Promise<RunRecord> {
    const { io, clock } = this.#tools;
    const { id: runId } = started;
    const events = new LiveEvents(started, emit);
    for (let isCanceled = false; ; ) {
      const [run = started] = markAbandonedInterrupted([await this.#store.getRun(runId)], clock.now());
      if (run.status !== 'running') {
        events.end(run, clock.now());
        return run;
      }
      if (io.service.hurry.aborted) throw stillCanceled(runId);
      if (io.interrupt.aborted && !isCanceled) {
        const by = `${userName()} (command line)`;
        const outcome = await this.#store.commandRun({ kind: 'cancel', runId, by, at: clock.now() });
        isCanceled = outcome === 'accepted'; // its runner may not have shown it yet
      }
      const snapshot = (await this.#store.findLive(clock.now())).find((one) => one.runId === runId);
      const live = snapshot && readLiveView(snapshot.view);
      if (live) events.show(live, clock.now());
      await waitOrAbort(LOOK_MS, io.interrupt.aborted ? io.service.hurry : io.interrupt);
    }
  }
}

function notQueued(drill: string, outcome: QueueOutcome | undefined): DrillError {
  if (outcome?.kind === 'overlap')
    return new DrillError('usage', `run ${outcome.runId} of this drill is in progress`, {
      hint: `Follow it with \`firedrill logs --follow ${outcome.runId}\`.`,
    });
  if (outcome?.kind === 'waiting')
    return new DrillError('usage', 'a run of this drill is already queued', {
      hint: 'It starts automatically: `firedrill next` shows what it is waiting for.',
    });
  return new DrillError(
    'store-failed',
    `the stored state of ${drill} keeps changing: a scheduler updates it all the time`,
    {
      hint: 'Try again.',
    },
  );
}

function stillCanceled(runId: string): DrillError {
  return new DrillError('interrupted', `run ${runId} is still being canceled by its runner`, {
    hint: `See how it ended with \`firedrill show ${runId}\`.`,
  });
}
