import { describeTrial } from '../../record/proof-view.ts';
import type { ProofEntry, ProofRecord } from '../../record/run-record.ts';
import type { Store } from '../../record/store.ts';
import { withoutRecording } from '../../record/without-recording.ts';
import { asDrillError } from '../../support/errors.ts';
import { formatDuration } from '../../support/quantities.ts';
import { limitTime } from '../../support/time-limit.ts';
import { DATA_DAMAGES } from '../../support/vocabulary.ts';
import { type CopyDescription, describeCopy, isComparable } from '../../verify/prove/describe-copy.ts';
import { proveChecks } from '../../verify/prove/prove-checks.ts';
import type { DrillRequest, ProveRequest, StageContext } from '../contract.ts';
import { checkOptions, type VerifyInput } from '../verify.ts';
import { isProofDue } from './proof-due.ts';
import { scheduledProof } from './prove-request.ts';
import { requireUnchanged } from './require-unchanged.ts';
import { CHANGES_DATA, INTERRUPTED } from './trial.ts';

type ProofContext = Pick<StageContext, 'signal' | 'clock' | 'emit'>;
type ProofInput = VerifyInput & { readonly store: Store };

/** Results of the trials on the restored copy. */
export interface CopyProof {
  readonly asked: ProveRequest;
  readonly entries: readonly ProofEntry[];
  /** The drill's proof before this one; undefined: there was none. */
  readonly before: ProofRecord | undefined;
  /** The undamaged copy, to compare copies of damaged backups with; undefined: no comparison is needed. */
  readonly undamaged: CopyDescription | undefined;
  /** Whether a user ended it before everything was tried. */
  readonly isInterrupted: boolean;
}

/**
 * Proves the checks on the restored copy when asked to, or when a scheduled run is due for a proof. The latter must not hold up other runs, so it is abandoned
 * at the run's deadline. @param remainingMs until that deadline. @returns undefined when there was no proof. Never throws: the verdict is already known, and
 * does not change.
 */
export async function proveWhenDue(
  request: Pick<DrillRequest, 'drill' | 'prove' | 'trigger'>,
  input: ProofInput,
  ctx: ProofContext & { readonly remainingMs: number },
): Promise<CopyProof | undefined> {
  if (request.prove) return await prove(request.prove, input, ctx);
  if (!(await isDue(request, input.store, ctx))) return undefined;
  const explain = () => new Error(`the proof had not finished after ${formatDuration(ctx.remainingMs)}`);
  using limit = limitTime(ctx.remainingMs, explain, ctx.signal);
  const startedMs = ctx.clock.monotonicMs();
  const proof = await prove(scheduledProof(ctx.remainingMs), input, ctx, limit.signal);
  const leftMs = ctx.remainingMs - (ctx.clock.monotonicMs() - startedMs);
  return proof && { ...proof, asked: scheduledProof(Math.max(0, leftMs)) };
}

/** A history that cannot be read is no reason to end a run that has passed. */
async function isDue(
  { drill, trigger }: Pick<DrillRequest, 'drill' | 'trigger'>,
  store: Pick<Store, 'findProofs'>,
  { clock, emit }: ProofContext,
): Promise<boolean> {
  if (!isProofDue(drill, trigger, undefined, clock.now())) return false;
  try {
    const last = (await store.findProofs()).find((one) => one.drill === drill.name);
    return isProofDue(drill, trigger, last, clock.now());
  } catch (thrown) {
    emit({ type: 'warning', message: `the checks were not proven: ${asDrillError(thrown).message}` });
    return false;
  }
}

/**
 * Tries the drill's checks on damage to the restored copy, which is rolled back, and reports what they catch. A failure is only a warning, because recovery has
 * already been judged. Trials completed within the limit count, so that a drill which never has enough time is not tried again every night.
 */
async function prove(
  asked: ProveRequest,
  input: ProofInput,
  ctx: ProofContext,
  limit: AbortSignal | undefined = undefined,
): Promise<CopyProof | undefined> {
  const signal = limit ?? ctx.signal;
  const entries: ProofEntry[] = [];
  try {
    await requireUnchanged(input, { ...ctx, signal });
    await proveDamage(asked, input, { ...ctx, signal }, (entry) => entries.push(entry));
    const undamaged = await describe(asked, input, signal);
    return { asked, entries, before: await findLastProof(input), undamaged, isInterrupted: false };
  } catch (thrown) {
    if (ctx.signal.aborted) {
      const left = { damage: FURTHER, caughtBy: [], advice: undefined, skipped: INTERRUPTED };
      return { asked, entries: [...entries, left], before: undefined, undamaged: undefined, isInterrupted: true };
    }
    const error = asDrillError(thrown, 'verify');
    const why = limit?.aborted ? OVER : `${error.code}: ${error.message}`;
    ctx.emit({ type: 'warning', message: `not every check could be proven: ${why}` });
    if (!limit?.aborted) return undefined;
    const left = { damage: FURTHER, caughtBy: [], advice: undefined, skipped: NO_TIME };
    const before = await findLastProof(input);
    return { asked, entries: [...entries, left], before, undamaged: undefined, isInterrupted: false };
  }
}

const FURTHER = 'further damage to the restored copy';
const NO_TIME = 'no time left before the deadline of the run';
const NO_SQL =
  'only a database that is read by SQL can be damaged and rolled back; what is read of the backup is damaged instead';
const OVER = 'it would have taken longer than the deadline of the run; prove them by hand: `firedrill prove`';

/** Describes the undamaged copy if damaged ones are to be compared with it. */
async function describe(
  { kinds }: ProveRequest,
  { server, database, takenAt, cpus }: ProofInput,
  signal: AbortSignal,
): Promise<CopyDescription | undefined> {
  if (![...CHANGES_DATA].some((kind) => kinds.has(kind)) || !isComparable(server)) return undefined;
  return await describeCopy(server, { database, takenAt, cpus, signal });
}

/** A history that cannot be read is no reason to lose a proof. */
async function findLastProof({ drill, store }: ProofInput): Promise<ProofRecord | undefined> {
  const proofs = await store.findProofs().catch(() => []);
  return proofs.find((one) => one.drill === drill.name)?.proof;
}

async function proveDamage(
  { kinds }: ProveRequest,
  { store, ...input }: ProofInput,
  ctx: ProofContext,
  onTrial: (entry: ProofEntry) => void,
): Promise<void> {
  if (!DATA_DAMAGES.some((kind) => kinds.has(kind))) return;
  const { drill, server, database } = input;
  if (!server.sql)
    return onTrial({ damage: 'damage to the restored copy', caughtBy: [], advice: undefined, skipped: NO_SQL });
  await proveChecks({
    ...checkOptions({ ...input, store: withoutRecording(store) }, ctx),
    server,
    database,
    kinds,
    checks: drill.checks,
    onTrial: (entry) => {
      onTrial(entry);
      ctx.emit({ type: 'log', level: 'info', message: `proof: ${entry.damage}: ${describeTrial(entry)}` });
    },
  });
}
