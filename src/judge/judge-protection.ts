import type { DeletionProbe, ObjectLock, ProtectionAnswers } from '../backup/protection.ts';
import type { StoredObject } from '../backup/stored-object.ts';
import type { ProtectionSpec } from '../config/drill-file.ts';
import type { ProbeOutcome, ProtectionRecord } from '../record/run-record.ts';
import { formatInstant } from '../support/instants.ts';
import { formatDuration } from '../support/quantities.ts';

export interface ProtectionInput {
  readonly spec: ProtectionSpec;
  readonly objects: readonly StoredObject[];
  readonly answers: ProtectionAnswers;
  /** Undefined: the drill does not ask for it. */
  readonly probe: { readonly found: DeletionProbe; readonly principal: string | undefined } | undefined;
  readonly now: Date;
}

/**
 * Uploaders count a lock from when they begin, stores from when they end, each by its own clock. A lock may fall short by this share, or by
 * {@link MIN_TOLERANCE_MS} if that is more.
 */
const TOLERANCE = 0.01;
const MIN_TOLERANCE_MS = 5 * 60_000;

/**
 * Compares what a store says about a backup with what the drill requires: that each of its objects is locked for a minimum time from when it was stored. Pure.
 * Depending on whose fault it is: a lock that is missing or too short, and a marker that could be deleted, are `unprotected`; a store that does not support
 * locks is `unsupported`; one that cannot be queried, or fails, is `unknown`.
 */
export function judgeProtection(input: ProtectionInput): ProtectionRecord {
  const { spec, answers, probe, objects } = input;
  const { locks, versioning } = answers;
  const weakest = locks.known ? weakestOf(locks.value) : undefined;
  const shortcomings = [...findShortcomings(input), ...judgeProbe(probe?.found)];
  const unknown = findUnknown(input);
  const unsupported =
    locks.known || locks.why !== 'unsupported' ? [] : [`the store does not support object locks (${locks.said})`];
  const answer =
    shortcomings.length > 0
      ? 'unprotected'
      : unsupported.length > 0
        ? 'unsupported'
        : unknown.length > 0
          ? 'unknown'
          : 'protected';
  return {
    answer,
    requiredMs: spec.forMs,
    onFinding: spec.onFinding,
    mode: weakest?.mode,
    lockedUntil: weakest?.until,
    legalHold: weakest?.legalHold ?? false,
    versioning: versioning.known ? versioning.value : undefined,
    findings: [...shortcomings, ...unsupported, ...unknown],
    notes: objects.length === 0 ? [] : findNotes(input),
    probe: probe && { outcome: outcomeOf(probe.found), principal: probe.principal },
  };
}

/** The lock that ends first; if any object has no lock, that object's. */
function weakestOf(locks: readonly ObjectLock[]): ObjectLock | undefined {
  const endOf = ({ mode, until, legalHold }: ObjectLock) =>
    legalHold ? Number.POSITIVE_INFINITY : mode ? (until?.getTime() ?? 0) : 0;
  return locks.reduce<ObjectLock | undefined>(
    (weakest, lock) => (weakest && endOf(weakest) <= endOf(lock) ? weakest : lock),
    undefined,
  );
}

function findShortcomings({ spec, objects, answers, now }: ProtectionInput): readonly string[] {
  const { locks, expiry } = answers;
  if (!locks.known) return [];
  const found = new Map<string, number>();
  for (const [index, object] of objects.entries()) {
    const problem = explainLock(locks.value[index], object, spec, now);
    if (problem !== undefined) found.set(problem, (found.get(problem) ?? 0) + 1);
  }
  const [first] = found;
  if (!first) return [];
  const [problem] = first;
  const count = [...found.values()].reduce((sum, one) => sum + one, 0);
  const of = objects.length > 1 ? ` (${count} of ${objects.length} objects)` : '';
  const rules = expiry.known ? expiry.value.filter(({ afterMs }) => afterMs < spec.forMs) : [];
  const deleting = rules.map(
    ({ name, afterMs }) =>
      `the lifecycle rule ${JSON.stringify(name)} deletes it ${formatDuration(afterMs)} after it was stored`,
  );
  return [`${problem}${of}`, ...deleting];
}

