import type { Reason, StageName } from './vocabulary.ts';

/** Exit codes are a documented API: see README. With several drills, the worst wins (130 > 64 > 2 > 1 > 0). */
export const EXIT = {
  passed: 0,
  failed: 1,
  errored: 2,
  usage: 64,
  interrupted: 130,
} as const;

/**
 * What a code means for the run: `usage` stops before a run exists; `errored` is a broken harness, which says nothing about
 * the backup; `interrupted` means cut off or canceled; a reason is a verdict about the backup.
 */
type Meaning = 'usage' | 'errored' | 'interrupted' | Reason;

/** The single table of codes. Each key is also its heading in `runbooks/`. */
const MEANINGS = {
  usage: 'usage',
  'config-invalid': 'usage',
  'config-missing-file': 'usage',
  'config-missing-variable': 'usage',
  'drill-not-found': 'usage',
  'run-not-found': 'usage',

  'source-missing': 'errored', // no such bucket or directory: a typo, not proof that backups are gone
  'source-denied': 'errored',
  'source-credentials': 'errored',
  'source-wrong-region': 'errored',
  'source-unreachable': 'errored',
  'source-failed': 'errored',
  'backup-changed': 'errored', // deleted or replaced while being read: the next run will see the new one
  'checksum-outdated': 'errored', // it is older than the backup that it differs from: the backup may be newer, or damaged
  'backup-archived': 'errored', // in a storage class that has to be restored before it can be read
  'backup-ambiguous': 'errored', // files that may be parts of one backup or of several: the names must show which
  'backup-undated': 'errored', // there are backups, but without the date that the drill asks for
  'format-unsupported': 'errored', // a backup in a format that is recognized but not supported
  'backup-encrypted': 'errored', // we have no key; the people who do a real recovery may
  'key-missing': 'errored', // the drill names a key that cannot be read
  'key-wrong': 'errored', // none of the keys opens the backup: an authenticated format says so
  'budget-exceeded': 'errored', // refused before anything was read
  'price-missing': 'errored', // the budget is in money, and what reading costs is not known
  'protection-unsupported': 'errored', // the drill asks for locks, and the store knows none
  'protection-unknown': 'errored', // the store could not be asked how it protects the backup
  'engine-unreachable': 'errored',
  'image-missing': 'errored',
  'engine-mismatch': 'errored', // the drill names another product than the one that made the backup
  'extension-missing': 'errored',
  'image-incomplete': 'errored', // it lacks a collation, library, dictionary, plug-in or keyring that the backup needs
  'version-unsupported': 'errored',
  'tool-missing': 'errored',
  'sandbox-refused': 'errored', // limits or isolation that this host does not support
  'sandbox-died': 'errored',
  'sandbox-leaked': 'errored',
  'out-of-memory': 'errored',
  'disk-full': 'errored',
  'step-failed': 'errored', // a program that the drill names, and that says nothing about the backup
  'server-failed': 'errored', // the sandboxed server did not start, or went away
  'target-ambiguous': 'errored', // the drill names no table, and several were lost: the backup is not at fault
  'target-in-future': 'errored', // a mistake in the drill, or the clocks differ
  'check-malformed': 'errored',
  'manifest-missing': 'errored', // nothing to compare the rows with: the backup job did not store it
  'manifest-unusable': 'errored', // it is damaged, or of other rules: it says nothing about the backup
  'database-failed': 'errored', // a running database that a command reads, not a restored one
  'store-failed': 'errored',
  'store-newer': 'errored',
  'store-incomplete': 'errored', // a copy into it has not ended
  'store-differs': 'errored', // a copy is not what it was made from
  'notify-failed': 'errored', // about a message, never about a run, which has ended by then
  'listen-failed': 'errored',
  'pdf-failed': 'errored', // about a report, never about a run
  internal: 'errored',

  interrupted: 'interrupted',
  stopped: 'interrupted', // canceled by a user

  'backup-missing': 'missing-backup',
  'backup-stale': 'stale-backup',
  'backup-empty': 'unrestorable',
  'backup-truncated': 'unrestorable',
  'backup-corrupt': 'unrestorable',
  'backup-incomplete': 'unrestorable', // a backup that it builds on is missing, or is of another server
  'backup-unrecognised': 'unrestorable',
  'restore-failed': 'unrestorable',
  'log-start-unknown': 'errored', // the backup does not say where in the log it was taken: another backup of the same database may
  'log-incomplete': 'unrestorable', // the log archive has a hole, or nothing of what recovery needs
  'log-damaged': 'unrestorable', // a segment of the log archive is not what the server wrote
  'target-not-reached': 'unrestorable', // the log does not hold the point that recovery was to stop at
  'wrong-data': 'wrong-data',
  'too-slow': 'too-slow',
  'backup-unprotected': 'unprotected',
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof MEANINGS;
export const ERROR_CODES = Object.keys(MEANINGS) as ErrorCode[];

export interface DrillErrorOptions {
  /** The next step for the reader, as a full sentence. */
  hint?: string;
  stage?: StageName;
  cause?: unknown;
  /** Whether the cause passes by itself (a lock, a full disk), so that a retry can help. Default: no. */
  mayPass?: boolean;
  /** More lines of evidence (secrets already removed), e.g. the restore tool's errors. */
  details?: readonly string[];
}

/** Every failure that a user can see. The message says what and where, with the number. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly mayPass: boolean;
  /** The stage in which it occurred; set once, where the stage is run. */
  stage: StageName | undefined;

  constructor(code: ErrorCode, message: string, options: DrillErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.stage = options.stage;
    this.details = options.details ?? [];
    this.mayPass = options.mayPass ?? false;
  }
}

