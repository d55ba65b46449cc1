import type { TransferMeter } from '../backup/content.ts';
import type { LoadOutcome, Server, StagedBackup } from '../engines/engine.ts';
import type { Run } from '../flow/begin-run.ts';
import type { Plan } from '../plan/plan.ts';
import type { Clock } from '../support/clock.ts';
import { computeProgress } from './progress.ts';

/** More often than this nobody can read it. */
const PROGRESS_EVERY_MS = 200;

/**
 * Moves the backup into the server and seals it: when this returns, the data is loaded and durable.
 * Progress is told as it comes, at most five times a second.
 */
export async function restore(options: {
  readonly run: Run;
  readonly plan: Plan;
  readonly server: Server;
  readonly staging: Promise<StagedBackup>;
  readonly meter: TransferMeter;
  readonly clock: Clock;
}): Promise<LoadOutcome> {
  const { run, plan, server, staging, meter, clock } = options;
  const { signal } = run;
  const startedMs = clock.monotonicMs();
  let toldMs = Number.NEGATIVE_INFINITY;
  let toldDoing = '';
  const tell = (doing: string, ratio: number | undefined) => {
    const nowMs = clock.monotonicMs();
    run.seen.progress = computeProgress({
      load: { doing, ratio, bytesRead: meter.bytesRead },
      totalBytes: run.backup().sizeBytes,
      elapsedMs: nowMs - startedMs,
      usualBytesPerSecond: run.baseline?.medianRestoreBytesPerSecond,
    });
    if (nowMs - toldMs < PROGRESS_EVERY_MS && doing === toldDoing) return;
    toldMs = nowMs;
    toldDoing = doing;
    run.emit({ type: 'progress', stage: 'restore', progress: run.seen.progress });
  };

  tell('fetching', undefined);
  const staged = await staging;
  const outcome = await staged.load(server, {
    jobs: plan.jobs,
    database: run.drill.engine.database,
    completionLine: run.drill.engine.completionLine,
    ignoreErrors: run.drill.restore.ignoreErrors.map((pattern) => new RegExp(pattern)),
    onProgress: ({ doing, ratio }) => tell(doing, ratio),
    signal,
  });
  for (const line of outcome.errors) run.log.add('error', line);
  for (const warning of outcome.warnings) run.warn(warning);
  tell('sealing', 1);
  await server.seal(signal);
  return outcome;
}
