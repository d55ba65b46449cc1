import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import { segmentName, segmentNumberAt } from './segment-name.ts';

/** Part of the log, in a sandbox. */
export interface LogPart {
  readonly sandbox: Sandbox;
  /** The directory of the server's programs. */
  readonly binDir: string;
  /** A directory with every segment under its name on a single timeline; see {@link linkSegments}. */
  readonly directory: string;
  readonly timeline: number;
  readonly segmentBytes: number;
  readonly startLsn: string;
  /** The end of the newest segment: everything up to it must be readable. */
  readonly endLsn: string;
  /** For messages: `s3://acme-backups/wal/`. */
  readonly description: string;
}

/**
 * Links the segments of all timelines under names of the newest, since pg_waldump does not follow timeline switches. A timeline starts with a copy of the
 * segment in which it left the previous one. Segments may have been removed since earlier links were made: pg_waldump gives up if the first link that it finds
 * is dangling. Source: PostgreSQL's src/bin/pg_waldump/pg_waldump.c, search_directory. A segment that is still being written, or whose fetch failed, is not
 * linked: its `.ok` is missing.
 * @param segments names, in log order; of two with the same position, the later one wins. @returns the directory with the links.
 */
export async function linkSegments(
  sandbox: Sandbox,
  from: string,
  segments: readonly string[],
  timeline: number,
  signal: AbortSignal,
): Promise<string> {
  const directory = `${from}/one-timeline`;
  const links = segments.map((name) => `${name} ${segmentName(timeline, 0, 2 ** 24).slice(0, 8)}${name.slice(8)}\n`);
  const argv = ['sh', '-c', LINK, 'link', directory];
  const { exitCode, stderr } = await sandbox.exec(argv, { stdin: Readable.from([links.join('')]), signal });
  if (exitCode !== 0) throw new DrillError('internal', `the log’s segments cannot be linked: ${toPrintable(stderr)}`);
  return directory;
}

const LINK = `
set -eu
mkdir -p "$1"
cd "$1"
for link in *; do [ -e "$link" ] || rm -f "$link"; done
while read -r from to; do [ ! -e "../$from.ok" ] || ln -sf "../$from" "$to"; done
`;

/**
 * Prints the matching records of a part of the log.
 * @param pattern for grep -E.
 * @throws DrillError `tool-missing` if the sandbox has no pg_waldump; `log-incomplete`, `log-damaged` if the log cannot be read to the end.
 */
export async function dumpLog(
  part: LogPart,
  pattern: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { sandbox, binDir, directory, timeline, startLsn, endLsn } = part;
  const lines = new PassThrough();
  const reading = (async () => {
    for await (const line of createInterface({ input: lines })) onLine(line);
  })();
  reading.catch(() => undefined); // awaited below
  const argv = ['sh', '-c', DUMP, 'dump', binDir, directory, startLsn, endLsn, String(timeline), pattern];
  const { exitCode, stderr } = await sandbox.exec(argv, { stdout: lines, signal, env: { LC_ALL: 'C', TZ: 'UTC' } });
  await reading;
  if (exitCode === NO_TOOL) throw lacksTool(sandbox, NAME_A_POINT);
  const error = explainDump(stderr, part);
  if (error) throw error;
}

/**
 * @param instead what else a drill can do; follows the rest of the hint. Default: nothing.
 * @throws DrillError `tool-missing` if the sandbox has no pg_waldump: must be reported before hours are spent fetching and unpacking.
 */
export async function requireDumpTool(
  { sandbox, binDir }: Pick<LogPart, 'sandbox' | 'binDir'>,
  signal: AbortSignal,
  instead = '',
): Promise<void> {
  const { exitCode } = await sandbox.exec(['sh', '-c', '[ -x "$1/pg_waldump" ]', 'find', binDir], { signal });
  if (exitCode !== 0) throw lacksTool(sandbox, instead);
}

/** For {@link requireDumpTool}, in a drill. */
export const NAME_A_POINT = '; or name an instant or a position in `recover.to`';

function lacksTool({ provenance }: Sandbox, instead: string): DrillError {
  return new DrillError(
    'tool-missing',
    `${provenance.name} lacks pg_waldump, which finds what was dropped or deleted`,
    {
      hint: `Use \`--runtime docker\`, or install the server’s package${instead}.`,
    },
  );
}

const NO_TOOL = 81;

/** sh has no pipefail, so the last line of stderr is pg_waldump's exit code. */
const DUMP = `
[ -x "$1/pg_waldump" ] || exit ${NO_TOOL}
{ "$1/pg_waldump" -p "$2" -s "$3" -e "$4" -t "$5"; echo "ended with $?" >&2; } | grep -E "$6"
exit 0
`;

/**
 * @param stderr of pg_waldump, followed by a line with its exit code. It ends without an error at the given end.
 * @returns undefined for a log that was read to the end.
 */
export function explainDump(
  stderr: string,
  { description, startLsn, endLsn, segmentBytes, timeline }: Omit<LogPart, 'sandbox' | 'binDir' | 'directory'>,
): DrillError | undefined {
  const lines = stderr.split('\n').filter(Boolean);
  const status = /^ended with (\d+)$/.exec(lines.at(-1) ?? '')?.[1];
  if (status === '0') return undefined;
  const newest = segmentName(timeline, segmentNumberAt(endLsn, segmentBytes) - 1, segmentBytes);
  const missing = /could not find file "(?:\S*\/)?([0-9A-F]{24})"/.exec(stderr)?.[1];
  if (missing !== undefined) {
    return new DrillError('log-incomplete', `${description} lacks the segment ${missing}, and goes on to ${newest}`, {
      hint: 'Events after it can be neither found nor recovered. Take a new backup now, and find out why it was not archived.',
    });
  }
  // it names the last intact record, then the position of the bad one
  const error = /error in WAL record at [0-9A-F]+\/[0-9A-F]+: (.*)/.exec(stderr)?.[1];
  const at = [...(error ?? '').matchAll(/\b(?:at|LSN) ([0-9A-F]+\/[0-9A-F]+)/g)].at(-1)?.[1];
  const isUnreadable = error !== undefined || /could not find a valid record/.test(stderr);
  const details = lines
    .filter((line) => /error|fatal/.test(line))
    .slice(-5)
    .map((line) => toPrintable(line));
  if (isUnreadable) {
    const where = at ?? startLsn;
    const segment = segmentName(timeline, segmentNumberAt(where, segmentBytes), segmentBytes);
    return new DrillError(
      'log-damaged',
      `the log in ${description} cannot be read beyond ${where}, in ${segment}, and goes on to ${newest}`,
      { hint: 'A segment is damaged. Look for another copy of it, and take a new backup now.', details },
    );
  }
  return new DrillError(
    'restore-failed',
    `pg_waldump cannot read the log in ${description} (${status ? `exit code ${status}` : 'it was ended'})`,
    {
      hint: 'Its output is below. Name an instant or a position in `recover.to` to recover without it.',
      details,
    },
  );
}
