import { DrillError } from '../support/errors.ts';
import { formatDuration } from '../support/quantities.ts';

/** A check's query ran out of time. This counts against the check: from here, a slow copy and a slow query look the same. */
export class CheckTimeout extends DrillError {
  constructor(timeoutMs: number, cause?: unknown) {
    super('check-malformed', `the check did not finish within ${formatDuration(timeoutMs)}`, { cause });
  }
}
