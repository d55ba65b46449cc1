import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
/** Set when this process already has its own network and processes. */
const IS_ALONE = 'FLEET_BENCH_ALONE';
/** Open for as long as the process that started this one lives and is not interrupted. */
const LIFELINE = 3;
const INTERRUPTED = 130;
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
    process.exitCode = await runAlone(argv);
    return;
  }
  endWithParent();
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

/**
 * In a network, a directory and a process table of its own: however it ends, the kernel ends all processes that it has started.
 * @returns the exit code.
 */
async function runAlone(argv: readonly string[]): Promise<number> {
  const bench = fileURLToPath(new URL('../bench.ts', import.meta.url));
  const own = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const start = [...own, 'sh', '-c', OWN_NETWORK, 'sh', process.execPath, bench, 'fleet', ...argv];
  const directory = mkdtempSync(join(tmpdir(), 'fb-')); // short, because paths of sockets are
  chmodSync(directory, 0o711); // a server of another user needs access to it
  const child = spawn('unshare', start, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [IS_ALONE]: '1', TMPDIR: directory },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.stdio[LIFELINE]?.destroy());
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As the first process of its table it would ignore signals. */
function endWithParent(): void {
  const lifeline = new Socket({ fd: LIFELINE, readable: true, writable: false });
  lifeline.once('close', () => process.exit(INTERRUPTED));
  lifeline.resume().unref();
}
