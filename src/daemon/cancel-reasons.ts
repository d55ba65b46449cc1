import { CanceledByUser } from '../run/contract.ts';
import { DrillError } from '../support/errors.ts';

/** Why runs are canceled when the scheduler stops. */
export function stopReason(): DrillError {
  return new DrillError(
    'interrupted',
    'canceled because the scheduler was stopped; it retries the run when it is back',
  );
}

/** Why runs are canceled when the store has to be reopened. */
export function storeLostReason(): DrillError {
  return new DrillError(
    'interrupted',
    'canceled because the store could not be written; the scheduler retries the run when it can',
  );
}

/** Why a run is canceled by a user; it is not retried. */
export function canceledBy(who: string, drill: string): DrillError {
  return new CanceledByUser(who, `No verdict. Run the drill again: \`firedrill run ${drill}\`.`);
}
