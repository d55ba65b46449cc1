import type { Readable } from 'node:stream';
import type { ListedFile, SourceFiles } from '../../../backup/content.ts';
import { DrillError } from '../../../support/errors.ts';
import { readShort } from '../../../support/read-start.ts';
import type { LogArchive, Recovery, Restoration } from '../../format.ts';

/** The largest segment that a server can be made with. */
const MAX_SEGMENT_BYTES = 2 ** 30;

export interface StoredLogPlace {
  /** Matches the key of a backup; its first group is what the tool puts everything of one server under. */
  readonly backup: RegExp;
  /** The log's folder there: `wals/`. */
  readonly folder: string;
  /** Takes what is left of a file once what its content shows was removed. Default: that is the content. */
  readonly unpack?: (file: ListedFile, stored: Readable) => Readable;
}

/**
 * The log that a backup tool stores beside the backups of a server.
 * @returns undefined for a backup that was moved out of its place.
 */
export function findStoredLog(
  key: string,
  inSource: SourceFiles | undefined,
  { backup, folder, unpack = (_file, stored) => stored }: StoredLogPlace,
): LogArchive | undefined {
  const server = backup.exec(key)?.[1];
  if (server === undefined || !inSource) return undefined;
  const prefix = `${server}${folder}`;
  const open = async (file: ListedFile, signal: AbortSignal) =>
    unpack(file, await inSource.streamUnwrapped(file, signal));
  return {
    description: describePrefix(inSource.description, prefix),
    files: inSource.files.filter((file) => file.key.startsWith(prefix)),
    read: async (file, signal) => {
      const bytes = await readShort(await open(file, signal), MAX_SEGMENT_BYTES);
      if (bytes) return bytes;
      throw new DrillError('log-damaged', `${file.key} has more than 1 GiB: it is not a segment of a log`, {
        hint: 'Look for another copy of the segment, and take a new backup now.',
      });
    },
    stream: open,
  };
}

/**
 * Lets a restoration use that log. One that the drill names takes its place.
 * @param endSegment the last that makes the backup consistent: no more is fetched for a recovery to the end of the backup. Undefined: not known.
 */
export function withStoredLog(
  { run }: Restoration,
  log: LogArchive | undefined,
  endSegment: string | undefined,
): Restoration {
  return {
    run: ({ recovery = { target: { kind: 'backup-end' }, log: undefined }, ...rest }) => {
      const own = log && recovery.target.kind === 'backup-end' ? upTo(log, endSegment) : log;
      const chosen: Recovery = { ...recovery, log: recovery.log ?? own };
      return run({ ...rest, recovery: chosen });
    },
  };
}

/** The part of a log up to a segment. @param endSegment undefined: all. */
export function upTo(log: LogArchive, endSegment: string | undefined): LogArchive {
  if (endSegment === undefined) return log;
  return {
    ...log,
    files: log.files.filter(({ key }) => {
      const name = /(?:^|\/)([0-9A-F]{24})[^/]*$/.exec(key)?.[1];
      return name === undefined || name <= endSegment;
    }),
  };
}

/** @param prefix as in keys, which begin with what of it the source's description ends with. */
function describePrefix(description: string, prefix: string): string {
  const whole = description.endsWith('/') ? description : `${description}/`;
  for (let length = prefix.length; length > 0; length -= 1) {
    if (whole.endsWith(`/${prefix.slice(0, length)}`)) return `${whole}${prefix.slice(length)}`;
  }
  return `${whole}${prefix}`;
}