/** @returns what the code means for a run, see {@link Meaning}. */
export function meaningOf(code: ErrorCode): Meaning {
  return MEANINGS[code];
}

/** @returns the reason of the verdict when recovery does not work; undefined when the harness broke. */
export function reasonOf(error: DrillError): Reason | undefined {
  const meaning = meaningOf(error.code);
  return meaning === 'usage' || meaning === 'errored' || meaning === 'interrupted' ? undefined : meaning;
}

/** Whether the code means that a check could say nothing about the data, so that the other checks still count. */
export function provesNothing(code: ErrorCode): boolean {
  return code === 'check-malformed' || code === 'manifest-missing' || code === 'manifest-unusable';
}

/** @returns the process exit code for this error alone. */
export function exitCodeOf(error: DrillError): number {
  const meaning = meaningOf(error.code);
  if (meaning === 'usage') return EXIT.usage;
  if (meaning === 'errored') return EXIT.errored;
  if (meaning === 'interrupted') return EXIT.interrupted;
  return EXIT.failed;
}

/**
 * Turns anything thrown into a DrillError: a DrillError is returned unchanged, anything else becomes `internal` with its message. The first cause wins: a
 * wrapped DrillError is never wrapped again, and an error during cleanup does not replace the original one.
 */
export function asDrillError(thrown: unknown, stage?: StageName): DrillError {
  if (thrown instanceof SuppressedError) return asDrillError(thrown.suppressed, stage);
  if (thrown instanceof DrillError) {
    thrown.stage ??= stage;
    return thrown;
  }
  // what Node throws for an aborted stream contains the signal's reason
  if (thrown instanceof Error && thrown.name === 'AbortError' && thrown.cause instanceof DrillError)
    return asDrillError(thrown.cause, stage);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DrillError('internal', `unexpected: ${message}`, {
    hint: 'This is a defect in Firedrill: please report it.',
    cause: thrown,
    ...(stage ? { stage } : {}),
  });
}

/** `source-denied: access was denied`; only the message if the run was canceled, because the message already says so. */
export function describeError({ code, message }: Pick<DrillError, 'code' | 'message'>): string {
  return meaningOf(code) === 'interrupted' ? message : `${code}: ${message}`;
}

/** The only formatter: `code: message`, its evidence, and the hint, as lines of text without color. */
export function formatError(error: DrillError): string {
  const lines = [describeError(error), ...error.details.map((line) => `  ${line}`)];
  if (error.hint) lines.push(`HINT: ${error.hint}`);
  return lines.join('\n');
}
