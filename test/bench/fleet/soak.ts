import { FleetFaults } from '../../support/fleet/fleet-faults.ts';
import { type FleetWorkspace, makeFleetWorkspace } from '../../support/fleet/fleet-workspace.ts';
import { judgeFleet, restartsAfter } from '../../support/fleet/judge-fleet.ts';
import { makeRandom, pick } from '../schedule/random.ts';
import { describeSpread } from '../statistics.ts';
import { manyOf, RESTORE, RUNNER, SCHEDULER, SHORT } from './drills.ts';
import type { FleetBenchOptions } from './options.ts';
import { makeOtherNetwork, type OtherNetwork } from './other-network.ts';

const MINUTE_MS = 60_000;
/** Clocks differ by up to six minutes. */
const HOSTS = {
  a: { clockOffsetMs: 3 * MINUTE_MS },
  b: { clockOffsetMs: -3 * MINUTE_MS },
  east: { clockOffsetMs: MINUTE_MS },
};
/** The host that is cut off. */
const FAR = 'c';
const RUNNERS = ['a', 'b', 'c'];
const MOST_RESTART_MS = 30_000;

type Fault = (faults: FleetFaults, fleet: FleetWorkspace, network: OtherNetwork) => Promise<void>;

const FAULTS: Readonly<Record<string, Fault>> = {
  'runner killed': async (faults, fleet) => {
    const { runner } = await faults.killRunner();
    fleet.start(runner.host, ...RUNNER);
  },
  'runner suspended': async (faults) => {
    const { runner, runIds } = await faults.suspendRunner();
    await faults.recordedAsEnded(runIds);
    runner.kill('SIGCONT');
  },
  'runner cut off': async (faults, _fleet, network) => {
    const { runIds } = await faults.cutOff(FAR, () => network.switchLink('down'));
    await faults.recordedAsEnded(runIds);
    network.switchLink('up');
  },
  'leader killed': async (faults, fleet) => {
    fleet.start(await faults.killLeader(), ...SCHEDULER);
  },
  'leader suspended': async (faults) => {
    (await faults.suspendLeader()).kill('SIGCONT');
  },
  'connections ended': (faults) => faults.dropConnections(),
};

/** @returns whether all requirements were met. */
export async function soak({
  runs: count,
  restores,
  sandboxes,
  seed,
  rounds,
  say,
}: FleetBenchOptions): Promise<boolean> {
  const network = makeOtherNetwork(FAR);
  const { address, clients, via } = network;
  const hosts = { ...HOSTS, [FAR]: { server: { host: address, port: 5432 }, via } };
  const settings = [`listen_addresses = '127.0.0.1,${address}'`];
  await using fleet = await makeFleetWorkspace({ sandboxes, hosts, settings, clients });
  const drills = { ...manyOf('restore', restores, RESTORE), ...manyOf('short', count, SHORT) };
  const names = Object.keys(drills);
  await fleet.oweRuns(drills);
  for (const host of ['east', 'west']) fleet.start(host, ...SCHEDULER);
  for (const host of RUNNERS) fleet.start(host, ...RUNNER);
  const random = makeRandom(seed);
  const faults = new FleetFaults(fleet, random);
  say(
    `${names.length} runs, ${restores} of them with a server; ${RUNNERS.length} runners of ${sandboxes}, seed ${seed}`,
  );
  const startedMs = performance.now();
  const order = Array.from({ length: rounds }, () => shuffle(Object.entries(FAULTS), random)).flat();
  for (const [index, [name, fault]] of order.entries()) {
    await faults.ended(Math.ceil((names.length * (index + 1)) / (order.length + 2)));
    say(`  ${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${name}`);
    await fault(faults, fleet, network);
  }
  await faults.settled(names.length);
  const tookS = (performance.now() - startedMs) / 1000;

  const working = fleet.processes.filter(({ isAlive }) => isAlive);
  for (const one of working) one.kill('SIGTERM');
  await Promise.all(working.map(({ ended }) => ended));
  const runs = await fleet.store.findRuns({ limit: names.length * 3 });
  const { lost, doubled, misreported, errored } = judgeFleet(names, runs, fleet.processes);
  const left = await fleet.leftovers();
  const restarts = restartsAfter(faults.broken, runs, fleet.processes);
  say(`${runs.length} runs recorded in ${tookS.toFixed(0)} s (${(names.length / tookS).toFixed(2)} drills/s)`);
  say(`  lost ${lost.length}, doubled ${doubled.length}, misreported ${misreported.length}, errored ${errored.length}`);
  const broken = new Set(faults.broken.map(({ runId }) => runId));
  const lively = runs.flatMap(({ id, endedBy }) => (endedBy === 'process-lost' && !broken.has(id) ? [id] : []));
  say(`  left behind ${left.length}, taken for dead without a fault ${lively.length}`);
  if (restarts.length > 0)
    say(`  restarted after, s ${describeSpread(restarts.map((ms) => ms / 1000))} (${restarts.length} runs)`);
  for (const line of [...lost, ...doubled, ...misreported, ...errored, ...left].slice(0, 20)) say(`  ${line}`);
  const wrong = [lost, doubled, misreported, errored, left].some(({ length }) => length > 0);
  return !wrong && Math.max(...restarts) < MOST_RESTART_MS;
}

function shuffle<T>(values: readonly T[], random: () => number): readonly T[] {
  const left = [...values];
  return values.map(() => {
    const one = pick(left, random);
    left.splice(left.indexOf(one), 1);
    return one;
  });
}
