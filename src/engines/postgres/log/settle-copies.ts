import { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import type { LogArchive, LogFile } from '../../format.ts';
import { nameOfLogFile } from './plan-log.ts';

/**
 * An archive with one file for each name that the server asks for. Copies of one segment, such as a compressed and a plain one, or those in two folders, are
 * compared when it is read: which of two different ones the server wrote cannot be told.
 */
export function settleCopies(archive: LogArchive): LogArchive {
  const byName = Map.groupBy(archive.files, ({ key }) => nameOfLogFile(key));
  const copiesOf = new Map<LogFile, readonly LogFile[]>();
  const left = new Set<LogFile>();
  for (const [name, copies] of byName) {
    const kept = copies.at(-1);
    if (name === undefined || !kept || copies.length < 2) continue;
    copiesOf.set(kept, copies);
    for (const copy of copies) if (copy !== kept) left.add(copy);
  }
  if (copiesOf.size === 0) return archive;
  const { stream, ...rest } = archive;
  const read: LogArchive['read'] = async (file, signal) => {
    const bytes = await archive.read(file, signal);
    for (const copy of copiesOf.get(file) ?? []) {
      if (copy === file || (await archive.read(copy, signal)).equals(bytes)) continue;
      throw new DrillError(
        'log-damaged',
        `${archive.description} holds two files that differ for ${nameOfLogFile(file.key)}: ${copy.key} and ${file.key}`,
        {
          hint: 'Two servers archive into one place, or one of the files was changed: find out which is right, move the other away, and take a new backup.',
        },
      );
    }
    return bytes;
  };
  return {
    ...rest,
    files: archive.files.filter((file) => !left.has(file)),
    read,
    ...(stream && {
      stream: async (file, signal) =>
        copiesOf.has(file) ? Readable.from([await read(file, signal)]) : stream(file, signal),
    }),
  };
}
