import { DrillError } from '../../../support/errors.ts';
import type { LogArchive, Recovery } from '../../format.ts';
import { nameAt, orderFiles, readLogName, type StoredLogFile, splitLogName } from './log-names.ts';
import type { GtidState } from './plan-gtids.ts';
import { readLog } from './read-log.ts';
import type { LogCoordinates } from './start-coordinates.ts';
import { streamLogFile } from './stored-log.ts';

/** The files of one server’s log, in order, from the first one that may be needed. */
export interface LogFiles {
  readonly description: string;
  readonly files: readonly StoredLogFile[];
  /** The file with the lowest number in the archive; undefined if it has none of this server. */
  readonly lowest: StoredLogFile | undefined;
  /** Whether the first file is the one that the coordinates name; otherwise the GTIDs must show which one it is. */
  readonly startsAtFile: boolean;
}

/**
 * Finds the files of the backup’s server in an archive, by name only.
 * @throws DrillError `log-incomplete` for a log that begins after the backup or ends before it; `backup-ambiguous` for logs of several servers.
 */
export function planFiles({ description, files }: LogArchive, coordinates: LogCoordinates): LogFiles {
  const groups = groupFiles(files.flatMap((file) => readLogName(file) ?? []));
  if (groups.length === 0) throw noLogs(description);
  const at = coordinates.at && splitLogName(coordinates.at.file);
  const named = at && groups.filter(([first]) => first?.basename === at.basename);
  if (at && named && named.length > 0) return startAt(only(named, description), at.number, description, coordinates);
  if (coordinates.gtids === undefined) throw otherNames(groups, coordinates, description);
  const group = only(groups, description);
  return { description, files: group, lowest: group[0], startsAtFile: false };
}

export function noLogs(description: string): DrillError {
  return new DrillError(
    'log-incomplete',
    `${description} holds no binary log: no file, and none in a tar, is named like mysql-bin.000001`,
    {
      hint: 'Point `backup.log.source` at the place that binary logs are copied to, under the names that the server gave them.',
    },
  );
}

/** @throws DrillError `target-not-reached` for a drill that names no archive. */
export function requireArchive({ log, target }: Recovery): LogArchive {
  if (log) return log;
  throw new DrillError('target-not-reached', `there is no log archive to recover from (${target.kind})`, {
    hint: 'Name the place that binary logs are copied to in `backup.log`.',
  });
}

/** The newest file that is preceded only by transactions in the backup. @throws DrillError `log-incomplete` if there is none. */
export async function findFirstFile(
  { files, description }: LogFiles,
  of: {
    readonly archive: LogArchive;
    readonly coordinates: LogCoordinates;
    readonly held: GtidState;
    readonly signal: AbortSignal;
  },
): Promise<readonly StoredLogFile[]> {
  const { archive, coordinates, held, signal } = of;
  const canBegin = async (file: StoredLogFile): Promise<boolean> => {
    const before = await previousGtids(archive, file, signal);
    return before !== undefined && held.canFollow(before);
  };
  const first = await findNewest(files, canBegin);
  if (first >= 0) return files.slice(first);
  throw new DrillError(
    'log-incomplete',
    `${description} begins with ${files[0]?.name}, after the backup, which holds ${shortenGtids(coordinates.gtids)} (${coordinates.saidBy})`,
    {
      hint: 'Keep binary logs at least as long as the backups that need them, and point `backup.log.source` at those of the backup’s server.',
    },
  );
}

/** Searches from the end, which finds the newest soonest, except in a tar, where each step back would read it from the beginning again. */
async function findNewest(
  files: readonly StoredLogFile[],
  isMeant: (file: StoredLogFile) => Promise<boolean>,
): Promise<number> {
  const isInTar = files.some(({ file }) => file.member !== undefined);
  let found = -1;
  for (const [index, file] of isInTar ? [...files.entries()] : [...files.entries()].reverse()) {
    if (!(await isMeant(file))) continue;
    found = index;
    if (!isInTar) break;
  }
  return found;
}

async function previousGtids(
  archive: LogArchive,
  file: StoredLogFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  for await (const batch of readLog(streamLogFile(archive, file, signal), { file: file.name, signal })) {
    for (const event of batch) {
      if (event.type === 'previous-gtids') return event.gtids;
      if (event.type !== 'format') return undefined;
    }
  }
  return undefined;
}

const SHOWN = 120;

/** For use in messages. */
export function shortenGtids(gtids = ''): string {
  return gtids.length <= SHOWN ? gtids || 'no GTID' : `${gtids.slice(0, SHOWN)}…`;
}

/** By folder and name, each group in order. */
function groupFiles(files: readonly StoredLogFile[]): readonly (readonly StoredLogFile[])[] {
  const groups = Map.groupBy(files, ({ folder, basename }) => `${folder}${basename}`);
  return [...groups.values()].map(orderFiles);
}

function only(groups: readonly (readonly StoredLogFile[])[], description: string): readonly StoredLogFile[] {
  const [group = [], ...others] = groups;
  if (others.length === 0) return group;
  const names = groups.map(([first]) => `${first?.folder}${first?.basename}`);
  throw new DrillError(
    'backup-ambiguous',
    `${description} holds the logs of several servers: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and more' : ''}`,
    { hint: 'Point `backup.log.source` at the folder of the server that the backup came from.' },
  );
}

function startAt(
  group: readonly StoredLogFile[],
  number: number,
  description: string,
  coordinates: LogCoordinates,
): LogFiles {
  const [first] = group;
  const newest = group.at(-1);
  if (!first || !newest) return { description, files: [], lowest: undefined, startsAtFile: true };
  const needed = nameAt(first, number);
  if (newest.number < number) {
    throw new DrillError(
      'log-incomplete',
      `${description} ends with ${newest.name}, before the backup, which is at ${needed} (${coordinates.saidBy})`,
      { hint: 'Check the job that archives binary logs: it has copied nothing since then.' },
    );
  }
  const files = group.filter((file) => file.number >= number);
  if (files[0]?.number !== number) {
    const oldest =
      first.number > number
        ? `its oldest is ${first.name}`
        : `it has ${files[0]?.name ?? newest.name}, but not this one`;
    throw new DrillError(
      'log-incomplete',
      `${description} lacks ${needed}, which recovery from the backup begins with (${coordinates.saidBy}); ${oldest}`,
      { hint: 'Keep binary logs at least as long as the backups that need them.' },
    );
  }
  return { description, files, lowest: first, startsAtFile: true };
}

function otherNames(
  groups: readonly (readonly StoredLogFile[])[],
  { at, saidBy }: LogCoordinates,
  description: string,
): DrillError {
  const names = [...new Set(groups.map(([first]) => first?.basename))].slice(0, 5).join(', ');
  return new DrillError(
    'log-incomplete',
    `${description} lacks ${at?.file}, which recovery from the backup begins with (${saidBy}); its logs are named ${names}`,
    {
      hint: 'Archive the logs under the server’s own names, and point `backup.log.source` at those of the backup’s server.',
    },
  );
}
