import type { Acknowledgement } from '../record/acknowledgement-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import type { Standing } from './standing.ts';

/** An acknowledgement that is currently in effect. */
export interface Acknowledged extends Pick<Acknowledgement, 'kind' | 'at' | 'by' | 'reason' | 'until'> {
  /** `acknowledged by alice: new disks come on Monday`, `snoozed by bob until 30 Nov 2026, 08:00 UTC: storage migration` */
  readonly sentence: string;
}

/** States that are not the result of a run: they are distinguished by when they began. */
const WITHOUT_RUN: readonly Standing['state'][] = ['broken', 'overdue', 'never', 'no-new-backup'];

/**
 * The acknowledgement of the drill's problem, if it is still in effect: it was not ended and has not expired, and unless the whole drill was snoozed, the
 * problem is the one that the user saw. That problem is over with the first run that passes; a different problem is a new one. The scheduler ends an
 * acknowledgement that is no longer in effect, so that it stays ended even when the run that passed is long past.
 * @param runs newest first, without those of older backups.
 */
export function acknowledgedNow(
  acknowledgement: Acknowledgement | undefined,
  standing: Pick<Standing, 'state' | 'fingerprint' | 'since' | 'isFailing'>,
  runs: readonly Pick<RunRecord, 'verdict' | 'startedAt'>[],
  now: Date,
): Acknowledged | undefined {
  if (!acknowledgement || acknowledgement.ended) return undefined;
  const { kind, at, by, reason, until } = acknowledgement;
  if (until && until <= now) return undefined;
  if (kind === 'acknowledged' && !isSameProblem(acknowledgement, standing, runs)) return undefined;
  return { kind, at, by, reason, until, sentence: describeAcknowledgement(acknowledgement) };
}

/** A request to acknowledge or snooze a drill. */
export interface Saying extends Pick<Acknowledgement, 'kind' | 'reason' | 'at' | 'by'> {
  /** Duration in milliseconds; undefined: until the problem is over. */
  readonly forMs: number | undefined;
}

/** The acknowledgement to record. @returns undefined if there is no problem to acknowledge. */
export function makeAcknowledgement(
  { drill, state, fingerprint }: Pick<Standing, 'drill' | 'state' | 'fingerprint'>,
  { forMs, ...said }: Saying,
): Omit<Acknowledgement, 'ended'> | undefined {
  const isSnoozed = said.kind === 'snoozed';
  if (!isSnoozed && !canAcknowledge({ state })) return undefined;
  const until = forMs === undefined ? undefined : new Date(said.at.getTime() + forMs);
  return { drill, ...said, fingerprint: isSnoozed ? undefined : fingerprint, until };
}

/** Whether there is a problem to acknowledge. */
export function canAcknowledge({ state }: Pick<Standing, 'state'>): boolean {
  return state !== 'passed' && state !== 'running';
}

function isSameProblem(
  { fingerprint, at }: Acknowledgement,
  { state, fingerprint: current, since, isFailing }: Pick<Standing, 'state' | 'fingerprint' | 'since' | 'isFailing'>,
  runs: readonly Pick<RunRecord, 'verdict' | 'startedAt'>[],
): boolean {
  if (runs.some(({ verdict, startedAt }) => verdict === 'passed' && startedAt > at)) return false;
  if (state === 'running') return isFailing;
  const isNew = WITHOUT_RUN.includes(state) && since !== undefined && since > at;
  return current === fingerprint && !isNew;
}

/** `acknowledged by alice: new disks come on Monday`. */
export function describeAcknowledgement({
  kind,
  by,
  reason,
  until,
}: Pick<Acknowledgement, 'kind' | 'by' | 'reason' | 'until'>): string {
  const end = until ? ` until ${formatInstant(until)}` : '';
  return toPrintable(`${kind} by ${by}${end}: ${reason}`, 400);
}
