import type { Phases } from '../engines/format.ts';
import type { PhaseRecord } from '../record/run-record.ts';
import type { Clock } from '../support/clock.ts';
import type { PhaseName } from '../support/vocabulary.ts';

/** Times the steps within one stage, in whole milliseconds of a monotonic clock. Repeated steps add up; overlapping time of the same step counts once. */
export class StagePhases implements Phases {
  readonly #clock: Clock;
  readonly #toInstant: (monotonicMs: number) => Date;
  readonly #startedMs = new Map<PhaseName, number>();
  readonly #tookMs = new Map<PhaseName, number>();
  readonly #bytes = new Map<PhaseName, number>();
  readonly #open = new Set<() => void>();
  /** By step name: how many are in progress, and since when at least one has been. */
  readonly #active = new Map<PhaseName, { count: number; sinceMs: number }>();
  #entered: PhaseName | undefined;
  #leave: () => void = () => undefined;
  #hasEnded = false;

  /** @param toInstant converts monotonic time to an instant on the same scale as the stage's own. */
  constructor(clock: Clock, toInstant: (monotonicMs: number) => Date) {
    this.#clock = clock;
    this.#toInstant = toInstant;
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

  count(name: PhaseName, bytes: number): void {
    if (!this.#hasEnded) this.#bytes.set(name, (this.#bytes.get(name) ?? 0) + bytes);
  }

  /** Ends the current steps. @returns the steps that took time, in the order in which they began. */
  end(): readonly PhaseRecord[] {
    for (const end of this.#open) end();
    this.#hasEnded = true;
    return [...this.#tookMs].flatMap(([name, durationMs]) => {
      if (durationMs === 0) return [];
      const startedAt = this.#toInstant(this.#startedMs.get(name) ?? 0);
      const bytes = this.#bytes.get(name) ?? 0;
      return { name, startedAt, durationMs, ...(bytes > 0 && { bytes }) };
    });
  }

  #begin(name: PhaseName): () => void {
    if (this.#hasEnded) return () => undefined;
    this.#tookMs.set(name, this.#tookMs.get(name) ?? 0);
    const active = this.#active.get(name) ?? { count: 0, sinceMs: 0 };
    this.#active.set(name, active);
    active.count += 1;
    if (active.count === 1) active.sinceMs = Math.round(this.#clock.monotonicMs());
    if (!this.#startedMs.has(name)) this.#startedMs.set(name, active.sinceMs);
    const end = () => {
      if (!this.#open.delete(end)) return;
      active.count -= 1;
      if (active.count > 0) return;
      this.#tookMs.set(name, (this.#tookMs.get(name) ?? 0) + Math.round(this.#clock.monotonicMs()) - active.sinceMs);
    };
    this.#open.add(end);
    return end;
  }
}
