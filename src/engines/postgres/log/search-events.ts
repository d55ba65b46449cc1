import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { formatCount } from '../../../support/quantities.ts';
import type { LogFile } from '../../format.ts';
import type { DatedLogArchive, FoundEvent, FoundEvents, LogSearch, LogSearchOptions } from '../../log-events.ts';
import { findTools } from '../server/installed-tools.ts';
import { linkSegments, requireDumpTool } from './dump-log.ts';
import type { LogEvent } from './log-event.ts';
import { formatLsn } from './log-line.ts';
import { type OpenLog, openLog, readHistories } from './open-log.ts';
import { type ArchivedSegment, isLeftBehind, type LogPlan, nameLogFiles } from './plan-log.ts';
import { readHeader } from './read-log-file.ts';
import { describeUnseen } from './rewritten-catalogs.ts';
import { scanLog } from './scan-log.ts';
import { majorIn, segmentBytesIn } from './segment-header.ts';
import { readSegmentName, segmentName } from './segment-name.ts';

/** Number of earlier segments to read for names: they usually include a checkpoint, after which catalog pages are logged in full. */
const SEGMENTS_BEFORE = 2;

/** Plans a search of an archived log; see `PlanLogSearch`. */
export async function planSearch(archive: DatedLogArchive, since: Date, signal: AbortSignal): Promise<LogSearch> {
  const stored = new Map(archive.files.map((file) => [file.key, file]));
  const named = nameLogFiles(archive.files);
  const archived = [...named]
    .filter(([name]) => name.length === 24)
    .map(([name, { key }]) => ({ name, file: stored.get(key) }))
    .sort((a, b) => compare(a.name.slice(8), b.name.slice(8)) || compare(a.name, b.name));
  const segments = await withoutLeft(archive, archived, named, signal);
  const newest = segments.at(-1);
  if (!newest) {
    throw new DrillError('log-incomplete', `${archive.description} holds no log segment`, {
      hint: 'Check `archive_command`, and that `backup.log.source` is where it writes.',
    });
  }
  const firstSince = segments.findIndex(({ file }) => file && file.modifiedAt >= since);
  const start = Math.max(0, (firstSince === -1 ? segments.length : firstSince) - SEGMENTS_BEFORE);
  const wanted = segments.slice(start);
  const [first = newest] = wanted;
  const bytes = first.file ? await readHeader(archive, first.file, signal) : Buffer.alloc(0);
  const major = majorIn(bytes);
  if (major === undefined) {
    throw new DrillError(
      'log-damaged',
      `${first.name} in ${archive.description} does not begin like a log segment of PostgreSQL 12 to 18`,
      {
        hint: 'Look for another copy of the segment, or search a later part with --since.',
      },
    );
  }
  return {
    major: String(major),
    files: wanted.length,
    bytes: wanted.reduce((sum, { file }) => sum + (file?.sizeBytes ?? 0), 0),
    range: `${first.name} to ${newest.name}`,
    run: async (startSandbox, options) =>
      search(archive, { first: first.name, major, since }, await startSandbox(), options),
  };
}

interface StoredSegment {
  readonly name: string;
  readonly file: LogFile | undefined;
}

/** Without segments that the newest timeline does not lead through: a search that began with one would find no way to the end. */
async function withoutLeft<Segment extends StoredSegment>(
  archive: DatedLogArchive,
  segments: readonly Segment[],
  named: ReadonlyMap<string, LogFile>,
  signal: AbortSignal,
): Promise<readonly Segment[]> {
  const histories = await readHistories(archive, named, signal);
  const [first] = segments;
  if (histories.size === 0 || !first?.file) return segments;
  const segmentBytes = segmentBytesIn(await readHeader(archive, first.file, signal));
  if (segmentBytes === undefined) return segments;
  return segments.filter(({ name }) => {
    const segment = readSegmentName(name, segmentBytes);
    return !segment || !isLeftBehind(segment, histories, segmentBytes);
  });
}

