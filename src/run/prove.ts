import type { ProofRecord } from '../record/run-record.ts';
import { asDrillError } from '../support/errors.ts';
import { proveChecks } from '../verify/prove/prove-checks.ts';
import type { StageContext } from './contract.ts';
import { checkOptions, type VerifyInput } from './verify.ts';

type ProofContext = Pick<StageContext, 'signal' | 'clock' | 'emit'>;

/**
 * Tries the drill's checks on damage to the restored copy, which is rolled back, and reports what they catch. A failure is a warning: recovery was
 * judged before. @throws the signal's reason.
 */
export async function prove(input: VerifyInput, ctx: Pick<StageContext, 'signal' | 'clock' | 'emit'>): Promise<void> {
  try {
    ctx.emit({ type: 'proven', proof: await proveDamage(input, ctx) });
  } catch (thrown) {
    ctx.signal.throwIfAborted();
    const { code, message } = asDrillError(thrown, 'verify');
    ctx.emit({ type: 'warning', message: `the checks could not be proven: ${code}: ${message}` });
  }
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
