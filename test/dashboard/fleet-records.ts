import type { Store } from '../../src/record/store.ts';
import { NOON, runningRun } from '../support/run-records.ts';
import { daemonOf, drillState, jobOf } from '../support/schedule-records.ts';

const before = (minutes: number) => new Date(NOON.getTime() - minutes * 60_000);

const GIB = 2 ** 30;
const ENGINES = [
  {
    ...{ address: 'unix:///var/run/docker.sock', sandboxes: 2 },
    ...{ memoryBytes: 16 * GIB, freeMemoryBytes: 12 * GIB, cpus: 8, freeCpus: 4.5 },
  },
  { address: 'ssh://drill@restore-box-2.eu.example.com', silentSince: before(25) },
];

/** Two schedulers, one of which leads, a runner with runs, one that drains, one that is lost, and a pool without a runner. */
export async function recordFleet(store: Store): Promise<void> {
  const startedAt = before(2 * 24 * 60);
  await store.beat(daemonOf({ owner: 'sched-1/boot/812/1', startedAt, sandboxes: 2 }));
  await store.beat(daemonOf({ owner: 'sched-2/boot/790/1', startedAt, sandboxes: 2, isStandby: true }));
  const runners = [
    ['payments-runner-1.eu.example.com/boot/4711/1', { engines: ENGINES }],
    ['payments-runner-2.eu.example.com/boot/812/1', { stoppedAt: before(1), firedrillVersion: '0.0.9' }],
    ['payments-runner-3.eu.example.com/boot/99/1', { beatAt: before(190) }],
  ] as const;
  for (const [owner, changes] of runners)
    await store.beatRunner({ ...daemonOf({ owner, startedAt, ...changes }), pool: 'eu-payments' });
  const runs = [
    ['20261121-115200-aaaaaa', 'payments', runners[0][0], 8],
    ['20261121-115600-bbbbbb', 'billing-ledger-with-a-long-name', runners[0][0], 4],
    ['20261121-113000-cccccc', 'invoices', runners[1][0], 30],
  ] as const;
  for (const [id, drill, leaseOwner, minutes] of runs)
    await store.claim(runningRun({ id, drill, leaseOwner, startedAt: before(minutes) }));
  for (const drill of ['warehouse', 'analytics']) {
    const job = jobOf({ drill, pool: 'us-east', waitingSince: before(12) });
    await store.queueRun(job, drillState({ drill }), []);
  }
}
