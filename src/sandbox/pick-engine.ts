import type { Capacity, SandboxRequest } from './sandbox.ts';

/** A container engine that a sandbox can go to. */
export interface EngineRoom {
  readonly capacity: Capacity;
  /** What is on it, or will be. */
  readonly taken: readonly Pick<SandboxRequest, 'memoryBytes' | 'cpus'>[];
}

/**
 * The engine with the most free memory; then with the most free CPUs; then the first. One whose machine is too small for the need is taken only if
 * all are. Pure. @returns undefined when there are none.
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

/** @returns those whose machine could hold it if it were empty; all, when none could. */
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

/** How much of an engine's machine nothing takes; below 0 where more is taken than it has. */
export function freeOf({ capacity, taken }: EngineRoom, what: 'memoryBytes' | 'cpus'): number {
  return taken.reduce((free, one) => free - one[what], capacity[what]);
}
