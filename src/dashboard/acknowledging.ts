import { makeAcknowledgement } from '../status/acknowledged.ts';
import { parseDurationMs } from '../support/quantities.ts';
import type { AcknowledgementKind } from '../support/vocabulary.ts';
import type { DashboardDeps } from './deps.ts';

/** A user's acknowledgement of a drill’s problem, or a snooze. */
export interface AcknowledgementRequest {
  readonly kind: AcknowledgementKind;
  readonly reason: string;
  /** A duration such as `4h`; undefined: until the problem is over. */
  readonly for: string | undefined;
}

/**
 * Records an acknowledgement or snooze.
 * @param who as recorded: `alice (web)`.
 * @returns the outcome. `fine`: there is no problem to acknowledge; `endless`: snoozing requires a duration of at most a year.
 */
export async function acknowledge(
  { store, standings, clock, control }: Pick<DashboardDeps, 'store' | 'standings' | 'clock' | 'control'>,
  drill: string,
  request: AcknowledgementRequest,
  who: string,
): Promise<AcknowledgementKind | 'unknown' | 'fine' | 'endless'> {
  const { kind, reason } = request;
  const found = (await standings()).drills.find((one) => one.drill.name === drill);
  if (!found) return 'unknown';
  const forMs = request.for === undefined ? undefined : (parseDurationMs(request.for) ?? 0);
  if (forMs === undefined ? kind === 'snoozed' : forMs <= 0 || forMs > MAX_MS) return 'endless';
  const made = makeAcknowledgement(found.standing, { kind, reason, at: clock.now(), by: who, forMs });
  if (!made) return 'fine';
  await store().acknowledge(made);
  control.refresh();
  return kind;
}

/** Withdraws it. @returns false if there was none. */
export async function endAcknowledgement(
  { store, clock, control }: Pick<DashboardDeps, 'store' | 'clock' | 'control'>,
  drill: string,
  who: string,
): Promise<boolean> {
  const ended = await store().endAcknowledgement(drill, clock.now(), who);
  if (ended) control.refresh();
  return ended;
}

const MAX_MS = 366 * 86_400_000;
