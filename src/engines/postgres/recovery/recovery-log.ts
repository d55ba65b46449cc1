import { DrillError } from '../../../support/errors.ts';
import { formatExactInstant } from '../../../support/instants.ts';
import type { ReplayedCommit } from '../../engine.ts';
import { OTHER_TIMELINE_HINT } from '../log/plan-log.ts';

/** How a replay ended, according to the server's log. Source of the lines: PostgreSQL's src/backend/access/transam/xlogrecovery.c and xlog.c. */
export interface ReplayEnd {
  /** Start of the last replayed record: `0/3000100`; undefined if there was none. */
  readonly redoDoneAt: string | undefined;
  /** Commit time of the last replayed transaction; undefined if there was none. */
  readonly lastCommitAt: Date | undefined;
  /** The position in the log that it has reached, updated once a second. */
  readonly at: string | undefined;
  /** Where it stopped before the end of the log: `before commit of transaction 773, time 2026-11-27 03:10:00.25+00`. */
  readonly stopped: string | undefined;
  /** The commit that it stopped before. */
  readonly stoppedBefore?: ReplayedCommit;
}

/** Parses the log of a recovering server, line by line. It is in English and in UTC. */
export class RecoveryLog {
  #end: ReplayEnd = {
    redoDoneAt: undefined,
    lastCommitAt: undefined,
    at: undefined,
    stopped: undefined,
  };
  #fatal: string | undefined;

  get end(): ReplayEnd {
    return this.#end;
  }

  readLine(line: string): void {
    const message = /\b(?:LOG|FATAL|PANIC|ERROR):\s+(.*)$/.exec(line)?.[1];
    if (message === undefined) return;
    const at = /redo in progress, .*current LSN: ([0-9A-F]+\/[0-9A-F]+)/.exec(message)?.[1];
    if (at !== undefined) this.#end = { ...this.#end, at };
    const redoDoneAt = /^redo done at ([0-9A-F]+\/[0-9A-F]+)/.exec(message)?.[1];
    if (redoDoneAt !== undefined) this.#end = { ...this.#end, redoDoneAt };
    const time = /^last completed transaction was at log time (\d{4}-\d\d-\d\d) ([\d:.]+)\+00$/.exec(message);
    if (time) this.#end = { ...this.#end, lastCommitAt: new Date(`${time[1]}T${time[2]}Z`) };
    const stopped = /^recovery stopping ((?:before|after) .{1,200})$/.exec(message)?.[1];
    if (stopped !== undefined) this.#end = { ...this.#end, stopped, ...readCommit(stopped) };
    if (/\b(?:FATAL|PANIC):/.test(line)) this.#fatal ??= message;
  }

  /** Whether the log ended before the target, or before the end of the backup. */
  get endedShort(): boolean {
    return this.#fatal !== undefined && ENDED_SHORT.test(this.#fatal);
  }

  /**
   * @param key of the backup. @param point at which recovery should have stopped. @param hasArchive whether it had more of the log than is in the backup.
   * @returns the error for a replay that the server gave up; undefined if its log does not state why.
   */
  explain(
    { key, point, hasArchive }: { readonly key: string; readonly point: string; readonly hasArchive: boolean },
    details: readonly string[],
  ): DrillError | undefined {
    const fatal = this.#fatal;
    if (hasArchive && fatal !== undefined && /recovery ended before configured/.test(fatal)) {
      const until = this.#end.lastCommitAt;
      return new DrillError(
        'target-not-reached',
        `the log ends before ${point}${until ? `: its last transaction committed at ${formatExactInstant(until)}` : ''}`,
        {
          hint: 'Check the target, and that the log up to it was archived.',
          details,
        },
      );
    }
    if (fatal !== undefined && /stop point is before consistent recovery point/.test(fatal)) {
      return new DrillError('target-not-reached', `${point} is before the end of ${key}`, {
        hint: 'Recover from an older backup: name it with `--backup`.',
        details,
      });
    }
    const found = fatal === undefined ? undefined : FATALS.find(([pattern]) => pattern.test(fatal));
    if (!found) return undefined;
    const [, code, what, hint] = found;
    return new DrillError(code, `${key}: ${what}`, { hint, details });
  }
}

