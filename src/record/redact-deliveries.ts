import type { DeliveryOutcome, NewDelivery } from './notification-store.ts';
import { type CleanText, cleanJson } from './redact-run.ts';
import type { DrillState, DueClaim, SkipRecord } from './schedule-store.ts';

/** Removes secrets, but leaves keys and identities unchanged, because they are compared. */
export function redactState(state: DrillState, clean: CleanText): DrillState {
  return {
    ...state,
    pollError: state.pollError && { ...state.pollError, message: clean(state.pollError.message) },
    waitsFor: state.waitsFor === undefined ? undefined : clean(state.waitsFor),
  };
}

export function redactSkips(skips: readonly SkipRecord[], clean: CleanText): readonly SkipRecord[] {
  return skips.map((skip) => ({ ...skip, reason: clean(skip.reason) }));
}

export function redactDue(due: DueClaim, clean: CleanText): DueClaim {
  return { ...due, state: redactState(due.state, clean), skips: redactSkips(due.skips, clean) };
}

export function redactDeliveries(deliveries: readonly NewDelivery[], clean: CleanText): readonly NewDelivery[] {
  return deliveries.map((delivery) => ({ ...delivery, notification: cleanJson(delivery.notification, clean) }));
}

export function redactOutcome(outcome: DeliveryOutcome, clean: CleanText): DeliveryOutcome {
  return outcome.kind === 'sent' ? outcome : { ...outcome, error: clean(outcome.error) };
}
