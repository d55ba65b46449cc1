import type { Readable } from 'node:stream';
import type { ListedFile, SourceFiles } from '../../../backup/content.ts';
import { DrillError } from '../../../support/errors.ts';
import { readShort } from '../../../support/read-start.ts';
import type { LogArchive, Recovery, Restoration } from '../../format.ts';

/** The largest segment size that a server can be created with. */
const MAX_SEGMENT_BYTES = 2 ** 30;

export interface StoredLogPlace {
  /** Matches the key of a backup; the first group is the tool's directory for one server. */
  readonly backup: RegExp;
  /** The log's folder in there: `wals/`. */
  readonly folder: string;
  /** Decodes a file further, after the encryption and compression recognised by content were removed. Default: no further decoding. */
  readonly unpack?: (file: ListedFile, stored: Readable) => Readable;
}

/**
 * The log that a backup tool stores next to a server's backups.
 * @returns undefined for a backup that was moved elsewhere.
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
      throw new DrillError('log-damaged', `${file.key} is larger than 1 GiB, so it is not a log segment`, {
        hint: 'Look for another copy of the segment, and take a new backup now.',
      });
    },
    stream: open,
  };
}

/**
 * Lets a restoration use that log, unless the drill names one.
 * @param endSegment the last segment needed to make the backup consistent: a recovery to the end of the backup fetches no more. Undefined if unknown.
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

/** The part of a log up to a segment. @param endSegment undefined for all of it. */
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

/** @param prefix of keys, which may start with the end of the source's description. */
function describePrefix(description: string, prefix: string): string {
  const whole = description.endsWith('/') ? description : `${description}/`;
  for (let length = prefix.length; length > 0; length -= 1) {
    if (whole.endsWith(`/${prefix.slice(0, length)}`)) return `${whole}${prefix.slice(length)}`;
  }
  return `${whole}${prefix}`;
}
