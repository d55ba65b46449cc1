/** The vocabulary that folders, types, columns, log fields and pages share. Each list is the single source of its type. */

export const ENGINE_TYPES = ['postgres', 'mysql', 'mariadb'] as const;
export type EngineType = (typeof ENGINE_TYPES)[number];

/** The timeline of every run, in order. */
export const STAGES = ['locate', 'provision', 'restore', 'verify', 'teardown'] as const;
export type StageName = (typeof STAGES)[number];

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
