import type { ChecksumWatch } from '../backup/checksums/checksum-watch.ts';
import type { TransferMeter } from '../backup/content.ts';
import type { Drill } from '../config/drill-file.ts';
import type { LoadOutcome, LoadPhase, LoadProgress, Server } from '../engines/engine.ts';
import type { Phases, Recovery, Restoration, Restored } from '../engines/format.ts';
import type { Plan } from '../plan/plan.ts';
import { formatCount } from '../support/quantities.ts';
import type { StageContext } from './contract.ts';
import { type Activity, computeProgress, countedOf } from './progress.ts';
import { RecentBytes } from './recent-bytes.ts';

/** Minimum interval between progress events; faster ones cannot be read. */
const PROGRESS_EVERY_MS = 200;
/** Interval at which progress is reported even when the engine is silent, to show a stall. */
const BEAT_MS = 1000;

const NO_REPOSITORY =
  '`restore.repository` has no effect: the backup is not in a repository that a tool of its own restores from';

export interface RestoreInput {
  readonly drill: Pick<Drill, 'engine' | 'restore'>;
  readonly plan: Plan;
  readonly restoration: Restoration;
  readonly recovery: Recovery;
  readonly onBooted: (server: Server) => void;
  /** Counts what has been read of the backup, out of `totalBytes`. */
  readonly meter: TransferMeter;
  readonly totalBytes: number;
  readonly checksums: Pick<ChecksumWatch, 'conclude'>;
}

/**
 * Lets the format restore the backup: when this returns, the data is loaded and durable.
 * Progress is reported at most five times a second, and once a second when there is none.
 */
export async function restore(input: RestoreInput, ctx: StageContext): Promise<Restored> {
  const { drill, plan, restoration, onBooted } = input;
  const { signal, emit, phases } = ctx;
  const tell = createTeller(input, ctx);
  using _beat = tellEachSecond(() => tell(), signal);
  tell(FETCHING);
  const enter = countWork(input.meter, phases);
  let isAccessChosen = false;
  const restored = await restoration.run({
    recovery: input.recovery,
    jobs: plan.jobs,
    database: drill.engine.database,
    ...(drill.restore.completionLine && { completionLine: drill.restore.completionLine }),
    ignoreErrors: drill.restore.ignoreErrors.map((pattern) => new RegExp(pattern)),
    repositoryAccess: drill.restore.repository,
    snapshot: drill.restore.snapshot,
    onAccess: (how) => {
      isAccessChosen = true;
      emit({ type: 'access-chosen', how });
    },
    onReplaying: (soFar) => emit({ type: 'replaying', soFar }),
    onProgress: ({ doing, ratio, step, waitingShare, phase = 'load', covers = [phase] }) => {
      enter(phase, step);
      // the step that makes everything durable reads nothing of the backup
      tell({
        doing,
        ratio,
        phase,
        covers,
        ...(waitingShare && { waitingShare }),
        ...(step ? { step } : phase === 'seal' && { step: 'unknown' as const }),
      });
    },
    onLoaded: ({ errors, warnings }: LoadOutcome) => {
      for (const message of errors) emit({ type: 'restore-error', message });
      for (const message of warnings) emit({ type: 'warning', message });
    },
    onBooted: (server) => {
      emit({ type: 'server-started', version: server.version });
      onBooted(server);
    },
    phases,
    signal,
  });
  concludeChecksums(input.checksums, ctx);
  await verifyInventory(restored.server, ctx);
  enter(undefined);
  const { replayed } = restored.outcome;
  if (replayed) emit({ type: 'log', level: 'info', message: `recovered to ${replayed.summary}` });
  if (drill.restore.repository && !isAccessChosen) emit({ type: 'warning', message: NO_REPOSITORY });
  emit({ type: 'restored', load: restored.outcome });
  return restored;
}

/** What was restored must be what the checksums next to the backup are of, even if the format did not read its last bytes. */
function concludeChecksums(checksums: RestoreInput['checksums'], { emit }: StageContext): void {
  const { matched, warnings } = checksums.conclude();
  if (matched.length > 0) emit({ type: 'checksums-matched', matched });
  for (const message of warnings) emit({ type: 'warning', message });
}

/** Everything that the backup lists must exist, whatever the drill checks. */
async function verifyInventory(server: Server, { signal, emit }: StageContext): Promise<void> {
  const inventory = await server.verifyInventory?.(signal);
  if (!inventory) return;
  const { of, listed, read } = inventory;
  emit({
    type: 'log',
    level: 'info',
    message: `${of} listed in the backup: ${formatCount(listed)}, all restored; ${formatCount(read)} read`,
  });
}

/** Steps that read nothing of the backup: they report what they have processed themselves. */
const OF_THEIR_OWN: ReadonlySet<LoadPhase> = new Set<LoadPhase>(['verify', 'replay']);

/** @returns a function that enters a step, and counts how much each one processed: usually what was read of the backup meanwhile. */
function countWork(
  meter: TransferMeter,
  phases: Phases,
): (phase: LoadPhase | undefined, step?: LoadProgress['step']) => void {
  let last: LoadPhase | undefined;
  let read = meter.bytesRead;
  let done = 0;
  return (phase, step) => {
    if (phase !== last) {
      if (last && !OF_THEIR_OWN.has(last)) phases.count(last, meter.bytesRead - read);
      if (last) read = meter.bytesRead;
      done = 0;
      last = phase;
    }
    if (!phase) return;
    phases.enter(phase);
    if (!OF_THEIR_OWN.has(phase) || typeof step !== 'object') return;
    phases.count(phase, step.done - (step.done < done ? 0 : done)); // the next one begins
    done = step.done;
  };
}

const FETCHING: Activity = { doing: 'fetching', phase: 'fetch', covers: ['fetch'], ratio: undefined };

/** @returns a function that reports progress; called without an argument, it repeats the last activity. */
function createTeller({ meter, totalBytes }: RestoreInput, { clock, emit }: StageContext) {
  let recent = new RecentBytes();
  let last = FETCHING;
  let toldMs = Number.NEGATIVE_INFINITY;
  let toldDoing = '';
  return (activity: Activity = last) => {
    const { doing, ratio, phase, step } = activity;
    if ((step === undefined) !== (last.step === undefined) || (step && phase !== last.phase))
      recent = new RecentBytes();
    last = activity;
    const nowMs = clock.monotonicMs();
    const bytesRead = meter.bytesRead - (meter.bytesBefore ?? 0);
    const { done } = countedOf({ activity, bytesRead, totalBytes });
    const recently = recent.read({ atMs: nowMs, bytesRead: done, ratio });
    if (nowMs - toldMs < PROGRESS_EVERY_MS && doing === toldDoing) return;
    toldMs = nowMs;
    toldDoing = doing;
    const progress = computeProgress({
      activity,
      bytesRead,
      bytesWaiting: meter.bytesWaiting ?? 0,
      totalBytes,
      recently,
    });
    emit({ type: 'progress', stage: 'restore', progress });
  };
}

/** Runs until it is disposed of or the run is canceled, so that nothing more is reported about a hanging engine. */
function tellEachSecond(tell: () => void, signal: AbortSignal): Disposable {
  const timer = setInterval(tell, BEAT_MS);
  timer.unref();
  const stop = () => clearInterval(timer);
  signal.addEventListener('abort', stop, { once: true });
  return { [Symbol.dispose]: stop };
}
