import { formatInstant } from '../support/instants.ts';
import { formatDuration } from '../support/quantities.ts';
import { describeHeld, describeReading } from '../support/reading.ts';
import type { ProtectionRecord, ReadingRecord } from './run-record.ts';

const ANSWERS = {
  protected: 'protected',
  unprotected: 'not protected',
  unsupported: 'not known: the store has no object locks',
  unknown: 'not known',
} as const;

const OUTCOMES = {
  refused: 'deleting a marker was refused',
  deleted: 'a marker was deleted',
  bypassed: 'a marker was deleted by lifting governance retention',
  allowed: 'deleting is allowed, and no marker could be written',
  failed: 'deleting a marker could not be tested',
} as const;

/** `protected: compliance lock until 27 Dec 2026, 03:00 UTC (30 d required); deleting a marker was refused (access key …WXYZ)`. */
export function describeProtection(protection: ProtectionRecord): string {
  const { answer, mode, lockedUntil, legalHold, requiredMs, findings, notes, probe } = protection;
  const until = lockedUntil ? ` until ${formatInstant(lockedUntil)}` : '';
  const locks = [...(mode ? [`${mode} lock${until}`] : []), ...(legalHold ? ['legal hold'] : [])];
  const lock = locks.length > 0 ? locks.join(' and ') : 'no lock';
  const by = probe?.principal === undefined ? '' : ` (${probe.principal})`;
  const tried = probe ? [`${OUTCOMES[probe.outcome]}${by}`] : [];
  return [`${ANSWERS[answer]}: ${lock} (${formatDuration(requiredMs)} required)`, ...tried, ...findings, ...notes].join(
    '; ',
  );
}

/** What the run and its proof read and how; for a run that did not end, what it was going to read. */
export function describeReadings({ planned, actual, access, checksums = [], held, proof }: ReadingRecord): string {
  const own = actual ? describeReading(actual) : `${describeReading(planned)} (planned)`;
  const how = access === undefined ? [] : [access];
  const pace = held ? [describeHeld(held)] : [];
  return [own, ...how, ...checksums, ...pace, ...(proof ? [`its proof: ${describeReading(proof)}`] : [])].join('; ');
}
