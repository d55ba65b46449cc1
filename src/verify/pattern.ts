import { createContext, Script } from 'node:vm';
import { DrillError } from '../support/errors.ts';

/** The text comes from the backup and is untrusted, so a longer text is not matched at all. */
export const MAX_MATCHED_LENGTH = 10_000;
const TIMEOUT_MS = 1000;

/**
 * Whether the pattern is found in the text. The engine's backtracking is limited by a deadline, so that no value in a backup can hang a drill. Throws
 * `check-malformed` for an invalid pattern, and for one that needs more than a second.
 */
export function testPattern(pattern: string, text: string): boolean {
  const expression = compilePattern(pattern);
  try {
    const context = createContext({ test: () => expression.test(text) });
    return new Script('test()').runInContext(context, { timeout: TIMEOUT_MS }) === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new DrillError('check-malformed', `matching /${pattern}/ took more than ${TIMEOUT_MS} ms on one value`, {
      hint: 'Write it without repetition inside repetition, such as (a+)+, and anchor it with ^ and $.',
      cause: error,
    });
  }
}

function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new DrillError('check-malformed', `/${pattern}/ is not a regular expression: ${(error as Error).message}`, {
      hint: 'Correct the pattern under `expect: matches` in the drill file.',
      cause: error,
    });
  }
}
