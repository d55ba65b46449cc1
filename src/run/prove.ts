import type { ProofRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import { asDrillError, DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';
import { limitTime } from '../support/time-limit.ts';
import { proveChecks } from '../verify/prove/prove-checks.ts';
import { runChecks, turnOf } from '../verify/run-checks.ts';
import { openSessionPool } from '../verify/session-pool.ts';
import type { DrillRequest, StageContext } from './contract.ts';
import { isProofDue } from './proof-due.ts';
import { checkOptions, type VerifyInput } from './verify.ts';

type ProofContext = Pick<StageContext, 'signal' | 'clock' | 'emit'>;

/**
 * Proves the checks when it was asked for, or when a scheduled run is due to. The latter must not hold up other runs: it is given up at the run's
 * deadline. @param remainingMs until that. @throws the signal's reason.
 */
export async function proveWhenDue(
  request: Pick<DrillRequest, 'drill' | 'prove' | 'trigger'>,
  { store, ...input }: VerifyInput & { readonly store: VerifyInput['store'] & Pick<Store, 'findProofs'> },
  ctx: ProofContext & { readonly remainingMs: number },
): Promise<void> {
  if (request.prove) return await prove({ ...input, store }, ctx);
  if (!(await isDue(request, store, ctx))) return;
  const explain = () => new Error(`the proof was not over after ${formatDuration(ctx.remainingMs)}`);
  using limit = limitTime(ctx.remainingMs, explain, ctx.signal);
  await prove({ ...input, store }, ctx, limit.signal);
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
 * Tries the drill's checks on damage to the restored copy, which is rolled back, and reports what they catch. A failure is a warning: recovery was
 * judged before. @throws the signal's reason.
 */
async function prove(input: VerifyInput, ctx: ProofContext, limit: AbortSignal | undefined = undefined): Promise<void> {
  const signal = limit ?? ctx.signal;
  try {
    await requireUnchanged(input, { ...ctx, signal });
    ctx.emit({ type: 'proven', proof: await proveDamage(input, { ...ctx, signal }) });
  } catch (thrown) {
    ctx.signal.throwIfAborted();
    if (limit?.aborted) {
      const over =
        'the checks could not be proven before the deadline of the run; prove them by hand: `firedrill prove`';
      return ctx.emit({ type: 'warning', message: over });
    }
    const { code, message } = asDrillError(thrown, 'verify');
    ctx.emit({ type: 'warning', message: `the checks could not be proven: ${code}: ${message}` });
  }
}

/**
 * An application that a check has started may have changed the copy since. Checks that no longer pass would seem to catch every damage.
 * @throws DrillError `check-malformed` when one does not.
 */
async function requireUnchanged(input: VerifyInput, ctx: ProofContext): Promise<void> {
  const { drill, restore, server, database, cpus } = input;
  const others = drill.checks.filter((check) => turnOf(check, restore) !== 'last');
  if (others.length === drill.checks.length) return;
  await using pool = openSessionPool(server, { defaultDatabase: database, cpus, signal: ctx.signal });
  const changed = (await runChecks(pool, others, checkOptions(input, ctx))).find(({ passed }) => !passed);
  if (!changed) return;
  throw new DrillError('check-malformed', `the application has changed what check '${changed.name}' looks at`, {
    hint: 'Set `access: read` in the check that starts it, if the application can boot with it.',
  });
}

function proveDamage(input: VerifyInput, ctx: ProofContext): Promise<ProofRecord> {
  const { drill, server, database } = input;
  return proveChecks({
    ...checkOptions(input, ctx),
    server,
    database,
    checks: drill.checks,
    onTrial: ({ damage, caughtBy }) => {
      const outcome = caughtBy.length > 0 ? `caught by ${caughtBy.join(', ')}` : 'not caught';
      ctx.emit({ type: 'log', level: 'info', message: `proof: ${damage}: ${outcome}` });
    },
  });
}
