import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import type { LogArchive } from '../../format.ts';
import type { BackupLabel } from '../recovery/backup-label.ts';
import { LogFeed } from './log-feed.ts';
import { type LogPlan, nameLogFiles, planLog } from './plan-log.ts';
import { readHeader, readHistory } from './read-log-file.ts';
import { segmentBytesIn } from './segment-header.ts';
import { readSegmentName, segmentNumberAt } from './segment-name.ts';
import { settleCopies } from './settle-copies.ts';

/** The log of a backup, while it is being copied into the sandbox. */
export interface OpenLog {
  readonly plan: LogPlan;
  readonly segmentBytes: number;
  readonly feed: LogFeed;
}

/**
 * Finds the part of the archive that follows the backup, and starts to fetch it.
 * @throws DrillError `log-incomplete`, `log-damaged`, or what reading throws.
 */
export async function openLog(
  given: LogArchive,
  label: Pick<BackupLabel, 'startSegment' | 'timeline'> & { readonly notLeftBefore?: string | undefined },
  { sandbox, onFetched, signal }: { sandbox: Sandbox; onFetched: (bytes: number) => void; signal: AbortSignal },
): Promise<OpenLog> {
  const archive = settleCopies(given);
  const named = nameLogFiles(archive.files);
  const segmentBytes = await readSegmentBytes(archive, named, label.startSegment, signal);
  const histories = await readHistories(archive, named, signal);
  const { description } = archive;
  const plan = planLog({ description, named }, histories, { ...label, segmentBytes });
  const directory = `${sandbox.paths.scratch}/log`;
  return {
    plan,
    segmentBytes,
    feed: new LogFeed({ archive, plan, segmentBytes, sandbox, directory, onFetched }, signal),
  };
}

/** @returns the texts of the `.history` files, by name. @throws what {@link readHistory} throws. */
export async function readHistories(
  archive: LogArchive,
  named: ReturnType<typeof nameLogFiles>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const histories = new Map<string, string>();
  for (const [name, file] of named) {
    if (name.endsWith('.history')) histories.set(name, (await readHistory(archive, file, signal)).toString('latin1'));
  }
  return histories;
}

/** Every segment states the segment size; it is a property of the cluster. */
async function readSegmentBytes(
  archive: LogArchive,
  named: ReturnType<typeof nameLogFiles>,
  startSegment: string,
  signal: AbortSignal,
): Promise<number> {
  const name = named.has(startSegment) ? startSegment : [...named.keys()].find((each) => each.length === 24);
  const file = name === undefined ? undefined : named.get(name);
  if (!file) {
    throw new DrillError('log-incomplete', `${archive.description} holds no log segment`, {
      hint: 'Check the server’s `archive_command`, and that it writes there.',
    });
  }
  const bytes = segmentBytesIn(await readHeader(archive, file, signal));
  if (bytes !== undefined) return bytes;
  throw new DrillError('log-damaged', `${name} in ${archive.description} does not begin like a log segment`, {
    hint: 'Look for another copy of the segment, and take a new backup now.',
  });
}

/**
 * Proves that a recovery to the end of the archive got past its newest segment: only then does the server request the one after it. If a segment is missing, or
 * a record in it is damaged, the server ends its recovery silently.
 * @throws DrillError `log-incomplete`, `log-damaged`.
 */
export function requireWholeLog(
  { plan, segmentBytes, feed }: OpenLog,
  archive: LogArchive,
  redoDoneAt: string | undefined,
): void {
  const { newest, segments } = plan;
  const asked = [...feed.asked];
  const numbers = asked.flatMap((name) => numberOf(name, segmentBytes));
  if (numbers.some((number) => number > newest.number)) return;
  const last = Math.max(redoDoneAt === undefined ? -1 : segmentNumberAt(redoDoneAt, segmentBytes), -1);
  const missing = numbers.find((number) => number >= last && !segments.some((one) => one.number === number));
  const until = redoDoneAt === undefined ? '' : ` at ${redoDoneAt}`;
  if (missing !== undefined) {
    const name = asked.find((each) => numberOf(each, segmentBytes)[0] === missing) ?? '';
    throw new DrillError(
      'log-incomplete',
      `${archive.description} lacks the segment ${name}, and goes on to ${newest.name}: recovery ended${until}`,
      {
        hint: 'What was committed after it cannot be recovered. Take a new backup now, and find out why it was not archived.',
      },
    );
  }
  throw new DrillError(
    'log-damaged',
    `the log in ${archive.description} cannot be read beyond the record${until || ' that it begins with'}, and goes on to ${newest.name}`,
    { hint: 'A segment is damaged. Look for another copy of it, and take a new backup now.' },
  );
}

function numberOf(name: string, segmentBytes: number): number[] {
  const segment = readSegmentName(name, segmentBytes);
  return segment ? [segment.number] : [];
}
