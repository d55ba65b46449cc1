import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { flipBytes } from '../engines/postgres/physical/flip-bytes.ts';
import { changeBuildOption, changeResourceManager } from '../engines/postgres/physical/patch-bytes.ts';

export interface Place {
  /** The data directory of the backup. */
  readonly base: string;
  /** @returns the path of a segment in the log archive, in order from the backup's first on; a negative index counts from the last. */
  readonly segment: (index: number) => string;
  /** @returns the path of the first segment that contains this text. */
  readonly segmentWith: (text: string) => string;
  readonly log: string;
}

export interface Refused {
  /** Damages the copies. */
  readonly spoil?: (place: Place) => void;
  readonly to?: unknown;
  readonly hasLog?: boolean;
  readonly engine?: Record<string, unknown>;
}

/**
 * One row for each way in which a server ends a recovery, and for each place where Firedrill ends it earlier: on the way to the sandbox, in it, and
 * while the log is fed. For what else is refused there, see the unit tests in test/engines/postgres: log/{plan-log,log-feed,settle-copies},
 * recovery/{recovery-log,require-later-target}.
 */
export const REFUSALS: readonly (readonly [what: string, of: Refused, code: string, says: RegExp, hint: RegExp])[] = [
  [
    'a segment that is too short',
    { spoil: ({ segment }) => truncateSync(segment(-2), 100_000) },
    'log-damaged',
    /has 100000 bytes, and segments of this log have 1048576/,
    /another copy of the segment/,
  ],
  [
    'a segment that is missing before the end of the backup',
    { spoil: ({ segment }) => rmSync(segment(1)) },
    'log-incomplete',
    /lacks the segment [0-9A-F]{24}, and goes on to [0-9A-F]{24}/,
    /Take a new backup now/,
  ],
  [
    'a segment with a changed byte',
    { spoil: ({ segment }) => flipBytes(segment(-2), 220) },
    'log-damaged',
    /cannot be read beyond the record/,
    /Look for another copy of it/,
  ],
  [
    'a log without anything since the backup',
    { spoil: ({ log, segment }) => removeSince(log, basename(segment(0))) },
    'log-incomplete',
    /holds nothing of the log from [0-9A-F]{24} on/,
    /archive_command/,
  ],
  [
    'no log at all',
    { hasLog: false },
    'backup-truncated',
    /the log that its recovery begins with is missing or damaged/,
    /--wal-method=stream/,
  ],
  [
    'a position that was never reached',
    { to: { lsn: 'F/0' } },
    'target-not-reached',
    /the log ends before the position F\/0: its last transaction committed at \d/,
    /Check the target/,
  ],
  [
    'an instant before the backup',
    { to: '2020-01-01T00:00:00Z' },
    'target-not-reached',
    /the target 1 Jan 2020, 00:00 UTC is before orders\S*, which has its checkpoint at \d/,
    /older backup/,
  ],
  [
    'an instant in the future',
    { to: '2999-01-01T00:00:00Z' },
    'target-in-future',
    /the recovery target 1 Jan 2999, 00:00 UTC is after the start of the run/,
    /in the past/,
  ],
  [
    'the history of a newer timeline, empty',
    { spoil: ({ log }) => writeFileSync(join(log, '00000002.history'), '') },
    'log-damaged',
    /00000002\.history in .* does not say which timeline it left: it is empty/,
    /`pg_wal` usually has one/,
  ],
  [
    'an event to stop before, without pg_waldump',
    { to: { before: 'drop-database', object: 'crm' } },
    'tool-missing',
    /lacks pg_waldump, which finds what was dropped or deleted/,
    /--runtime docker.*name an instant or a position/,
  ],
  [
    'the log of another cluster',
    { spoil: ({ log }) => changeSystemIdentifier(log) },
    'log-incomplete',
    /belongs to another database cluster than the backup: its system identifier is \d+, and the backup’s \d+/,
    /`backup\.log\.source` is where this server archives its log/,
  ],
  [
    'an increment without what it builds on',
    {
      spoil: ({ base }) =>
        appendFileSync(join(base, 'backup_label'), 'INCREMENTAL FROM LSN: 0/1000028\nINCREMENTAL FROM TLI: 1\n'),
    },
    'backup-incomplete',
    /./,
    /./,
  ],
  [
    'a library that the image lacks',
    { engine: { preload: ['nowhere'] } },
    'image-incomplete',
    /lacks the library nowhere/,
    /engine\.image|install/,
  ],
  [
    'more prepared transactions than the drill allows',
    { engine: { settings: { max_prepared_transactions: '0' } } },
    'image-incomplete',
    /more prepared transactions than the server was started for/,
    /engine\.settings\.max_prepared_transactions/,
  ],
  [
    'a record of an extension that is not loaded',
    { spoil: ({ segmentWith }) => changeResourceManager(segmentWith('of an extension'), 'of an extension', 130) },
    'image-incomplete',
    /records of an extension whose library is not loaded/,
    /engine\.preload/,
  ],
  [
    'pages of another size',
    { spoil: ({ base }) => changeBuildOption(join(base, 'global/pg_control'), 'blcksz', 16_384) },
    'version-unsupported',
    /from a server that was built differently/,
    /same build options/,
  ],
  [
    'a control file that is damaged',
    { spoil: ({ base }) => flipBytes(join(base, 'global/pg_control'), 60) },
    'backup-corrupt',
    /a file that recovery needs is damaged or missing/,
    /name it/,
  ],
];

/** Removes this segment and all later ones. */
function removeSince(log: string, name: string): void {
  for (const each of readdirSync(log)) if (/^[0-9A-F]{24}$/.test(each) && each >= name) rmSync(join(log, each));
}

/**
 * Changes all segments, in the header of their first page. Source: PostgreSQL's src/include/access/xlog_internal.h,
 * XLogLongPageHeaderData.
 */
function changeSystemIdentifier(log: string): void {
  for (const name of readdirSync(log)) {
    if (!/^[0-9A-F]{24}$/.test(name)) continue;
    const bytes = readFileSync(join(log, name));
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(24) + 1n, 24);
    writeFileSync(join(log, name), bytes);
  }
}
