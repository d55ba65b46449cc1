import type { TransferMeter } from '../backup/content.ts';
import type { LoadOutcome, Server, StagedBackup } from '../engines/engine.ts';
import type { Plan } from '../plan/plan.ts';
import type { Clock } from '../support/clock.ts';
import type { Run } from './claimed-run.ts';
import { computeProgress } from './progress.ts';
import { RecentBytes } from './recent-bytes.ts';
import type { Phases } from './stage-phases.ts';

/** Minimum interval between progress events; faster ones cannot be read. */
const PROGRESS_EVERY_MS = 200;
/** Interval at which progress is reported even when the engine is silent, to show a stall. */
const BEAT_MS = 1000;

/**
 * Moves the backup into the server and seals it: when this returns, the data is loaded and durable.
 * Progress is reported at most five times a second, and once a second when there is none.
 */
export async function restore(options: {
  readonly run: Run;
  readonly phases: Phases;
  readonly plan: Plan;
  readonly server: Server;
  readonly staging: Promise<StagedBackup>;
  readonly meter: TransferMeter;
  readonly clock: Clock;
}): Promise<LoadOutcome> {
  const { run, phases, plan, server, staging, meter, clock } = options;
  const { signal } = run;
  const startedMs = clock.monotonicMs();
  const recent = new RecentBytes();
  let last: { readonly doing: string; readonly ratio: number | undefined } = { doing: 'fetching', ratio: undefined };
  let toldMs = Number.NEGATIVE_INFINITY;
  let toldDoing = '';
  const tell = (doing: string, ratio: number | undefined) => {
    const nowMs = clock.monotonicMs();
    const { bytesRead } = meter;
    last = { doing, ratio };
    run.state.progress = computeProgress({
      load: { doing, ratio, bytesRead },
      totalBytes: run.backup().sizeBytes,
      elapsedMs: nowMs - startedMs,
      recently: recent.read({ atMs: nowMs, bytesRead, ratio }),
      usualBytesPerSecond: run.baseline?.medianRestoreBytesPerSecond,
    });
    if (nowMs - toldMs < PROGRESS_EVERY_MS && doing === toldDoing) return;
    toldMs = nowMs;
    toldDoing = doing;
    run.emit({ type: 'progress', stage: 'restore', progress: run.state.progress });
  };

  using _beat = tellEachSecond(() => tell(last.doing, last.ratio), signal);
  tell('fetching', undefined);
  phases.enter('fetch');
  const staged = await staging;
  phases.enter('load');
  const outcome = await staged.load(server, {
    jobs: plan.jobs,
    database: run.drill.engine.database,
    completionLine: run.drill.engine.completionLine,
    ignoreErrors: run.drill.restore.ignoreErrors.map((pattern) => new RegExp(pattern)),
    onProgress: ({ doing, ratio, phase = 'load' }) => {
      phases.enter(phase);
      tell(doing, ratio);
    },
    signal,
  });
  for (const line of outcome.errors) run.log.add('error', line);
  for (const warning of outcome.warnings) run.warn(warning);
  tell('sealing', 1);
  phases.enter('seal');
  await server.seal(signal);
  return outcome;
}

/** Runs until it is disposed of or the run is canceled, so that a hanging engine is no longer reported on. */
function tellEachSecond(tell: () => void, signal: AbortSignal): Disposable {
  const timer = setInterval(tell, BEAT_MS);
  timer.unref();
  const stop = () => clearInterval(timer);
  signal.addEventListener('abort', stop, { once: true });
  return { [Symbol.dispose]: stop };
}
