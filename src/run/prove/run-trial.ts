import type { Drill } from '../../config/drill-file.ts';
import type { ProofEntry, RunRecord } from '../../record/run-record.ts';
import { withoutRecording } from '../../record/without-recording.ts';
import { adviseOn, FINGERPRINT_ADVICE } from '../../verify/prove/advise.ts';
import { type CopyDescription, describeCopy } from '../../verify/prove/describe-copy.ts';
import type { DrillRequest, DrillServices } from '../contract.ts';
import { judgeTrial } from './judge-trial.ts';
import { CHANGES_DATA, type Trial } from './trial.ts';

export interface TrialContext {
  readonly request: DrillRequest;
  readonly services: DrillServices;
  readonly runDrill: (request: DrillRequest, services: DrillServices) => Promise<RunRecord>;
  /** Key of the backup that is damaged. */
  readonly key: string;
  readonly takenAt: Date;
  readonly identity: DrillRequest['as'];
  /** The restored copy of the undamaged backup; undefined: not known. */
  readonly undamaged: CopyDescription | undefined;
  /** Interrupts the trial, in addition to the request's own signal. */
  readonly limit: AbortSignal | undefined;
}

/**
 * Runs the drill on the backup with one fault injected, as `firedrill run` would, in a sandbox of its own. The run is not recorded, and sends no alerts or
 * pings. @returns no entry when it was interrupted. Throws what {@link TrialContext.runDrill} throws.
 */
export async function runTrial(
  trial: Trial,
  ctx: TrialContext,
): Promise<{ readonly entry: ProofEntry | undefined; readonly run: RunRecord }> {
  let copy: CopyDescription | 'unreadable' | undefined;
  const compares = CHANGES_DATA.has(trial.kind) && ctx.undamaged !== undefined;
  const request: DrillRequest = {
    ...requestOf(trial, ctx),
    ...(compares
      ? {
          onPassed: async ({ server, ...restored }) => {
            copy = await describeCopy(server, restored).catch(() => {
              restored.signal.throwIfAborted();
              return 'unreadable'; // no check reads this far: a real drill would have passed
            });
          },
        }
      : {}),
  };
  const run = await ctx.runDrill(request, servicesOf(trial, ctx));
  return { run, entry: run.status === 'interrupted' ? undefined : describe(trial, run, copy, ctx) };
}

function describe(
  { kind, words: damage }: Trial,
  run: RunRecord,
  copy: CopyDescription | 'unreadable' | undefined,
  { undamaged, takenAt }: TrialContext,
): ProofEntry {
  const found = judgeTrial(kind, run);
  if (found.kind === 'caught') return { kind, damage, caughtBy: found.by, advice: undefined };
  if (found.kind === 'unclear') return { kind, damage, caughtBy: [], advice: undefined, skipped: found.why };
  if (found.why !== undefined) return { kind, damage: `${damage}: ${found.why}`, caughtBy: [], advice: undefined };
  if (copy === 'unreadable') return { kind, damage, caughtBy: [], advice: FINGERPRINT_ADVICE };
  if (!copy || !undamaged) {
    const skipped = kind === 'flip' ? NOT_COMPARABLE : undefined; // it may be in bytes that nothing restores
    return { kind, damage, caughtBy: [], advice: undefined, ...(skipped !== undefined && { skipped }) };
  }
  const advice = adviseOn(copy, undamaged, { takenAt, mayBeStale: kind === 'stale' });
  if (advice !== undefined) return { kind, damage, caughtBy: [], advice };
  return { kind, damage, caughtBy: [], advice: undefined, skipped: 'the restored data is the same' };
}

const NOT_COMPARABLE = 'no check fails, and it cannot be told whether the restored data differs';

function requestOf({ kind }: Trial, { request, key, identity, limit }: TrialContext): DrillRequest {
  return {
    drill: trialDrill(request.drill, key, kind === 'slow-source'),
    triggeredBy: request.triggeredBy,
    trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
    due: undefined,
    runtime: request.runtime,
    as: identity,
    keep: { ms: undefined, limitMs: 0 },
    emit: () => undefined,
    interrupt: limit ? AbortSignal.any([request.interrupt, limit]) : request.interrupt,
  };
}

/** The drill on the same backup, without its other questions to the store. The deadline is extended so that simulated time does not exceed it. */
function trialDrill(drill: Drill, key: string, isSlowed: boolean): Drill {
  const { asOf: _, immutable: __, ...backup } = drill.backup;
  const { rtoMs, deadlineMs } = drill.objectives;
  return {
    ...drill,
    heartbeat: undefined,
    proveEveryMs: undefined,
    backup: { ...backup, select: { by: 'key', key } },
    objectives: { ...drill.objectives, deadlineMs: isSlowed ? deadlineMs + 4 * rtoMs : deadlineMs },
  };
}

function servicesOf({ source, keys, clock }: Trial, { services, request }: TrialContext): DrillServices {
  const log = request.drill.backup.log?.source;
  return {
    ...services,
    store: withoutRecording(services.store),
    clock: clock ?? services.clock,
    openSource: async (spec) => {
      const opened = await services.openSource(spec);
      return source && spec !== log ? source(opened) : opened;
    },
    keysOf: (drill, options) => {
      const own = services.keysOf(drill, options);
      return keys ? keys(own) : own;
    },
  };
}
