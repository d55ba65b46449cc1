/** The vocabulary that folders, types, columns, log fields and pages share. Each list is the single source of its type. */

/**
 * The timeline of every run, in order. Stages tile the run: each begins at the instant at which the one before ended. Runs of Firedrill 0.x before this
 * list had `plan` and `image-pull` have neither.
 */
export const STAGES = ['locate', 'plan', 'image-pull', 'provision', 'restore', 'verify', 'teardown'] as const;
export type StageName = (typeof STAGES)[number];

/** Those that may count as recovery time: an image is there in a real recovery, and teardown comes after it. */
export const COUNTABLE_STAGES = ['locate', 'plan', 'provision', 'restore', 'verify'] as const satisfies StageName[];

/** As people read it: `image pull`. */
export function nameStage(stage: StageName): string {
  return stage.replace('-', ' ');
}

/** The steps within a stage that are timed apart. */
export const PHASES = ['fetch', 'unpack', 'boot', 'load', 'index', 'replay', 'seal'] as const;
export type PhaseName = (typeof PHASES)[number];

/** Did the *drill* work. */
export const RUN_STATUSES = ['running', 'completed', 'errored', 'interrupted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Did *recovery* work; only a completed run has one. */
export type Verdict = 'passed' | 'failed';

/** Why recovery did not work. */
export const REASONS = ['missing-backup', 'stale-backup', 'unrestorable', 'wrong-data', 'too-slow'] as const;
export type Reason = (typeof REASONS)[number];

export const RUNTIMES = ['docker', 'local'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** What asked for a run. */
export const TRIGGER_KINDS = ['hand', 'schedule', 'new-backup'] as const;
export type TriggerKind = (typeof TRIGGER_KINDS)[number];

/**
 * Why a run that was due did not take place. `superseded`: missed, and one run stands for all of them; `overlap`: a run of the same drill was
 * going on; `gone`: the drill was taken away, or got another schedule, while it waited.
 */
export const SKIP_KINDS = ['freeze', 'window', 'missed', 'superseded', 'overlap', 'gone'] as const;
export type SkipKind = (typeof SKIP_KINDS)[number];

/**
 * How a drill stands at an instant, from its runs, its schedule and the clock; worst first. `broken`: its file is wrong; `overdue`: a run that was due
 * has not been started; `no-new-backup`: the newest backup is older than the RPO, whatever the last run said.
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

/** What somebody may do in the pages: `viewer` reads; `operator` also runs, stops and keeps. */
export const ROLES = ['viewer', 'operator'] as const;
export type Role = (typeof ROLES)[number];
