import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from 'simple-statistics';
import type { QueuedJob } from '../../../src/record/queue-store.ts';
import { isOnHost } from '../../../src/support/owner.ts';
import type { FleetProcess } from '../../support/fleet/fleet-process.ts';
import { type FleetWorkspace, makeFleetWorkspace } from '../../support/fleet/fleet-workspace.ts';
import { judgeFleet } from '../../support/fleet/judge-fleet.ts';
import { makeRandom } from '../schedule/random.ts';
import { type ClaimTime, noteClaims } from './claim-times.ts';
import { manyOf, RUNNER, SCHEDULER, waitingFor } from './drills.ts';
import type { FleetBenchOptions } from './options.ts';

interface Measured {
  readonly runsPerMinute: number;
  /** From the moment when a runner had a free slot to the claim of the run that took it, in ms. */
  readonly latenciesMs: readonly number[];
  /** From the moment when a run was queued to its claim, while every runner was idle, in ms. */
  readonly idleLatenciesMs: readonly number[];
  /** How long the transactions of claims took, including their wait for the write lock, in ms. */
  readonly claimsMs: readonly number[];
  readonly isRight: boolean;
}

/** The same queue of short runs processed by one runner, by two, by four: all on one PostgreSQL. */
export async function measureThroughput(options: FleetBenchOptions): Promise<boolean> {
  const { runners, queued, sandboxes, waits, say } = options;
  say(`\nthroughput: ${queued} runs queued that wait ${waits} s each, runners of ${sandboxes}`);
  let first: number | undefined;
  let isRight = true;
  for (const count of runners) {
    const measured = await measure(count, options);
    first ??= measured.runsPerMinute;
    isRight &&= measured.isRight;
    const { runsPerMinute, latenciesMs, idleLatenciesMs, claimsMs } = measured;
    say(`  ${count} runners: ${runsPerMinute.toFixed(0)} runs/min, x ${(runsPerMinute / first).toFixed(2)}`);
    say(`    claim after a place is free ${describeTail(latenciesMs)}`);
    if (idleLatenciesMs.length > 0)
      say(`    claim of a run that is queued while all idle ${describeTail(idleLatenciesMs)}`);
    say(`    claim transaction ${describeTail(claimsMs)}`);
  }
  return isRight;
}

async function measure(
  runners: number,
  { queued: count, idle, sandboxes, waits, seed, say }: FleetBenchOptions,
): Promise<Measured> {
  await using fleet = await makeFleetWorkspace({ sandboxes });
  const readClaims = await noteClaims(fleet.postgres);
  const drills = manyOf('short', count, waitingFor(waits));
  const names = Object.keys(drills);
  await fleet.oweRuns(drills);
  const scheduler = fleet.start('east', ...SCHEDULER);
  const jobs = await fleet.until(async () => {
    if (scheduler.lines.filter(({ msg }) => msg.includes(': queued in pool ')).length < count) return undefined;
    return fleet.store.findJobs();
  });
  scheduler.kill('SIGTERM');
  await scheduler.ended;

  const started = Array.from({ length: runners }, (_, index) => fleet.start(`runner-${index}`, ...RUNNER));
  await fleet.until(() => endsOf(started).length >= count || undefined);
  const claims = await readClaims();
  const tookMs = Math.max(...endsOf(started)) - Math.min(...claims.map(({ beganAtMs }) => beganAtMs));
  const { lost, doubled, errored } = judgeFleet(names, await fleet.store.findRuns({ limit: count * 2 }), started);
  for (const line of [...lost, ...doubled, ...errored].slice(0, 20)) say(`    ${line}`);

  const random = makeRandom(seed);
  const idleLatenciesMs: number[] = [];
  for (const job of jobs.slice(0, idle)) {
    await delay(random() * 1000); // runners poll every second
    const queuedAtMs = await queueAgain(fleet, job);
    const ended = count + idleLatenciesMs.length + 1;
    await fleet.until(() => endsOf(started).length >= ended || undefined);
    const claim = (await readClaims()).at(-1);
    if (claim?.drill !== job.drill) throw new Error(`${job.drill} was queued, ${claim?.drill} was claimed`);
    idleLatenciesMs.push(claim.claimedAtMs - queuedAtMs);
  }
  return {
    runsPerMinute: (count / tookMs) * 60_000,
    latenciesMs: started.flatMap((runner) => latenciesOf(runner, claims, sandboxes)),
    idleLatenciesMs,
    claimsMs: claims.map(({ beganAtMs, claimedAtMs }) => claimedAtMs - beganAtMs),
    isRight: [lost, doubled, errored].every(({ length }) => length === 0),
  };
}

/** Queues a run like a scheduler. @returns when it was in the queue, in ms since 1970. */
async function queueAgain({ store }: FleetWorkspace, job: QueuedJob): Promise<number> {
  const state = (await store.getDrillStates()).find(({ drill }) => drill === job.drill);
  if (!state) throw new Error(`${job.drill} has no state`);
  const now = new Date();
  const { kind } = await store.queueRun({ ...job, dueAt: now, waitingSince: now }, state, []);
  if (kind !== 'queued') throw new Error(`${job.drill} was not queued: ${kind}`);
  return Date.now();
}

/** Each slot that a run frees is taken by one of the next. */
function latenciesOf(runner: FleetProcess, claims: readonly ClaimTime[], places: number): readonly number[] {
  const own = claims.filter(({ owner }) => isOnHost(owner, runner.host));
  const ends = endsOf([runner]).toSorted((a, b) => a - b);
  return own.slice(places).flatMap(({ claimedAtMs }, index) => claimedAtMs - (ends[index] ?? claimedAtMs));
}

/** When runs ended, by the clock shared by all processes here, in ms since 1970. */
function endsOf(runners: readonly FleetProcess[]): readonly number[] {
  return runners.flatMap(({ lines }) =>
    lines.flatMap(({ msg, time }) => (/^[A-Z]{6,} /.test(msg) ? Date.parse(time) : [])),
  );
}

function describeTail(valuesMs: readonly number[]): string {
  if (valuesMs.length === 0) return 'not measured: too few runs';
  const [middle, tail] = [quantile([...valuesMs], 0.5), quantile([...valuesMs], 0.99)];
  return `p50 ${middle.toFixed(0)} ms, p99 ${tail.toFixed(0)} ms (${valuesMs.length})`;
}
