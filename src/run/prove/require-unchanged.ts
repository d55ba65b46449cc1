import { DrillError } from '../../support/errors.ts';
import { runChecks, turnOf } from '../../verify/run-checks.ts';
import { openSessionPool } from '../../verify/session-pool.ts';
import type { StageContext } from '../contract.ts';
import { checkOptions, type VerifyInput } from '../verify.ts';

/**
 * Verifies that the checks still pass: an application that a check has started may have changed the copy, and checks that no longer pass would seem to catch
 * every damage.
 * @throws DrillError `check-malformed` when one does not.
 */
export async function requireUnchanged(
  input: VerifyInput,
  ctx: Pick<StageContext, 'signal' | 'clock' | 'emit'>,
): Promise<void> {
  const { drill, restore, server, database, cpus } = input;
  const others = drill.checks.filter((check) => turnOf(check, restore) !== 'last');
  if (others.length === drill.checks.length) return;
  await using pool = openSessionPool(server, { defaultDatabase: database, cpus, signal: ctx.signal });
  const changed = (await runChecks(pool, others, checkOptions(input, ctx))).find(({ passed }) => !passed);
  if (!changed) return;
  throw new DrillError('check-malformed', `the application has changed what check '${changed.name}' looks at`, {
    hint: 'Set `access: read` in the check that starts it, if the application can start with it.',
  });
}
