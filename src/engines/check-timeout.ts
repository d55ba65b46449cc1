import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';

/** A check's query timed out. This counts against the check: a slow copy and a slow query cannot be told apart here. */
export class CheckTimeout extends DrillError {
  constructor(timeoutMs: number, cause?: unknown) {
    super('check-malformed', `the check did not finish within ${formatDuration(timeoutMs)}`, { cause });
  }
}
