import type { Acknowledgement } from '../record/acknowledgement-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import type { Standing } from './standing.ts';

/** An acknowledgement that counts now. */
export interface Acknowledged extends Pick<Acknowledgement, 'kind' | 'at' | 'by' | 'reason' | 'until'> {
  /** `acknowledged by alice: new disks come on Monday`, `snoozed by bob until 30 Nov 2026, 08:00 UTC: storage migration` */
  readonly sentence: string;
}

/** States that no run ends: they are told apart by when they began. */
const WITHOUT_RUN: readonly Standing['state'][] = ['broken', 'overdue', 'never', 'no-new-backup'];

/**
 * What somebody said of the drill's problem, as far as it counts: it was neither ended nor has run out, and unless everything was snoozed, the problem is
 * the one that they saw. That is over with the first run that passes, and a different problem is another one.
 * The scheduler ends one that no longer counts, so that it stays over when the run that passed is long past.
 * @param runs newest first, those of older backups left out.
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
  return { kind, at, by, reason, until, sentence: describe(acknowledgement) };
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

function describe({ kind, by, reason, until }: Acknowledgement): string {
  const end = until ? ` until ${formatInstant(until)}` : '';
  return toPrintable(`${kind} by ${by}${end}: ${reason}`, 400);
}
