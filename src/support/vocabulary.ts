/** The vocabulary shared by folders, types, columns, log fields and pages. Each list is the only source of its type. */

/**
 * The timeline of every run, in order, without gaps: each stage begins when the previous one ends. Runs of Firedrill 0.x from before `plan` and `image-pull`
 * were added have neither.
 */
export const STAGES = ['locate', 'plan', 'image-pull', 'provision', 'restore', 'verify', 'teardown'] as const;
export type StageName = (typeof STAGES)[number];

/** Stages that may count as recovery time. An image is already present in a real recovery, and teardown comes after it. */
export const COUNTABLE_STAGES = ['locate', 'plan', 'provision', 'restore', 'verify'] as const satisfies StageName[];

/** The display name: `image pull`. */
export function nameStage(stage: StageName): string {
  return stage.replace('-', ' ');
}

/** @returns the key of a backup for display and records: `./` if the backup is its whole source, because its key is then empty. */
export function nameBackup(key: string): string {
  return key === '' ? './' : key;
}

/** Steps within a stage that are timed separately. The last two read all of the restored files, in the stage of the checks. */
export const PHASES = [
  'fetch',
  'unpack',
  'verify',
  'boot',
  'load',
  'index',
  'replay',
  'seal',
  'amcheck',
  'checksums',
] as const;
export type PhaseName = (typeof PHASES)[number];

/** Whether the *drill* worked. */
export const RUN_STATUSES = ['running', 'completed', 'errored', 'interrupted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/**
 * What ended a run. `itself`: its stages completed, or one of them failed; `shutdown`: its process was asked to stop (Ctrl-C, a scheduler shutdown);
 * `process-lost`: its process was gone, and another one marked the run.
 */
export const RUN_ENDINGS = ['itself', 'deadline', 'user', 'shutdown', 'process-lost'] as const;
export type RunEnding = (typeof RUN_ENDINGS)[number];

/** Whether *recovery* worked; only a completed run has a verdict. */
export type Verdict = 'passed' | 'failed';

/** A run's status and verdict combined in one word. */
export const SHOWN_STATES = ['passed', 'failed', 'errored', 'interrupted', 'running'] as const;
export type ShownState = (typeof SHOWN_STATES)[number];

/**
 * What a user can say about a drill’s problem. `acknowledged`: it is known, so no reminders are sent; `snoozed`: nothing is sent about the drill for a while,
 * such as during planned work.
 */
export const ACKNOWLEDGEMENT_KINDS = ['acknowledged', 'snoozed'] as const;
export type AcknowledgementKind = (typeof ACKNOWLEDGEMENT_KINDS)[number];

/** What holds back alerts or reminders about a drill; includes a `silenced` window of planned work. */
export const QUIET_KINDS = [...ACKNOWLEDGEMENT_KINDS, 'silenced'] as const;
export type QuietKind = (typeof QUIET_KINDS)[number];

/** The name of a drill's label: the first part of `service=payments`. */
export const LABEL_NAME = /^[a-z][a-z0-9_.-]{0,62}$/;

/** Whose keys and credentials a run uses to read its backup. `recovery`: those of the person who recovers, `backup.identity` of the drill. */
export const IDENTITIES = ['drill', 'recovery'] as const;
export type IdentityName = (typeof IDENTITIES)[number];

/** Why recovery did not work, or may soon not work: an `unprotected` backup can be deleted. */
export const REASONS = [
  'missing-backup',
  'stale-backup',
  'unrestorable',
  'wrong-data',
  'too-slow',
  'unprotected',
] as const;
export type Reason = (typeof REASONS)[number];

/**
 * What was found about the protection that a drill asks for. `unsupported`: the store does not support locks; `unknown`: it could not be queried, or did not
 * answer.
 */
export const PROTECTION_ANSWERS = ['protected', 'unprotected', 'unsupported', 'unknown'] as const;
export type ProtectionAnswer = (typeof PROTECTION_ANSWERS)[number];

/** Damage to the rows of a restored copy, which is rolled back. */
export const DATA_DAMAGES = ['empty', 'lose', 'null', 'swap'] as const;

/**
 * Damage to what is read; each is restored in a separate sandbox. `stale`: the previous backup, under this one's name; `foreign`: another drill's;
 * `failing-store`: it fails at the end; `slow-source`: the RTO passes while reading.
 */
export const READ_DAMAGES = [
  'truncate',
  'flip',
  'stale',
  'foreign',
  'failing-store',
  'slow-source',
  'wrong-key',
] as const;
export type ReadDamage = (typeof READ_DAMAGES)[number];

/** All kinds of damage that a proof tries. */
export const DAMAGES = [...DATA_DAMAGES, ...READ_DAMAGES] as const;
export type DamageName = (typeof DAMAGES)[number];

/** What triggered a run. */
export const TRIGGER_KINDS = ['hand', 'schedule', 'new-backup'] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/**
 * @param who `alice`, `alice, web`. @param isOverBudget whether that user starts it even if the month's budget is exceeded.
 * @returns what the record of such a run says about who triggered it: `by hand (alice, web, over budget)`.
 */
export function byHand(who: string, isOverBudget = false): string {
  return `by hand (${who}${isOverBudget ? ', over budget' : ''})`;
}

/**
 * Why a run that was due did not take place. `superseded`: missed, and one run replaces all of them; `overlap`: a run of the same drill was in progress;
 * `gone`: the drill was removed, or its schedule changed, while the run was queued; `budget`: it would have exceeded the month's budget.
 */
export const SKIP_KINDS = ['freeze', 'window', 'missed', 'superseded', 'overlap', 'gone', 'budget'] as const;
export type SkipKind = (typeof SKIP_KINDS)[number];

/**
 * The state of a drill at an instant, from its runs, its schedule and the clock; worst first. `broken`: its file is invalid; `overdue`: a run that was due
 * has not started; `no-new-backup`: the newest backup is older than the RPO, whatever the result of the last run.
 */
export const STANDING_STATES = [
  'failed',
  'never',
  'overdue',
  'no-new-backup',
  'broken',
  'errored',
  'interrupted',
  'running',
  'passed',
] as const;
export type StandingState = (typeof STANDING_STATES)[number];

/** What a user may do in the pages: `viewer` reads; `operator` also runs, stops and keeps. */
export const ROLES = ['viewer', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** State of a series of backups or a database that `firedrill discover` found; worst first. */
export const COVERAGE_STATES = ['no-backup', 'not-covered', 'stopped', 'never-passed', 'covered'] as const;
export type CoverageState = (typeof COVERAGE_STATES)[number];

export const COVERAGE_WORDS: Readonly<Record<CoverageState, string>> = {
  'no-backup': 'no backup found',
  'not-covered': 'not covered',
  stopped: 'stopped',
  'never-passed': 'never passed',
  covered: 'covered',
};

/**
 * How often an operation of a backup store failed in the last 24 hours, compared with what is usual for it. `learning`: there were too few earlier requests to
 * know what is usual; errors that no store should have are still unusual.
 */
export const RATE_STATES = ['usual', 'learning', 'uncertain', 'unusual'] as const;
export type RateState = (typeof RATE_STATES)[number];

export const RATE_WORDS: Readonly<Record<RateState, string>> = {
  unusual: 'unusual',
  uncertain: 'higher than usual',
  learning: 'learning',
  usual: 'usual',
};
