import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { type EtaErrors, etaErrorsOf, type PredictedAt } from './eta-errors.ts';

const bin = fileURLToPath(new URL('../../../bin/firedrill.mjs', import.meta.url));

const eventSchema = z.looseObject({ type: z.string(), stage: z.string().optional() });
const predictedSchema = z.object({
  type: z.literal('predicted'),
  prediction: z.object({ elapsedMs: z.number(), finish: z.object({ likelyMs: z.number() }).optional() }),
});
const endSchema = z.object({
  type: z.literal('run-ended'),
  sentence: z.string(),
  run: z.object({
    verdict: z.string().optional(),
    recoveryTimeMs: z.number().optional(),
    checks: z.array(z.object({ name: z.string(), durationMs: z.number() })),
    stages: z.array(
      z.object({
        name: z.string(),
        durationMs: z.number(),
        phases: z.array(z.object({ name: z.string(), durationMs: z.number() })),
      }),
    ),
  }),
});

export interface Measured {
  readonly wallS: number;
  readonly stageS: Readonly<Record<string, number>>;
  /** Steps of the restore stage; they may overlap. */
  readonly phaseS: Readonly<Record<string, number>>;
  /** By the names of the checks. */
  readonly checkS: Readonly<Record<string, number>>;
  /** CPU time of its process, as of its last line of output. */
  readonly cpuS: number;
  /** CPU time of everything on this machine during the restore stage. */
  readonly machineS: number;
  readonly peakMB: number;
  /** The errors of the time left that it displayed. */
  readonly etaErrors: EtaErrors;
  /** Its events as lines of JSON. */
  readonly lines: readonly string[];
}

/** One complete `firedrill run --json`, as a separate process; its peak memory is counted by the kernel. @throws when it does not pass. */
export async function measureFiredrill(drillFile: string, env: Record<string, string>): Promise<Measured> {
  const startedMs = performance.now();
  const child = execa(process.execPath, [bin, 'run', drillFile, '--runtime', 'docker', '--json'], {
    env,
    buffer: false,
    reject: false,
  });
  let peakMB = 0;
  let cpuS = 0;
  let machineS = 0;
  let end: z.infer<typeof endSchema> | undefined;
  let last = '';
  const lines: string[] = [];
  const predictions: PredictedAt[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    lines.push(line);
    const event = eventSchema.parse(JSON.parse(line));
    if (event.type === 'predicted') {
      const { elapsedMs, finish } = predictedSchema.parse(event).prediction;
      predictions.push({ elapsedMs, likelyMs: finish?.likelyMs });
    }
    peakMB = Math.max(peakMB, await readPeakMB(child.pid));
    cpuS = Math.max(cpuS, await readCpuS(child.pid));
    if (event.type === 'stage-started' && event.stage === 'restore') machineS -= await readMachineS();
    if (event.type === 'stage-ended' && event.stage === 'restore') machineS += await readMachineS();
    if (event.type !== 'run-ended') continue;
    end = endSchema.parse(event);
  }
  await child;
  const wallS = (performance.now() - startedMs) / 1000;
  if (end?.run.verdict !== 'passed') throw new Error(`the drill did not pass: ${end?.sentence ?? last}`);
  return {
    ...{ wallS, peakMB, cpuS, machineS, lines },
    etaErrors: etaErrorsOf(predictions, end.run.recoveryTimeMs ?? 0),
    phaseS: Object.fromEntries(
      end.run.stages
        .filter(({ name }) => name === 'restore')
        .flatMap(({ phases }) => phases.map(({ name, durationMs }) => [name, durationMs / 1000])),
    ),
    checkS: Object.fromEntries(end.run.checks.map(({ name, durationMs }) => [name, durationMs / 1000])),
    stageS: Object.fromEntries(end.run.stages.map(({ name, durationMs }) => [name, durationMs / 1000])),
  };
}

/** VmHWM, see proc_pid_status(5): the largest resident set that the process has had so far; 0 once it has ended. */
async function readPeakMB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024) / 1e6;
}

/** User and system time, see proc_pid_stat(5), in ticks of 10 ms; 0 once it has ended. */
async function readCpuS(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** In use since boot by all processors, see proc_stat(5): all but idle and iowait, in ticks of 10 ms. */
export async function readMachineS(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / 100;
}
