import type { RunCommand } from '../record/live-store.ts';
import type { Store } from '../record/store.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { LiveChange } from './control.ts';
import { toLiveView } from './live-view.ts';
import type { DaemonLog } from './log.ts';
import type { RunQueue } from './run-queue.ts';

export interface RunPublisherDeps {
  readonly store: Pick<Store, 'isShared' | 'saveLive' | 'endLive' | 'findCommands'>;
  readonly runs: Pick<RunQueue, 'live' | 'stop' | 'keep'>;
  readonly clock: Clock;
  readonly log: DaemonLog;
}

/** How often snapshots are saved and commands are read while there are runs. */
const ROUND_MS = 2000;
/** Delay after a change of stage; runs shorter than this are not shown. */
const SOON_MS = 300;

const TELLING: ReadonlySet<LiveChange['kind']> = new Set(['started', 'stage', 'kept', 'ended']);

/**
 * Publishes the runs of this process to others that share its store, and executes commands that users give there. Does nothing on a store that is not shared.
 */
export class RunPublisher implements AsyncDisposable {
  readonly #deps: RunPublisherDeps;
  /** Last saved snapshot of each run. */
  readonly #saved = new Map<string, { readonly text: string; readonly isKept: boolean }>();
  /** Commands already executed. */
  readonly #done = new Set<string>();
  #timer: { readonly handle: NodeJS.Timeout; readonly atMs: number } | undefined;
  #round: Promise<void> = Promise.resolve();
  #hasFailed = false;
  #isClosed = false;

  constructor(deps: RunPublisherDeps) {
    this.#deps = deps;
  }

  /** Called after each change of a run. */
  note({ kind }: LiveChange): void {
    if (this.#deps.store.isShared) this.#wake(TELLING.has(kind) ? SOON_MS : ROUND_MS);
  }

  /** Deletes the remaining snapshots of kept sandboxes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer?.handle);
    await this.#round;
    if (this.#saved.size > 0) await this.#tryRound();
  }

  #wake(inMs: number): void {
    const atMs = this.#deps.clock.monotonicMs() + inMs;
    if (this.#isClosed || (this.#timer && this.#timer.atMs <= atMs)) return;
    clearTimeout(this.#timer?.handle);
    const handle = setTimeout(() => {
      this.#timer = undefined;
      this.#round = this.#round.then(() => this.#tryRound());
    }, inMs);
    handle.unref();
    this.#timer = { handle, atMs };
  }

  /** Never throws: runs do not depend on being published. */
  async #tryRound(): Promise<void> {
    const { log } = this.#deps;
    try {
      await this.#publish();
      if (this.#hasFailed) log.info('runs are shown to other processes again');
      this.#hasFailed = false;
    } catch (thrown) {
      if (!this.#hasFailed) log.warn(`could not show runs to other processes: ${asDrillError(thrown).message}`);
      this.#hasFailed = true;
    }
    if (this.#saved.size > 0 || this.#deps.runs.live.length > 0) this.#wake(ROUND_MS);
  }

  async #publish(): Promise<void> {
    const { store, runs, clock } = this.#deps;
    const live = runs.live;
    await this.#forgetEnded(new Set(live.map(({ runId }) => runId)));
    const shown = live.map((run) => {
      const view = toLiveView(run);
      return { run, view, text: JSON.stringify(view) };
    });
    const changed = shown.filter(({ run, text }) => this.#saved.get(run.runId)?.text !== text);
    const savedAt = clock.now();
    const snapshots = changed.map(({ run: { runId, kept }, view }) => ({
      runId,
      savedAt,
      keptUntil: kept?.until,
      view,
    }));
    if (snapshots.length > 0) await store.saveLive(snapshots);
    for (const { run, text } of changed) this.#saved.set(run.runId, { text, isKept: run.kept !== undefined });
    if (live.length === 0) return;
    const commands = await store.findCommands(live.map(({ runId }) => runId));
    if (commands.filter((command) => this.#obey(command)).length > 0) this.#wake(SOON_MS);
  }

  /** The store has already deleted the data of runs that ended, except those with a kept sandbox. */
  async #forgetEnded(live: ReadonlySet<string>): Promise<void> {
    const ended = [...this.#saved].filter(([runId]) => !live.has(runId));
    const kept = ended.filter(([, { isKept }]) => isKept).map(([runId]) => runId);
    if (kept.length > 0) await this.#deps.store.endLive(kept);
    for (const [runId] of ended) {
      this.#saved.delete(runId);
      for (const key of this.#done) if (key.startsWith(`${runId} `)) this.#done.delete(key);
    }
  }

  /** Executes a command only once: it stays in the store until the run ends. @returns whether it was new. */
  #obey(command: RunCommand): boolean {
    const { runs, log } = this.#deps;
    const { runId, kind, by, at } = command;
    const key = `${runId} ${kind} ${at.toISOString()}`;
    if (this.#done.has(key)) return false;
    this.#done.add(key);
    if (command.kind === 'cancel' && runs.stop(runId, by)) log.warn(`run ${runId}: canceled by ${by}`, { run: runId });
    if (command.kind === 'keep' && runs.keep(runId, command.keepMs))
      log.info(`run ${runId}: its sandbox will be kept, for ${by}`, { run: runId });
    return true;
  }
}
