import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firedrill, TEST_IMAGES } from '../support/cli.ts';
import type { ShownRun } from '../support/cli-drill.ts';
import { findLeftovers } from '../support/leak-check.ts';
import { STEP_TIMEOUT_MS } from '../support/timeouts.ts';
import type { BackupFiles } from './backup-files.ts';
import { writeFiles } from './backup-files.ts';

/** A drill file without its source and name. */
export interface DrillSpec {
  readonly match: string;
  readonly takenAt?: string;
  readonly engine: Readonly<Record<string, unknown>>;
  readonly checks: readonly unknown[];
  readonly objectives?: Readonly<Record<string, unknown>>;
  readonly restore?: Readonly<Record<string, unknown>>;
  readonly runtime: 'docker' | 'local';
}

export interface DrillOutcome {
  /** `hung`: it had to be stopped; `crashed`: no run was recorded as ended. */
  readonly verdict: 'passed' | 'failed' | 'errored' | 'hung' | 'crashed';
  readonly run: ShownRun | undefined;
  /** Everything that was printed. */
  readonly printed: string;
  /** What the run left behind on this machine. */
  readonly leaks: readonly string[];
  readonly tookMs: number;
}

/** Drills one backup through the real command line, in this process, and checks what it leaves behind. */
export async function drillBackup(put: (directory: string) => Promise<void>, spec: DrillSpec): Promise<DrillOutcome> {
  const work = await mkdtemp(join(tmpdir(), 'field-drill-'));
  const startedAt = performance.now();
  try {
    await chmod(work, 0o711);
    const backups = join(work, 'backups');
    await mkdir(backups);
    await put(backups);
    await writeFile(
      join(work, 'firedrill.yaml'),
      JSON.stringify({ store: 'history.db', sandbox: { memory: '1g' }, images: TEST_IMAGES }),
    );
    await writeFile(join(work, 'drill.yaml'), JSON.stringify(drillFile(spec)));
    const patience = AbortSignal.timeout(STEP_TIMEOUT_MS);
    const options = { cwd: work, interrupt: patience };
    const { stdout, stderr } = await firedrill(['run', 'drill.yaml', '--runtime', spec.runtime], options);
    const history = await firedrill(['history', '--json'], { cwd: work });
    const run = readRun(history.stdout);
    const leaks = run ? await leaksOf(run.id, spec.runtime) : [];
    const verdict = patience.aborted ? 'hung' : verdictOf(run);
    return { verdict, run, printed: `${stdout}${stderr}`, leaks, tookMs: performance.now() - startedAt };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export function putFiles(files: BackupFiles): (directory: string) => Promise<void> {
  return (directory) => writeFiles(directory, files);
}

function drillFile({ match, takenAt, engine, checks, objectives = { rto: '30m' }, restore }: DrillSpec) {
  return {
    name: 'field',
    backup: { source: './backups', match, ...(takenAt === undefined ? {} : { takenAt }) },
    engine,
    objectives,
    ...(restore === undefined ? {} : { restore }),
    checks,
  };
}

function readRun(lines: string): ShownRun | undefined {
  const [first] = lines.split('\n').filter(Boolean);
  return first === undefined ? undefined : (JSON.parse(first) as ShownRun);
}

function verdictOf(run: ShownRun | undefined): DrillOutcome['verdict'] {
  if (run === undefined || run.endedAt === undefined) return 'crashed';
  if (run.status === 'completed') return run.verdict ?? 'crashed';
  return run.status === 'errored' ? 'errored' : 'crashed';
}

/** Files of other runs in progress at the same time belong to those. */
async function leaksOf(runId: string, runtime: 'docker' | 'local'): Promise<readonly string[]> {
  const scope = { temporary: tmpdir(), runIds: [runId], drills: [], docker: runtime === 'docker' };
  return (await findLeftovers(scope)).filter((line) => !line.startsWith('file ') && !/^process /.test(line));
}
