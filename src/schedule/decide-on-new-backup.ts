import type { DrillState, SeenBackup, SkipRecord } from '../record/schedule-store.ts';
import { toPrintable } from '../support/printable.ts';
import { findBlock, firstFree, type Restrictions } from './windows.ts';

export interface NewBackupFacts {
  /** Of the drill's schedule: {@link file://./timetable.ts} makes them. */
  readonly restrictions: Restrictions;
  readonly pollMs: number;
  /** As stored: its `newestBackup` is what the look before saw. */
  readonly state: DrillState;
  /** What this look saw. */
  readonly seen: SeenBackup;
  /** Whether it is there as a whole as soon as it is seen: `isListedAtomically`. */
  readonly isWhole: boolean;
  /** Whether a completed run has drilled this very backup: `isBackupOf` of backup/. */
  readonly wasDrilled: boolean;
  readonly now: Date;
}

/** What of a drill's state a look changes. */
export type PollChange = Partial<Pick<DrillState, 'newestBackup' | 'handledBackup' | 'lookError' | 'waitsFor'>>;

/** `change` and `skips` are to be stored at once, whatever the kind. */
export type NewBackupDecision = { readonly change: PollChange; readonly skips: readonly SkipRecord[] } & (
  | { readonly kind: 'nothing' }
  /** It may still be written: look again then, at the latest. */
  | { readonly kind: 'settling'; readonly why: string; readonly pollAgainAt: Date }
  /** Look again when the block is over. */
  | { readonly kind: 'blocked'; readonly why: string; readonly until: Date }
  /** `onClaim` is stored with the run, so that a process that is killed in between starts it later. */
  | { readonly kind: 'start'; readonly why: string; readonly dueAt: Date; readonly onClaim: PollChange }
);

/** So long a backup has to lie there unchanged that does not appear as a whole. */
const SETTLED_AFTER_MS = 10_000;
/** However seldom the source is polled: what may still be written is looked at again after a minute. */
const SETTLE_LOOK_MS = 60_000;

/**
 * Whether the newest backup asks for a run: it is new, has settled, and nothing blocks it; pure.
 *
 * A backup is new when no run was started for it, and none has drilled it. One that is older than the last one handled is not: what came
 * after it was taken away. One that is blocked is drilled when the block is over, unless a newer one has come by then.
 */
export function decideOnNewBackup(facts: NewBackupFacts): NewBackupDecision {
  const { state, now, restrictions, isWhole } = facts;
  const before = state.newestBackup;
  const seen = rememberFirst(before, facts.seen);
  const skips = findSuperseded(facts, seen);
  const change = { newestBackup: seen, lookError: undefined, ...clearWait(state) };
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
      change: { ...change, waitsFor: `for ${until.toISOString()}: ${why}` },
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

/** Whether a look before saw it as it is now, long enough ago: what is still written has another size or time by then. */
export function isSettled(before: SeenBackup | undefined, seen: SeenBackup): boolean {
  if (before?.identity !== seen.identity) return false;
  return seen.seenAt.getTime() - firstSeenOf(before).getTime() >= SETTLED_AFTER_MS;
}

/** What a look saw, with when it was seen so for the first time. */
export function rememberFirst(before: SeenBackup | undefined, seen: SeenBackup): SeenBackup {
  return { ...seen, firstSeenAt: before?.identity === seen.identity ? firstSeenOf(before) : seen.seenAt };
}

function firstSeenOf({ firstSeenAt, seenAt }: SeenBackup): Date {
  return firstSeenAt ?? seenAt;
}

/** The one that was handled is gone, and an older one is the newest by that. */
function isStepBack({ newestBackup: before, handledBackup }: DrillState, seen: SeenBackup): boolean {
  return before !== undefined && before.identity === handledBackup && seen.takenAt < before.takenAt;
}

/** A backup that was to be drilled, and was followed by another one before it could be. */
function findSuperseded({ state, isWhole, now }: NewBackupFacts, seen: SeenBackup): readonly SkipRecord[] {
  const { newestBackup: before, handledBackup, drill } = state;
  if (!before || handledBackup === undefined) return [];
  if (before.identity === handledBackup || before.identity === seen.identity) return [];
  if (seen.takenAt < before.takenAt) return []; // taken away
  const isReplaced = before.key === seen.key;
  if (isReplaced && !isWhole && !isSettled(before, before)) return []; // written on
  const first = firstSeenOf(before);
  const how = isReplaced ? 'was replaced' : `was followed by ${toPrintable(seen.key)}`;
  const reason = `${toPrintable(before.key)} ${how} before it could be drilled`;
  return [{ drill, kind: 'superseded', reason, count: 1, first, last: first, recordedAt: now }];
}

/** What waits for something else, such as for memory, is not ours to say. */
function clearWait({ waitsFor }: DrillState): PollChange {
  return waitsFor?.includes(': new backup ') ? { waitsFor: undefined } : {};
}
