import type { EngineRecord } from '../record/schedule-store.ts';
import { freeOf } from '../sandbox/pick-engine.ts';
import type { Capacity, SandboxRuntime } from '../sandbox/sandbox.ts';
import type { Clock } from '../support/clock.ts';

export interface EngineWatchDeps {
  readonly runtimes: readonly Pick<SandboxRuntime, 'containerEngine' | 'capacity'>[];
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
}

const LOOK_EVERY_MS = 30_000;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Queries the container engines in the settings for their load, so that other processes can see it. Works in the background, so that a slow engine delays
 * nothing.
 */
export class EngineWatch {
  private readonly deps: EngineWatchDeps;
  private readonly known = new Map<string, EngineRecord>();
  private looking: Promise<void> | undefined;
  private nextLookMs = Number.NEGATIVE_INFINITY;

  constructor(deps: EngineWatchDeps) {
    this.deps = deps;
  }

  /** As of the last answers, in settings order; undefined: none configured, or none queried yet. */
  get engines(): readonly EngineRecord[] | undefined {
    const engines = this.deps.runtimes.flatMap(({ containerEngine }) => this.known.get(containerEngine ?? '') ?? []);
    return engines.length === 0 ? undefined : engines;
  }

  /** Call every few seconds; queries the engines when it is time. */
  look(): void {
    const nowMs = this.deps.clock.monotonicMs();
    if (this.looking || nowMs < this.nextLookMs) return;
    this.nextLookMs = nowMs + LOOK_EVERY_MS;
    this.looking = this.askAll().finally(() => {
      this.looking = undefined;
    });
  }

  /** Resolves when no query is in progress. */
  async settle(): Promise<void> {
    await this.looking;
  }

  private async askAll(): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    await Promise.all(
      this.deps.runtimes.map(async (runtime) => {
        const { containerEngine } = runtime;
        if (containerEngine === undefined) return;
        const answer = await runtime.capacity(signal).catch(() => undefined); // the log says why, where runs are placed
        this.known.set(containerEngine, this.toRecord(containerEngine, answer));
      }),
    );
  }

  private toRecord(address: string, answer: Capacity | undefined): EngineRecord {
    if (!answer) return { address, silentSince: this.known.get(address)?.silentSince ?? this.deps.clock.now() };
    const { memoryBytes, cpus, sandboxes: taken = [] } = answer;
    const room = { capacity: answer, taken };
    return {
      address,
      sandboxes: taken.length,
      memoryBytes,
      freeMemoryBytes: Math.max(0, freeOf(room, 'memoryBytes')),
      cpus,
      freeCpus: Math.max(0, freeOf(room, 'cpus')),
    };
  }
}