const ENDED_SHORT = /recovery ended before configured|WAL ends before/;

function readCommit(stopped: string): Pick<ReplayEnd, 'stoppedBefore'> {
  const [, transaction, day, time] =
    /^before commit of transaction (\d+), time (\d{4}-\d\d-\d\d) ([\d:.]+)\+00$/.exec(stopped) ?? [];
  if (transaction === undefined) return {};
  return { stoppedBefore: { transaction, at: new Date(`${day}T${time}Z`), position: undefined } };
}

const LOG_BESIDE_DATA =
  'Free up space where the engine keeps its volumes: it must hold the growing data and the log, which is fetched ahead of the replay.';

const WAL_HINT =
  'Take backups with `--wal-method=stream` or `fetch`, so that each holds the log that it needs, and check that nothing of it was lost.';

/** The server's fatal errors during a recovery, with their meaning and what to do. */
const FATALS: readonly (readonly [
  pattern: RegExp,
  code:
    | 'disk-full'
    | 'backup-truncated'
    | 'backup-corrupt'
    | 'restore-failed'
    | 'image-incomplete'
    | 'version-unsupported',
  what: string,
  hint: string,
])[] = [
  [
    /No space left on device/,
    'disk-full',
    'the sandbox is full before all of its log has been replayed',
    LOG_BESIDE_DATA,
  ],
  [
    /archive file "[^"]*" has wrong size/, // each had the right length when it was sent: see LogFeed
    'disk-full',
    'a segment of its log was not written whole: the sandbox is full',
    LOG_BESIDE_DATA,
  ],
  [
    /could not locate (?:required|a valid) checkpoint record|could not find redo location/,
    'backup-truncated',
    'the log that its recovery begins with is missing or damaged',
    WAL_HINT,
  ],
  [
    /WAL ends before (?:end of online backup|consistent recovery point)/,
    'backup-truncated',
    'its log ends before the end of the backup, or is damaged there',
    WAL_HINT,
  ],
  [
    /recovery ended before configured recovery target was reached/,
    'backup-truncated',
    'its log ends before the point that recovery is to reach, or is damaged there',
    WAL_HINT,
  ],
  [
    /requested timeline \d+ (?:is not a child|does not contain)/,
    'restore-failed',
    'the newest timeline in the log archive does not descend from it',
    OTHER_TIMELINE_HINT,
  ],
  [
    /maximum number of prepared transactions reached/,
    'image-incomplete',
    'it holds more prepared transactions than the server was started for',
    'Set `engine.settings.max_prepared_transactions` in the drill to the value of the backed-up server.',
  ],
  [
    /resource manager with ID \d+ not registered/,
    'image-incomplete',
    'its log has records of an extension whose library is not loaded',
    'Name the library in `engine.preload`, with an image that has it in `engine.image`.',
  ],
  [
    /could not access file|could not load library/,
    'image-incomplete',
    'the server lacks a library that it is configured to load',
    'Name an image that has it in `engine.image`, or remove it from `engine.preload`.',
  ],
  [
    /^directory "[^"]*" does not exist$/,
    'image-incomplete',
    'its log creates a tablespace, in a directory that the sandbox does not have',
    'Drill a backup that was taken afterwards: it holds the tablespace, and its directory is made for it. Until there is one, recover to a time before the tablespace was created.',
  ],
  [
    /insufficient parameter settings|recovery aborted because of/,
    'restore-failed',
    'the server’s settings are lower than the backed-up server’s',
    'Please report this as a bug.',
  ],
  [
    /database files are incompatible with server|initialized by PostgreSQL version/,
    'version-unsupported',
    'its data directory comes from a server that was built differently',
    'Name an image of the same major version and the same build options (block size, segment size) in `engine.image`.',
  ],
  [
    /incorrect checksum in control file|invalid data in file "backup_label"|could not (?:open|read|map) file|invalid page|invalid checkpoint|contains invalid/,
    'backup-corrupt',
    'a file that recovery needs is damaged or missing',
    'The lines of the server’s log below name it: check the storage, and take a new backup.',
  ],
];
