import { expect, it } from 'vitest';
import { COMMON, RUNNER, SCHEDULER, SHORT } from '../bench/fleet/drills.ts';
import { makeRandom } from '../bench/schedule/random.ts';
import { FleetFaults } from '../support/fleet/fleet-faults.ts';
import { makeFleetWorkspace } from '../support/fleet/fleet-workspace.ts';
import { judgeFleet, restartsAfter } from '../support/fleet/judge-fleet.ts';
import { timeoutFor } from '../support/timeouts.ts';

/** Fails at once because its backups are missing. */
const MISSING = {
  ...COMMON,
  backup: { source: '../backups', match: 'none-*.sql' },
  engine: { type: 'postgres' },
  checks: [{ name: 'rows are there', sql: 'select 1', expect: { equals: 1 } }],
};
/** Number of drills. */
const DUE = 40;
const DRILLS = Object.fromEntries(
  Array.from({ length: DUE }, (_, index) => [`drill-${index}`, index % 4 === 0 ? SHORT : MISSING]),
);
const NAMES = Object.keys(DRILLS);

it(
  'no run is lost, repeated without need or left behind while runners, schedulers and connections are killed',
  async () => {
    await using fleet = await makeFleetWorkspace({ sandboxes: 4 });
    await fleet.oweRuns(DRILLS);
    for (const host of ['east', 'west']) fleet.start(host, ...SCHEDULER);
    for (const host of ['a', 'b', 'c']) fleet.start(host, ...RUNNER);
    const faults = new FleetFaults(fleet, makeRandom(18));

    await faults.ended(DUE * 0.1);
    const restarted = await faults.killRunner();
    fleet.start(restarted.runner.host, ...RUNNER);
    await faults.ended(DUE * 0.2);
    await faults.dropConnections();
    await faults.ended(DUE * 0.3);
    const silent = await faults.killRunner();
    const suspended = await faults.suspendRunner();
    fleet.start(await faults.killLeader(), ...SCHEDULER);
    await faults.ended(DUE * 0.4);
    await faults.dropConnections();
    await faults.recordedAsEnded([...silent.runIds, ...suspended.runIds]);
    suspended.runner.kill('SIGCONT');
    fleet.start(silent.runner.host, ...RUNNER);
    await faults.settled(DUE);

    const working = fleet.processes.filter(({ isAlive }) => isAlive);
    for (const one of working) one.kill('SIGTERM');
    for (const { ended } of working) expect(await ended).toMatchObject({ code: 0 });
    const runs = await fleet.store.findRuns({ limit: 1000 });
    expect(judgeFleet(NAMES, runs, fleet.processes)).toEqual({ lost: [], doubled: [], misreported: [], errored: [] });
    expect(restartsAfter(faults.broken, runs, fleet.processes).length).toBeGreaterThan(0);
    expect(await fleet.leftovers()).toEqual([]);
  },
  timeoutFor(90_000),
);
