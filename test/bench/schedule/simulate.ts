import { Agenda, type AgendaItem } from '../../../src/daemon/agenda.ts';
import type { DrillState } from '../../../src/record/schedule-store.ts';
import { Heap } from '../../../src/support/heap.ts';
import type { BenchDrill } from './drills.ts';
import { Firings } from './firings.ts';
import type { Standstill } from './standstills.ts';

export interface World {
  readonly drills: readonly BenchDrill[];
  readonly startMs: number;
  readonly endMs: number;
  /** In order, without overlap. */
  readonly standstills: readonly Standstill[];
  /** How long a run waits for a slot, in milliseconds. */
  delayOf(drill: BenchDrill, dueMs: number): number;
}

/** Called as the year passes, with the simulated instant. */
export interface Watch {
  /** Actual work of one tick in milliseconds, and the number of runs that it started or queued. */
  ticked(nowMs: number, workMs: number, started: number): void;
  /** Actual work to put all drills on a new agenda. */
  restarted(workMs: number): void;
}

export interface SimulatedYear {
  readonly firings: Firings;
  /** By kind. */
  readonly skipped: ReadonlyMap<string, number>;
  /** By drill: the total number of started and skipped runs. */
  readonly told: Uint32Array;
  /** What is stored at the end. */
  readonly states: ReadonlyMap<string, DrillState>;
}

/**
 * A daemon's year with the agenda: a clock that jumps from one `nextDueAt` to the next, a queue in which some runs wait, standstills, and
 * restarts from what was stored. It stores like a daemon: with the claim of a run, and with what is skipped.
 */
export function simulateYear(world: World, watch: Watch): SimulatedYear {
  const standstills = [...world.standstills];
  const daemon = new Daemon(world, watch);
  daemon.start(world.startMs);
  let nowMs = world.startMs;
  for (;;) {
    const nextMs = Math.max(nowMs, daemon.nextMs);
    const standstill = standstills[0];
    if (Math.min(nextMs, standstill?.fromMs ?? Number.POSITIVE_INFINITY) >= world.endMs) break;
    if (standstill && nextMs >= standstill.fromMs) {
      standstills.shift();
      if (standstill.kind === 'restart') daemon.start(standstill.toMs);
      else if (nextMs >= standstill.toMs) continue;
      nowMs = standstill.toMs;
    } else nowMs = nextMs;
    if (nowMs >= world.endMs) break;
    daemon.tick(nowMs);
  }
  return daemon;
}

class Daemon implements SimulatedYear {
  readonly firings = new Firings();
  readonly skipped = new Map<string, number>();
  readonly told: Uint32Array;
  readonly states = new Map<string, DrillState>();
  readonly #world: World;
  readonly #watch: Watch;
  readonly #byName: ReadonlyMap<string, BenchDrill>;
  #agenda = new Agenda();
  #queue = new Heap<AgendaItem>();

  constructor(world: World, watch: Watch) {
    this.#world = world;
    this.#watch = watch;
    this.#byName = new Map(world.drills.map((drill) => [drill.name, drill]));
    this.told = new Uint32Array(world.drills.length);
  }

  get nextMs(): number {
    const lookMs = this.#agenda.nextDueAt?.getTime() ?? Number.POSITIVE_INFINITY;
    return Math.min(lookMs, this.#queue.first?.atMs ?? Number.POSITIVE_INFINITY);
  }

  start(nowMs: number): void {
    const now = new Date(nowMs);
    this.#queue = new Heap();
    this.#agenda = new Agenda();
    const startedMs = performance.now();
    const { begun } = this.#agenda.set(this.#world.drills, this.states, now);
    this.#watch.restarted(performance.now() - startedMs);
    for (const { drill, since } of begun) this.states.set(drill.name, stateOf(drill.name, drill.scheduleHash, since));
  }

  tick(nowMs: number): void {
    const startedMs = performance.now();
    const now = new Date(nowMs);
    let started = 0;
    for (let first = this.#queue.first; first && first.atMs <= nowMs; first = this.#queue.first) {
      this.#queue.delete(first.item);
      this.#claim(first.item, nowMs);
    }
    while ((this.#agenda.nextDueAt?.getTime() ?? Number.POSITIVE_INFINITY) <= nowMs) {
      for (const item of this.#agenda.takeDue(now)) {
        if (item.decision.start) started += 1;
        this.#take(item, nowMs);
      }
    }
    this.#watch.ticked(nowMs, performance.now() - startedMs, started);
  }

  #take(item: AgendaItem, nowMs: number): void {
    const { start, skipped } = item.decision;
    const drill = this.#byName.get(item.drill.name);
    if (!drill || (!start && skipped.length === 0)) return;
    const delayMs = start ? this.#world.delayOf(drill, start.due.at.getTime()) : 0;
    if (delayMs > 0) this.#queue.set(item, nowMs + delayMs);
    else this.#claim(item, nowMs);
  }

  /** As a store does: both the run and the skips along with it, or neither. */
  #claim({ drill, decision: { start, skipped, handledUntil } }: AgendaItem, nowMs: number): void {
    const index = this.#byName.get(drill.name)?.index ?? Number.NaN;
    let told = start ? 1 : 0;
    if (start) this.firings.add(index, start.due.at.getTime(), nowMs);
    for (const { kind, count } of skipped) {
      told += count;
      this.skipped.set(kind, (this.skipped.get(kind) ?? 0) + count);
    }
    this.told[index] = (this.told[index] ?? 0) + told;
    this.states.set(drill.name, stateOf(drill.name, drill.scheduleHash, handledUntil));
    this.#agenda.settle(drill, handledUntil);
  }
}

function stateOf(drill: string, scheduleHash: string, handledUntil: Date): DrillState {
  return {
    drill,
    version: 1,
    scheduleHash,
    scheduledSince: handledUntil,
    handledUntil,
    newestBackup: undefined,
    handledBackup: undefined,
    pollError: undefined,
    waitsFor: undefined,
    schedules: [],
  };
}
