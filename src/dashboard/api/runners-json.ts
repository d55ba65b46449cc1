import type { z } from 'zod';
import type { Fleet, FleetPool, FleetProcess } from '../../status/fleet.ts';
import type { runners } from './runners-schema.ts';

export function toRunners({ processes, pools }: Fleet): z.input<typeof runners> {
  return { processes: processes.map(toProcess), pools: pools.map(toPool) };
}

function toProcess(one: FleetProcess) {
  const {
    role,
    host,
    pid = null,
    pool = null,
    firedrillVersion,
    startedAt,
    lastSeenAt,
    state,
    silentMs,
    sandboxes = null,
  } = one;
  return {
    role,
    host,
    pid,
    pool,
    version: firedrillVersion,
    startedAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    state,
    silentSeconds: silentMs === undefined ? null : Math.floor(silentMs / 1000),
    sandboxes,
    engines: one.engines.map(toEngine),
    runs: one.runs.map((run) => ({ id: run.id, drill: run.drill, startedAt: run.startedAt.toISOString() })),
  };
}

function toEngine({ address, silentSince, ...engine }: FleetProcess['engines'][number]) {
  const { sandboxes = null, memoryBytes = null, freeMemoryBytes = null, cpus = null, freeCpus = null } = engine;
  const room = { sandboxes, memoryBytes, freeMemoryBytes, cpus, freeCpus };
  return { address, isReachable: !silentSince, unreachableSince: silentSince?.toISOString() ?? null, ...room };
}

function toPool({ pool, isServed, sentence, drills, queued }: FleetPool) {
  return {
    pool,
    isServed,
    sentence,
    drills,
    queued: queued.map(({ drill, waitingSince }) => ({ drill, since: waitingSince.toISOString() })),
  };
}
