import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureSchedule } from './measure-schedule.ts';
import type { FleetBenchOptions } from './options.ts';
import { soak } from './soak.ts';

const PARTS: Readonly<Record<string, (options: FleetBenchOptions) => Promise<boolean>>> = {
  soak,
  schedule: measureSchedule,
};
/** Says that this process already is in a network of its own. */
const IS_ALONE = 'FLEET_BENCH_ALONE';

/**
 * `npm run bench fleet [-- soak|schedule] [--runs 1000 --restores 20 --sandboxes 4 --drills 10000 --seed 1]`: schedulers and runners on one
 * PostgreSQL, all on this machine, as root on Linux: runners are cut off by rules of a firewall in a network of the bench's own. Ends with 1 when a run was
 * lost, doubled or left something behind.
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
    },
  });
  const options = {
    runs: Number(values.runs),
    restores: Number(values.restores),
    drills: Number(values.drills),
    sandboxes: Number(values.sandboxes),
    seed: Number(values.seed),
    say: (text: string) => void process.stdout.write(`${text}\n`),
  };
  for (const [name, part] of Object.entries(PARTS)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    if (!(await part(options))) process.exitCode = 1;
  }
}

function runInOwnNetwork(argv: readonly string[]): number {
  const bench = fileURLToPath(new URL('../bench.ts', import.meta.url));
  const start = [
    '--net',
    'sh',
    '-c',
    'ip link set lo up && exec "$@"',
    'sh',
    process.execPath,
    bench,
    'fleet',
    ...argv,
  ];
  return spawnSync('unshare', start, { stdio: 'inherit', env: { ...process.env, [IS_ALONE]: '1' } }).status ?? 1;
}
