import { CanceledByUser } from '../run/contract.ts';
import { DrillError } from '../support/errors.ts';

/** Why runs are canceled when the scheduler stops. */
export function stopReason(): DrillError {
  return new DrillError('interrupted', 'canceled by the scheduler’s shutdown; retried after its restart');
}

/** Why runs are canceled when the store must be reopened. */
export function storeLostReason(): DrillError {
  return new DrillError('interrupted', 'canceled because the store could not be written; will be retried');
}

/** Why a run is canceled by a user; it is not retried. */
export function canceledBy(who: string, drill: string): DrillError {
  return new CanceledByUser(who, `No verdict. Run the drill again: \`firedrill run ${drill}\`.`);
}
