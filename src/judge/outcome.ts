import { type DrillError, EXIT, meaningOf } from '../support/errors.ts';
import type { RunStatus, Verdict } from '../support/vocabulary.ts';

/** From best to worst: the worst code takes precedence. */
const SEVERITY: readonly number[] = [EXIT.passed, EXIT.failed, EXIT.errored, EXIT.usage, EXIT.interrupted];

/** How a run ended: `completed` exactly when there is a verdict; otherwise `interrupted` or `errored`, depending on the error. */
export function statusOf(verdict: Verdict | undefined, error: DrillError | undefined): Exclude<RunStatus, 'running'> {
  if (verdict !== undefined) return 'completed';
  return error && meaningOf(error.code) === 'interrupted' ? 'interrupted' : 'errored';
}

/** The exit code of one run that has ended. A run still in progress proves nothing, so it counts as errored. */
export function exitCodeOfRun(run: { readonly status: RunStatus; readonly verdict: Verdict | undefined }): number {
  if (run.status === 'interrupted') return EXIT.interrupted;
  if (run.status !== 'completed') return EXIT.errored;
  return run.verdict === 'passed' ? EXIT.passed : EXIT.failed;
}

/** The exit code of several runs and errors: the worst wins (130 > 64 > 2 > 1 > 0). An empty list gives 0: callers refuse to run no drill at all. */
export function worstExitCode(codes: readonly number[]): number {
  return codes.reduce((worst, code) => (severityOf(code) > severityOf(worst) ? code : worst), EXIT.passed);
}

/** A code that is not ours (such as a signal's) is at least as severe as a broken harness. */
function severityOf(code: number): number {
  const index = SEVERITY.indexOf(code);
  return index === -1 ? SEVERITY.indexOf(EXIT.errored) : index;
}
