import type { RunTiming } from '../../record/store.ts';
import { formatClock } from '../../support/quantities.ts';
import type { PredictedFinish, Prediction, RunEvent, RunFact } from '../contract.ts';
import { predict } from './predict.ts';
import { followTimeline, NEW_TIMELINE } from './timeline.ts';

const TICK_MS = 1000;
/** A prediction moves towards its new value over this time, so that it does not flicker. */
const CALM_MS = 2500;
/** A likely finish beyond the range last reported is reported again if it is later by this share of the RTO. */
const MOVED_OF_RTO = 0.05;
/** And by at least this much: a smaller difference does not matter to anyone. */
const MOVED_LEAST_MS = 5000;

/**
 * Follows one run and predicts, once a second and at each stage, when recovery will be complete. A finish that moves much later than last reported is logged
 * with the reason.
 */
export class FinishWatch {
  readonly #history: readonly RunTiming[];
  readonly #emit: (fact: RunFact) => void;
  readonly #now: () => Date;
  #line = NEW_TIMELINE;
  #shown: { readonly prediction: Prediction; readonly atMs: number } | undefined;
  /** The finish that was last reported. */
  #said: PredictedFinish | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: {
    readonly history: readonly RunTiming[];
    readonly emit: (fact: RunFact) => void;
    readonly now: () => Date;
  }) {
    this.#history = parts.history;
    this.#emit = parts.emit;
    this.#now = parts.now;
    this.#timer = setInterval(() => this.#tell(), TICK_MS);
    this.#timer.unref();
  }

  /** Takes in an event of the run, after all other listeners. */
  follow(event: RunEvent): void {
    const before = this.#line;
    this.#line = followTimeline(before, event);
    if (event.type === 'stage-ended' || event.type === 'planned') this.#tell();
    const isFirst = this.#shown?.prediction.finish === undefined && this.#line.current?.ratio !== undefined;
    const isNewPart = this.#line.current?.covers.join() !== before.current?.covers.join();
    if (event.type === 'progress' && (isFirst || isNewPart)) this.#tell();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const { stage, counts } = this.#line;
    if (!stage && this.#shown === undefined) return;
    if (stage && !counts.includes(stage.name)) return;
    const nowMs = this.#now().getTime();
    const fresh = predict({ line: this.#line, history: this.#history, nowMs });
    const prediction = this.#calm(fresh, nowMs);
    this.#shown = { prediction, atMs: nowMs };
    this.#emit({ type: 'predicted', prediction });
    this.#sayMove(prediction);
  }

  #calm(fresh: Prediction, nowMs: number): Prediction {
    const last = this.#shown?.prediction.finish;
    const { finish } = fresh;
    if (!last || !finish || !this.#shown) return fresh;
    const share = Math.min(1, (nowMs - this.#shown.atMs) / CALM_MS);
    const move = (from: number, to: number) => Math.max(fresh.elapsedMs, Math.round(from + (to - from) * share));
    const likelyMs = move(last.likelyMs, finish.likelyMs);
    const lowMs = Math.min(likelyMs, move(last.lowMs, finish.lowMs));
    return { ...fresh, finish: { likelyMs, lowMs, highMs: Math.max(likelyMs, move(last.highMs, finish.highMs)) } };
  }

  #sayMove({ finish, why, rtoMs }: Prediction): void {
    if (!finish) return;
    const said = this.#said;
    if (said === undefined || finish.likelyMs < said.likelyMs) {
      this.#said = finish;
      return;
    }
    if (
      finish.likelyMs < said.highMs ||
      finish.likelyMs - said.likelyMs < Math.max(MOVED_LEAST_MS, rtoMs * MOVED_OF_RTO)
    )
      return;
    this.#said = finish;
    const message = `expected finish moved from ${formatClock(said.likelyMs)} to ${formatClock(finish.likelyMs)} (${why})`;
    this.#emit({ type: 'log', level: 'info', message });
  }
}
