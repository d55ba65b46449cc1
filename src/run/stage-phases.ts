import type { Phases } from '../engines/format.ts';
import type { PhaseRecord } from '../record/run-record.ts';
import type { Clock } from '../support/clock.ts';
import type { PhaseName } from '../support/vocabulary.ts';

/** Times the steps within one stage, in whole milliseconds of a monotonic clock. Repeated steps add up. */
export class StagePhases implements Phases {
  readonly #clock: Clock;
  readonly #tookMs = new Map<PhaseName, number>();
  readonly #open = new Set<() => void>();
  #entered: PhaseName | undefined;
  #leave: () => void = () => undefined;
  #hasEnded = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enter(name: PhaseName): void {
    if (name === this.#entered) return; // an engine may report it with each line
    this.#leave();
    this.#entered = name;
    this.#leave = this.#begin(name);
  }

  beside<T>(name: PhaseName, work: Promise<T>): Promise<T> {
    const end = this.#begin(name);
    work.then(end, end);
    return work;
  }

  /** Ends the current steps. @returns the steps that took time, in the order in which they began. */
  end(): readonly PhaseRecord[] {
    for (const end of this.#open) end();
    this.#hasEnded = true;
    return [...this.#tookMs].flatMap(([name, durationMs]) => (durationMs > 0 ? { name, durationMs } : []));
  }

  #begin(name: PhaseName): () => void {
    if (this.#hasEnded) return () => undefined;
    const beganMs = Math.round(this.#clock.monotonicMs());
    this.#tookMs.set(name, this.#tookMs.get(name) ?? 0);
    const end = () => {
      if (!this.#open.delete(end)) return;
      this.#tookMs.set(name, (this.#tookMs.get(name) ?? 0) + Math.round(this.#clock.monotonicMs()) - beganMs);
    };
    this.#open.add(end);
    return end;
  }
}
