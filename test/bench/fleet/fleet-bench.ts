import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureSchedule } from './measure-schedule.ts';
import { measureThroughput } from './measure-throughput.ts';
import type { FleetBenchOptions } from './options.ts';
import { soak } from './soak.ts';

const PARTS: Readonly<Record<string, (options: FleetBenchOptions) => Promise<boolean>>> = {
  soak,
  schedule: measureSchedule,
  throughput: measureThroughput,
};
/** Set when this process already has its own network. */
const IS_ALONE = 'FLEET_BENCH_ALONE';
/** Network names exist only as long as the bench. */
const OWN_NETWORK = 'ip link set lo up && mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec "$@"';

/**
 * `npm run bench fleet [-- soak|schedule|throughput]`: schedulers and runners on one PostgreSQL, all on this machine, as root on Linux: a runner that is cut
 * off has its own network. Exits with 1 when a run was lost, duplicated or left something behind.
 * - `soak`: `--runs 1000 --restores 20 --sandboxes 4 --rounds 2 --seed 1`; each fault happens in each round, in an order that the seed decides.
 * - `schedule`: `--drills 10000`.
 * - `throughput`: `--runners 1,2,4 --queued 300 --idle 20 --seed 1 --sandboxes 4 --waits 2`.
 */
export async function run(argv: readonly string[]): Promise<void> {
  if (process.env[IS_ALONE] === undefined) {
    process.exitCode = runInOwnNetwork(argv);
    return;
  }
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '1000' },
      restores: { type: 'string', default: '20' },
      drills: { type: 'string', default: '10000' },
      sandboxes: { type: 'string', default: '4' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '2' },
      runners: { type: 'string', default: '1,2,4' },
      queued: { type: 'string', default: '300' },
      idle: { type: 'string', default: '20' },
      waits: { type: 'string', default: '2' },
    },
  });
  const { runners, ...sizes } = values;
  const numbers = Object.fromEntries(Object.entries(sizes).map(([name, text]) => [name, Number(text)]));
  const options = {
    ...(numbers as Record<keyof typeof sizes, number>),
    runners: runners.split(',').map(Number),
    say: (text: string) => void process.stdout.write(`${text}\n`),
  };
  for (const [name, part] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    if (!(await part(options))) process.exitCode = 1;
  }
}

function runInOwnNetwork(argv: readonly string[]): number {
  const bench = fileURLToPath(new URL('../bench.ts', import.meta.url));
  const start = ['--net', '--mount', 'sh', '-c', OWN_NETWORK, 'sh', process.execPath, bench, 'fleet', ...argv];
  return spawnSync('unshare', start, { stdio: 'inherit', env: { ...process.env, [IS_ALONE]: '1' } }).status ?? 1;
}
