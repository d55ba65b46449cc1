import type { SourceFiles } from '../../../../backup/content.ts';
import type { LogArchive } from '../../../format.ts';

/**
 * The log that barman-cloud-wal-archive writes beside the backups of a server: `SERVER/wals/`, where they are in `SERVER/base/`.
 * @param key of the backup: `SERVER/base/20261128T030000/`.
 * @returns undefined for a backup that was moved out of its place.
 */
export function findBarmanLog(key: string, inSource: SourceFiles | undefined): LogArchive | undefined {
  const server = /^(.*?)(?:^|(?<=\/))base\/[^/]+\/$/s.exec(key)?.[1];
  if (server === undefined || !inSource) return undefined;
  const prefix = `${server}wals/`;
  const files = inSource.files.filter((file) => file.key.startsWith(prefix));
  return {
    description: describePrefix(inSource.description, prefix),
    files,
    read: (file, signal) => inSource.read(file, signal),
    stream: (file, signal) => inSource.streamUnwrapped(file, signal),
  };
}

/**
 * The part of a log that a recovery to the end of the backup needs, so that no more is fetched.
 * @param endSegment the last of these; undefined: all.
 */
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