function explainLock(
  lock: ObjectLock | undefined,
  { modifiedAt }: StoredObject,
  spec: ProtectionSpec,
  now: Date,
): string | undefined {
  if (lock?.legalHold) return undefined;
  if (!lock?.mode || !lock.until) return 'it has no object lock: anyone who may delete versions can delete it';
  const missingMs = modifiedAt.getTime() + spec.forMs - lock.until.getTime();
  if (missingMs > Math.max(MIN_TOLERANCE_MS, spec.forMs * TOLERANCE)) {
    const over = lock.until <= now ? 'its lock ended' : 'it is locked until';
    const afterMs = Math.max(0, lock.until.getTime() - modifiedAt.getTime());
    return `${over} ${formatInstant(lock.until)}, ${formatDuration(afterMs)} after it was stored; ${formatDuration(spec.forMs)} are required`;
  }
  if (spec.mode === 'compliance' && lock.mode !== 'compliance')
    return 'it is locked in governance mode, which s3:BypassGovernanceRetention can lift; compliance mode is required';
  return undefined;
}

function judgeProbe(probe: DeletionProbe | undefined): readonly string[] {
  if (probe?.outcome !== 'deleted') return [];
  return [
    probe.bypassed
      ? 'a marker object could be deleted with these credentials, by lifting its governance lock'
      : 'a marker object that was stored beside it could be deleted with these credentials',
  ];
}

function findUnknown({ answers: { locks }, probe }: ProtectionInput): readonly string[] {
  const unknown: string[] = [];
  if (!locks.known && locks.why !== 'unsupported')
    unknown.push(`the store does not say whether it is locked: ${locks.said}`);
  if (probe?.found.outcome === 'failed')
    unknown.push(`whether a marker object can be deleted could not be tested: ${probe.found.said}`);
  return unknown;
}

function findNotes({ spec, answers, probe, now }: ProtectionInput): readonly string[] {
  const { locks, versioning, expiry, deniedByPolicy } = answers;
  const notes: string[] = [];
  const isLocked = locks.known && locks.value.every(({ mode, legalHold }) => mode !== undefined || legalHold);
  const weakest = locks.known ? weakestOf(locks.value) : undefined;
  if (isLocked && !weakest?.legalHold && weakest?.until && weakest.until <= now)
    notes.push('its lock has ended, as the drill allows');
  if (isLocked && expiry.known)
    for (const { name, afterMs } of expiry.value.filter((rule) => rule.afterMs < spec.forMs))
      notes.push(
        `the lifecycle rule ${JSON.stringify(name)} hides it ${formatDuration(afterMs)} after it was stored; its version stays`,
      );
  if (versioning.known && versioning.value !== 'enabled')
    notes.push(
      versioning.value === 'off'
        ? 'the bucket keeps no versions'
        : 'versioning is suspended: a new backup of the same name replaces it',
    );
  if (deniedByPolicy.known && deniedByPolicy.value)
    notes.push('the bucket policy denies everyone the right to delete its versions');
  for (const [what, answer] of [
    ['versioning', versioning],
    ['lifecycle rules', expiry],
    ['the policy of the bucket', deniedByPolicy],
  ] as const)
    if (!answer.known && answer.why !== 'unsupported') notes.push(`${what} could not be read`);
  if (probe?.found.outcome === 'allowed')
    notes.push(
      'these credentials may delete objects, and may not write one: only the lock protects the backup from them',
    );
  if (probe?.found.outcome === 'refused' && !probe.found.written)
    notes.push('these credentials may neither write nor delete objects');
  return notes;
}

function outcomeOf(probe: DeletionProbe): ProbeOutcome {
  return probe.outcome === 'deleted' && probe.bypassed ? 'bypassed' : probe.outcome;
}
