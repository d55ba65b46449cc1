import { largeEnough, pickEngine } from '../sandbox/pick-engine.ts';
import type { Capacity } from '../sandbox/sandbox.ts';
import { findShortage, type Load, type Room, type Shortage } from './shortage.ts';

/** A run in progress, in this or another process. */
export interface RunningRun extends Load {
  /** undefined: not claimed yet, so there is no sandbox either. */
  readonly runId?: string | undefined;
  /** The engine it was placed on; undefined: unknown, or there was no choice. */
  readonly containerEngine?: string | undefined;
  /** Whether it belongs to another process, which placed it itself. */
  readonly isElsewhere?: boolean;
  /** The part of `diskBytes` that is already in use; undefined: unknown, so all of it counts as still needed. */
  readonly diskUsedBytes?: number | undefined;
}

export interface AdmissionLimits {
  /** Maximum number of concurrent runs; at least 1. */
  readonly sandboxes: number;
  /** A limit below the machine's capacity, for all sandboxes together; undefined: the full capacity. */
  readonly memoryBytes?: number | undefined;
  readonly cpus?: number | undefined;
}

export type Placement =
  /** @property containerEngine where it goes; undefined: there is no choice. */
  { readonly fits: true; readonly containerEngine: string | undefined } | ({ readonly fits: false } & Shortage);

/**
 * Finds room for a run: on the only engine (or this host), or on the one of several that would then have the most free memory. The limits cover all engines
 * together. Pure.
 * @param engines of the run's runtime; empty: capacity unknown, so only the limits apply.
 */
export function placeRun(
  run: Load,
  running: readonly RunningRun[],
  engines: readonly Capacity[],
  limits: AdmissionLimits,
): Placement {
  const [first] = engines;
  if (engines.length <= 1) {
    const shortage = findShortage(run, loadsOn(first, running), lowerOf(first, limits), limits.sandboxes);
    return shortage ? { fits: false, ...shortage } : { fits: true, containerEngine: first?.containerEngine };
  }
  const limited = findShortage(run, running, lowerOf(undefined, limits), limits.sandboxes);
  if (limited) return { fits: false, ...limited };
  const candidates = largeEnough(
    run,
    engines.map((capacity) => ({ capacity, taken: loadsOn(capacity, running) })),
  ).map((engine) => ({
    ...engine,
    shortage: findShortage(run, engine.taken, lowerOf(engine.capacity, {}), Number.POSITIVE_INFINITY),
  }));
  const free = candidates.filter(({ shortage }) => !shortage);
  const chosen = pickEngine(run, free);
  if (chosen) return { fits: true, containerEngine: chosen.capacity.containerEngine };
  const nearest = pickEngine(run, candidates);
  return {
    fits: false,
    why: `${nearest?.shortage?.why} on ${nearest?.capacity.containerEngine}, which has the most room`,
    isHopeless: candidates.every(({ shortage }) => shortage?.isHopeless),
  };
}

/**
 * The load on an engine: what it reports, plus the runs placed there since. If it reports nothing, all runs that were not placed elsewhere count, because
 * runtimes usually share a machine.
 */
function loadsOn(engine: Capacity | undefined, running: readonly RunningRun[]): readonly RunningRun[] {
  const sandboxes = engine?.sandboxes;
  const here = running.filter(({ containerEngine, isElsewhere }) => {
    if (containerEngine === undefined) return !(sandboxes && isElsewhere);
    return engine?.containerEngine === undefined || engine.containerEngine === containerEngine;
  });
  const known = new Set(here.map(({ runId }) => runId));
  const others = (sandboxes ?? []).filter(({ runId }) => !known.has(runId));
  return [...here, ...others.map((other) => ({ ...other, diskBytes: undefined }))];
}

function lowerOf(machine: Capacity | undefined, limits: Partial<AdmissionLimits>): Room {
  return {
    memoryBytes: Math.min(machine?.memoryBytes ?? Infinity, limits.memoryBytes ?? Infinity),
    cpus: Math.min(machine?.cpus ?? Infinity, limits.cpus ?? Infinity),
    freeDiskBytes: machine?.freeDiskBytes,
  };
}