async function search(
  archive: DatedLogArchive,
  { first, major, since }: { readonly first: string; readonly major: number; readonly since: Date },
  sandbox: Sandbox,
  { minRows, onFetched, onSearching, signal }: LogSearchOptions,
): Promise<FoundEvents> {
  const tools = await findTools(sandbox, signal);
  await requireDumpTool({ sandbox, binDir: tools.server.dir }, signal);
  let fetched = 0;
  const start = { startSegment: first, timeline: Number.parseInt(first.slice(0, 8), 16) };
  const onOne = () => {
    fetched += 1;
    onFetched(fetched);
  };
  const log = await openLog(archive, start, { sandbox, onFetched: onOne, signal });
  await log.feed.done;
  if (log.feed.failure) throw log.feed.failure;
  onSearching();
  const events: LogEvent[] = [];
  const notSearched: string[] = [];
  let commitsAfter = 0;
  for (const run of wholeRuns(log.plan.segments).reverse()) {
    const part = await partOf(log, run, { archive, sandbox, binDir: tools.server.dir }, signal);
    const scanned = await scanLog(part, { major, data: undefined, minRows, mayBeDamaged: true }, signal);
    notSearched.unshift(...scanned.unseen.map(describeUnseen));
    if (scanned.damage) notSearched.unshift(scanned.damage.message);
    const before = commitsAfter;
    events.unshift(...scanned.events.map((event) => ({ ...event, commitsAfter: event.commitsAfter + before })));
    commitsAfter += scanned.commits;
  }
  notSearched.unshift(...holes(log));
  const recent = events.filter(({ committedAt }) => committedAt === undefined || committedAt >= since);
  const notes = describeTimelines(log.plan);
  return { events: recent.map(toFound), notSearched, ...(notes.length > 0 ? { notes } : {}) };
}

/** Where the searched log changes its timeline, and what is left of the one before. */
export function describeTimelines({ segments, left }: Pick<LogPlan, 'segments' | 'left'>): readonly string[] {
  return segments.flatMap(({ timeline, name }, index) => {
    const before = segments[index - 1]?.timeline ?? timeline;
    if (timeline <= before) return [];
    const rest = left?.segments.filter((one) => one.timeline === before) ?? [];
    const last = rest.at(-1);
    const more = last
      ? `; ${formatCount(rest.length)} later segment${rest.length === 1 ? '' : 's'} of timeline ${before}, up to ${last.name}, ${rest.length === 1 ? 'was' : 'were'} not searched, and no recovery to the end of the log reaches ${rest.length === 1 ? 'it' : 'them'}`
      : '';
    return [
      `the log leaves timeline ${before} for timeline ${timeline} in ${name}, as after a failover or a recovery${more}`,
    ];
  });
}

/** Runs of consecutive segments without a gap; of two with the same position, the later one wins. */
export function wholeRuns(segments: readonly ArchivedSegment[]): ArchivedSegment[][] {
  const runs: ArchivedSegment[][] = [];
  for (const segment of segments) {
    const last = runs.at(-1);
    if (last && segment.number - (last.at(-1)?.number ?? 0) <= 1) last.push(segment);
    else runs.push([segment]);
  }
  return runs;
}

function holes({ plan, segmentBytes }: OpenLog): readonly string[] {
  const runs = wholeRuns(plan.segments);
  return runs.slice(1).map((run, index) => {
    const [from, to] = [(runs[index]?.at(-1)?.number ?? 0) + 1, (run[0]?.number ?? 0) - 1];
    const timeline = run[0]?.timeline ?? 1;
    const [first, last] = [from, to].map((number) => segmentName(timeline, number, segmentBytes));
    return from === to
      ? `the archive lacks the segment ${first}`
      : `the archive lacks the segments ${first} to ${last}`;
  });
}

async function partOf(
  { segmentBytes }: OpenLog,
  run: readonly ArchivedSegment[],
  {
    archive,
    sandbox,
    binDir,
  }: { readonly archive: DatedLogArchive; readonly sandbox: Sandbox; readonly binDir: string },
  signal: AbortSignal,
) {
  const [first, last] = [run[0], run.at(-1)];
  const timeline = last?.timeline ?? 1;
  const names = run.map(({ name }) => name);
  return {
    sandbox,
    binDir,
    directory: await linkSegments(sandbox, `${sandbox.paths.scratch}/log`, names, timeline, signal),
    timeline,
    segmentBytes,
    startLsn: formatLsn((first?.number ?? 0) * segmentBytes),
    endLsn: formatLsn(((last?.number ?? 0) + 1) * segmentBytes),
    description: archive.description,
  };
}

function toFound(event: LogEvent): FoundEvent {
  const { kind, committedAt, xid, lsn, stopLsn, database, tables, commitsAfter, batches } = event;
  return {
    kind,
    at: committedAt,
    transaction: xid,
    position: lsn,
    stopBefore: { lsn: stopLsn },
    database: { name: database.name, number: database.oid },
    objects: tables.map(({ name, filenode, rows, tableRows }) => ({ name, number: filenode, rows, tableRows })),
    transactions: batches?.count,
    othersLost: Math.max(0, commitsAfter - (batches?.count ?? 1)),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
