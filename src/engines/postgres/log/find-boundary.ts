import type { ReplayedCommit } from '../../engine.ts';
import type { LogPart } from './dump-log.ts';
import { formatLsn, parseLsn, readLogLine } from './log-line.ts';

/** The commits before and after the point where a replay ended. */
export interface Boundary {
  readonly last: ReplayedCommit | undefined;
  readonly next: ReplayedCommit | undefined;
}

/** How far before the end to search for the last commit: a log without a commit for longer than that is from an idle server. */
const SEGMENTS_BACK = 4;

/**
 * Finds in the log the last commit that was replayed and the first that was not.
 * @param of.end start of the last record that the server read. @param of.wasReplayed whether it also replayed it.
 * @returns undefined if the sandbox has no pg_waldump.
 */
export async function findBoundary(
  part: LogPart,
  { end, wasReplayed }: { readonly end: string; readonly wasReplayed: boolean },
  signal: AbortSignal,
): Promise<Boundary | undefined> {
  const { sandbox, binDir, directory, timeline, segmentBytes, startLsn, endLsn } = part;
  const at = parseLsn(end);
  const segment = Math.floor(at / segmentBytes);
  const from = Math.max(parseLsn(startLsn), (segment - SEGMENTS_BACK) * segmentBytes);
  const argv = ['sh', '-c', FIND, 'find', binDir, directory, String(timeline), formatLsn(from), end, endLsn];
  const { stdout, exitCode } = await sandbox.exec(argv, { signal, env: { LC_ALL: 'C', TZ: 'UTC' } });
  if (exitCode !== 0) return undefined;
  const commits = stdout.split('\n').flatMap(readCommit);
  return {
    last: commits.findLast(({ position }) => isReplayed(parseLsn(position))),
    next: commits.find(({ position }) => !isReplayed(parseLsn(position))),
  };

  function isReplayed(position: number): boolean {
    return position < at || (position === at && wasReplayed);
  }
}

/**
 * The last commits before a position, and the first one from it on: pg_waldump ends when the pipe closes. Without an end position it waits five seconds for a
 * segment after the last one. Source: PostgreSQL's src/bin/pg_waldump/pg_waldump.c, WALDumpOpenSegment.
 */
const FIND = `
[ -x "$1/pg_waldump" ] || exit 1
"$1/pg_waldump" -p "$2" -t "$3" -s "$4" -e "$5" -r Transaction 2> /dev/null | grep COMMIT | tail -n 1
"$1/pg_waldump" -p "$2" -t "$3" -s "$5" -e "$6" -r Transaction 2> /dev/null | grep COMMIT | head -n 2
exit 0
`;

/** @returns nothing for a line that is not a commit. Times have millisecond precision. */
export function readCommit(text: string): readonly (ReplayedCommit & { readonly position: string })[] {
  const line = readLogLine(text);
  const [, prepared, day, time] =
    /^COMMIT(?:_PREPARED (\d+):)? (\d{4}-\d\d-\d\d) ([\d:.]+) UTC/.exec(line?.description ?? '') ?? [];
  if (!line || day === undefined) return [];
  return [{ transaction: prepared ?? line.xid, at: new Date(`${day}T${time}Z`), position: line.lsn }];
}
