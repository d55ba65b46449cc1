import type { DrillState, SeenBackup, SkipRecord } from '../record/schedule-store.ts';
import { formatInstant } from '../support/instants.ts';
import { toPrintable } from '../support/printable.ts';
import { findBlock, firstFree, type Restrictions } from './windows.ts';

export interface NewBackupFacts {
  /** From the drill's schedule: {@link file://./timetable.ts} makes them. */
  readonly restrictions: Restrictions;
  readonly pollMs: number;
  /** As stored; its `newestBackup` is the result of the previous poll. */
  readonly state: DrillState;
  /** The result of this poll. */
  readonly seen: SeenBackup;
  /** Whether a backup is complete as soon as it is listed: `isListedAtomically`. */
  readonly isWhole: boolean;
  /** Whether a run has drilled exactly this backup: `hasDrilled` of backup/. */
  readonly wasDrilled: boolean;
  readonly now: Date;
}

/** The parts of a drill's state that a poll changes. */
export type PollChange = Partial<Pick<DrillState, 'newestBackup' | 'handledBackup' | 'pollError' | 'waitsFor'>>;

/** `change` and `skips` must be stored at once, whatever the kind. */
export type NewBackupDecision = { readonly change: PollChange; readonly skips: readonly SkipRecord[] } & (
  | { readonly kind: 'nothing' }
  /** It may still be being written: poll again at this time at the latest. */
  | { readonly kind: 'settling'; readonly why: string; readonly pollAgainAt: Date }
  /** Poll again when the block ends. */
  | { readonly kind: 'blocked'; readonly why: string; readonly until: Date }
  /** `onClaim` is stored with the run, so that a process that is killed before that starts the run later. */
  | { readonly kind: 'start'; readonly why: string; readonly dueAt: Date; readonly onClaim: PollChange }
);

/** How long a backup must stay unchanged if it is not listed atomically. */
const SETTLED_AFTER_MS = 10_000;
/** A backup that may still be being written is polled again after a minute, even if the poll interval is longer. */
const SETTLE_LOOK_MS = 60_000;

/**
 * Whether the newest backup requires a run: it is new, it has settled, and nothing blocks it. Pure.
 *
 * A backup is new if no run was started for it and none has drilled it. A backup older than the last handled one is not new: the newer ones were removed. A
 * blocked backup is drilled when the block ends, unless a newer one has appeared by then.
 */
export function decideOnNewBackup(facts: NewBackupFacts): NewBackupDecision {
  const { state, now, restrictions, isWhole } = facts;
  const before = state.newestBackup;
  const seen = rememberFirst(before, facts.seen);
  const skips = findSuperseded(facts, seen);
  const change = { newestBackup: seen, pollError: undefined, ...clearWait(state) };
  if (seen.identity === state.handledBackup) return { kind: 'nothing', change, skips };
  if (facts.wasDrilled || isStepBack(state, seen))
    return { kind: 'nothing', change: { ...change, handledBackup: seen.identity }, skips };
  const name = `new backup ${toPrintable(seen.key)}`;
  const block = findBlock(restrictions, now.getTime());
  if (block) {
    const { until } = block;
    const why = `${name}; ${block.reason}`;
    return {
      kind: 'blocked',
      change: { ...change, waitsFor: `for ${formatInstant(until)}: ${why}` },
      skips,
      why,
      until,
    };
  }
  if (!isWhole && !isSettled(before, seen)) {
    const pollAgainAt = new Date(now.getTime() + Math.min(facts.pollMs, SETTLE_LOOK_MS));
    return { kind: 'settling', change, skips, why: `${name} may still be written`, pollAgainAt };
  }
  const dueAt = firstFree(restrictions, seen.firstSeenAt ?? seen.seenAt) ?? now;
  return { kind: 'start', change, skips, why: name, dueAt, onClaim: { handledBackup: seen.identity } };
}

/** Whether an earlier poll saw it unchanged, long enough ago. A backup that is still being written changes its size or time. */
export function isSettled(before: SeenBackup | undefined, seen: SeenBackup): boolean {
  if (before?.identity !== seen.identity) return false;
  return seen.seenAt.getTime() - firstSeenOf(before).getTime() >= SETTLED_AFTER_MS;
}

/** The result of the poll, with the time when it was first seen in this form. */
export function rememberFirst(before: SeenBackup | undefined, seen: SeenBackup): SeenBackup {
  return { ...seen, firstSeenAt: before?.identity === seen.identity ? firstSeenOf(before) : seen.seenAt };
}

function firstSeenOf({ firstSeenAt, seenAt }: SeenBackup): Date {
  return firstSeenAt ?? seenAt;
}

/** The handled backup is gone, and an older one is now the newest. */
function isStepBack({ newestBackup: before, handledBackup }: DrillState, seen: SeenBackup): boolean {
  return before !== undefined && before.identity === handledBackup && seen.takenAt < before.takenAt;
}

/** Finds a backup that was waiting to be drilled when another one replaced it. */
function findSuperseded({ state, isWhole, now }: NewBackupFacts, seen: SeenBackup): readonly SkipRecord[] {
  const { newestBackup: before, handledBackup, drill } = state;
  if (!before || handledBackup === undefined) return [];
  if (before.identity === handledBackup || before.identity === seen.identity) return [];
  if (seen.takenAt < before.takenAt) return []; // removed
  const isReplaced = before.key === seen.key;
  if (isReplaced && !isWhole && !isSettled(before, before)) return []; // still being written
  const first = firstSeenOf(before);
  const how = isReplaced ? 'was replaced' : `was followed by ${toPrintable(seen.key)}`;
  const reason = `${toPrintable(before.key)} ${how} before it could be drilled`;
  return [{ drill, kind: 'superseded', reason, count: 1, first, last: first, recordedAt: now }];
}

/** Clears only waits for new backups; waits for other things, such as memory, are handled elsewhere. */
function clearWait({ waitsFor }: DrillState): PollChange {
  return waitsFor?.includes(': new backup ') ? { waitsFor: undefined } : {};
}
