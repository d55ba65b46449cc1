import type { Capacity, SandboxRequest } from './sandbox.ts';

/** A container engine on which a sandbox can be placed. */
export interface EngineRoom {
  readonly capacity: Capacity;
  /** Its current and planned load. */
  readonly taken: readonly Pick<SandboxRequest, 'memoryBytes' | 'cpus'>[];
}

/**
 * The engine with the most free memory; on a tie, with the most free CPUs; then the first. One whose machine is too small for the need is chosen only if all
 * are. Pure.
 * @returns undefined if there are none.
 */
export function pickEngine<Engine extends EngineRoom>(
  need: Pick<SandboxRequest, 'memoryBytes' | 'cpus'> | undefined,
  engines: readonly Engine[],
): Engine | undefined {
  const [best] = largeEnough(need, engines).toSorted(
    (a, b) => freeOf(b, 'memoryBytes') - freeOf(a, 'memoryBytes') || freeOf(b, 'cpus') - freeOf(a, 'cpus'),
  );
  return best;
}

/** @returns those whose machine could fit it if empty; all of them if none could. */
export function largeEnough<Engine extends EngineRoom>(
  need: Pick<SandboxRequest, 'memoryBytes' | 'cpus'> | undefined,
  engines: readonly Engine[],
): readonly Engine[] {
  if (!need) return engines;
  const large = engines.filter(
    ({ capacity }) => need.memoryBytes <= capacity.memoryBytes && need.cpus <= capacity.cpus,
  );
  return large.length > 0 ? large : engines;
}

/** How much of an engine's machine is free; negative if overcommitted. */
export function freeOf({ capacity, taken }: EngineRoom, what: 'memoryBytes' | 'cpus'): number {
  return taken.reduce((free, one) => free - one[what], capacity[what]);
}
