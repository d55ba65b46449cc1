import { FleetFaults } from '../../support/fleet/fleet-faults.ts';
import { makeFleetWorkspace } from '../../support/fleet/fleet-workspace.ts';
import { manyOf, SCHEDULER, SHORT } from './drills.ts';
import type { FleetBenchOptions } from './options.ts';

/** Two schedulers with very many drills that are due at once, no runner, and the leader killed on the way: each run must be queued once. */
export async function measureSchedule({ drills: count, say }: FleetBenchOptions): Promise<boolean> {
  await using fleet = await makeFleetWorkspace({ sandboxes: 1 });
  const drills = manyOf('drill', count, SHORT);
  await fleet.oweRuns(drills);
  const faults = new FleetFaults(fleet, () => 0);
  const startedMs = performance.now();
  for (const host of ['east', 'west']) fleet.start(host, ...SCHEDULER);
  const queued = () =>
    fleet.processes.flatMap(({ lines }) => lines.filter(({ msg }) => msg.includes(': queued in pool ')));
  await fleet.until(() => queued().length >= count / 2 || undefined);
  await faults.killLeader();
  const names = await fleet.until(async () => {
    if (queued().length < count - 1) return undefined; // the last line of a killed process may be missing
    const jobs = await fleet.store.findJobs();
    return jobs.length >= count ? jobs.map(({ drill }) => drill) : undefined;
  });
  const tookS = (performance.now() - startedMs) / 1000;
  const missed = Object.keys(drills).filter((name) => !names.includes(name)).length;
  const doubled = names.length - new Set(names).size;
  say(`\nschedule: ${count} drills due at once, the scheduler that leads killed half way`);
  say(`  queued in ${tookS.toFixed(0)} s; missed ${missed}, doubled ${doubled}`);
  return missed + doubled === 0;
}
