import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { linkSegments } from './dump-log.ts';
import { readCommit } from './find-boundary.ts';
import { formatLsn, parseLsn, readLogLine } from './log-line.ts';
import type { ArchivedSegment, LogPlan } from './plan-log.ts';

/** A target whose position even the server learns only when it gets there. */
export type UnplacedTarget = { readonly at: Date } | { readonly xid: string } | { readonly name: string };

/** The first commit in a segment. */
interface SegmentCommit {
  readonly lsn: number;
  readonly at: Date;
  readonly xid: number;
}

export interface EstimateParts {
  readonly sandbox: Sandbox;
  /** The directory of the server's programs. */
  readonly binDir: string;
  /** The directory in the sandbox where the log is written. */
  readonly directory: string;
  readonly plan: LogPlan;
  readonly segmentBytes: number;
}

/** A commit, and the index of its segment. */
export interface FoundCommit {
  readonly index: number;
  readonly commit: SegmentCommit;
}

/** Searches again once the log has grown by this factor. */
const GROWTH = 1.25;
/** While nothing new arrives, the maximum number of calls skipped before the next search. */
const MAX_PAUSE = 15;

/**
 * Estimates where in the log a replay will stop, to show its progress: between the first commits of two segments for an instant or a transaction, at its record
 * for a restore point. It searches the log fetched so far, in parallel with the server that replays it; if the sandbox has no pg_waldump, there is no estimate.
 */
export class StopEstimate {
  readonly #parts: EstimateParts;
  readonly #target: UnplacedTarget;
  #lsn: number | undefined;
  /** Number of segments at the last search. */
  #seen = 0;
  /** The segment up to which no restore point was found. */
  #searchedTo = 0;
  #hasTool = true;
  #pause = 0;
  #leftOut = 0;

  constructor(target: UnplacedTarget, parts: EstimateParts) {
    this.#target = target;
    this.#parts = parts;
  }

  /** Position in bytes; undefined while unknown. */
  get lsn(): number | undefined {
    return this.#lsn;
  }

  /** Searches the log that has arrived since, if it is enough for another search. */
  async look(signal: AbortSignal): Promise<void> {
    if (this.#lsn !== undefined || !this.#hasTool) return;
    if (this.#leftOut < this.#pause) {
      this.#leftOut += 1;
      return;
    }
    this.#leftOut = 0;
    const { plan, segmentBytes, sandbox, directory: from } = this.#parts;
    const segments = withoutHoles(plan.segments, await this.#listFetched(signal));
    const [first, last] = [segments[0], segments.at(-1)];
    if (!first || !last || (last !== plan.newest && segments.length < this.#seen * GROWTH + 1)) {
      this.#pause = Math.min(MAX_PAUSE, this.#pause * 2 + 1);
      return;
    }
    this.#pause = 0;
    this.#seen = segments.length;
    const names = segments.map(({ name }) => name);
    const directory = await linkSegments(sandbox, from, names, plan.newest.timeline, signal);
    const target = this.#target;
    if ('name' in target) {
      const range = { from: Math.max(first.number, this.#searchedTo), to: last.number + 1 };
      this.#lsn = await this.#findPoint(directory, range, target.name, signal);
      this.#searchedTo = last.number;
    } else {
      const probe = (low: number, high: number) => this.#firstCommit(directory, segments, { low, high }, signal);
      this.#lsn = await estimateStop(target, segments.length, probe);
    }
    if (last === plan.newest && this.#hasTool) this.#lsn ??= (last.number + 1) * segmentBytes;
  }

  async #listFetched(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { sandbox, directory } = this.#parts;
    const lines = new PassThrough();
    const fetched = new Set<string>();
    const reading = (async () => {
      for await (const line of createInterface({ input: lines }))
        if (line.endsWith('.ok')) fetched.add(line.slice(0, -'.ok'.length));
    })();
    reading.catch(() => undefined); // awaited below
    await sandbox.exec(['ls', directory], { stdout: lines, signal, env: { LC_ALL: 'C' } });
    await reading;
    return fetched;
  }

  /** The first commit in the segments from one index to another. */
  async #firstCommit(
    directory: string,
    segments: readonly ArchivedSegment[],
    { low, high }: { readonly low: number; readonly high: number },
    signal: AbortSignal,
  ): Promise<FoundCommit | undefined> {
    const range = { from: segments[low]?.number ?? 0, to: (segments[high]?.number ?? 0) + 1 };
    const [found] = (await this.#dump(directory, range, COMMITS, signal)).flatMap(readCommit);
    if (!found) return undefined;
    const commit = { lsn: parseLsn(found.position), at: found.at, xid: Number(found.transaction) };
    const number = Math.floor(commit.lsn / this.#parts.segmentBytes);
    return {
      index: Math.max(
        low,
        segments.findLastIndex((segment) => segment.number <= number),
      ),
      commit,
    };
  }

  async #findPoint(directory: string, range: Range, name: string, signal: AbortSignal): Promise<number | undefined> {
    const what = ['XLOG', ` RESTORE_POINT ${name}`, MANY_POINTS];
    const lines = (await this.#dump(directory, range, what, signal)).flatMap((line) => readLogLine(line) ?? []);
    const found = lines.find(({ description }) => description === `RESTORE_POINT ${name}`);
    return found && parseLsn(found.lsn);
  }

  async #dump(directory: string, { from, to }: Range, what: readonly string[], signal: AbortSignal) {
    const { sandbox, binDir, segmentBytes, plan } = this.#parts;
    const [start, end] = [from, to].map((number) => formatLsn(number * segmentBytes));
    const argv = [binDir, directory, String(plan.newest.timeline), start ?? '', end ?? '', ...what];
    const { stdout, exitCode } = await sandbox.exec(['sh', '-c', DUMP, 'dump', ...argv], {
      signal,
      env: { LC_ALL: 'C', TZ: 'UTC' },
    });
    if (exitCode !== 0) this.#hasTool = false;
    return stdout.split('\n');
  }
}

/** The segments from the first one present up to a gap: pg_waldump reads no further, and waits there. */
function withoutHoles(segments: readonly ArchivedSegment[], there: ReadonlySet<string>): readonly ArchivedSegment[] {
  const from = segments.findIndex(({ name }) => there.has(name));
  if (from < 0) return [];
  const hole = segments.findIndex(({ name }, index) => index > from && !there.has(name));
  return segments.slice(from, hole < 0 ? undefined : hole);
}

/** A range of segment numbers, excluding the last one. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** Resource manager, a word of the wanted records, and how many of them to print. */
const COMMITS = ['Transaction', ' COMMIT', '1'];
/** For restore points whose names start alike: exec output is limited. */
const MANY_POINTS = '200';

/** Runs at low priority: the server goes first. */
const DUMP = `
[ -x "$1/pg_waldump" ] || exit 1
nice "$1/pg_waldump" -p "$2" -t "$3" -s "$4" -e "$5" -r "$6" 2> /dev/null | grep -F -m "$8" -e "$7"
true
`;

/**
 * @param count number of segments, in log order.
 * @param probe returns the first commit in the segments from one index to another, and its segment; undefined if
 * there is none.
 * @returns a position in bytes; undefined for a target after the last of these commits.
 */
export async function estimateStop(
  target: Exclude<UnplacedTarget, { readonly name: string }>,
  count: number,
  probe: (low: number, high: number) => Promise<FoundCommit | undefined>,
): Promise<number | undefined> {
  let [low, high] = [0, count - 1];
  let before: SegmentCommit | undefined;
  let after: SegmentCommit | undefined;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const found = await probe(middle, high);
    if (found && distance(target, found.commit) <= 0) {
      before = found.commit;
      low = found.index + 1;
    } else {
      after = found?.commit ?? after;
      high = middle - 1;
    }
  }
  if (!after) return undefined;
  if (!before) return after.lsn;
  const [done, left] = [-distance(target, before), distance(target, after)];
  return Math.round(before.lsn + (done / (done + left)) * (after.lsn - before.lsn));
}

/** How far a commit is after the target, in milliseconds or transactions; transaction ids wrap around. */
function distance(
  target: Exclude<UnplacedTarget, { readonly name: string }>,
  { at, xid }: Pick<SegmentCommit, 'at' | 'xid'>,
): number {
  return 'at' in target ? at.getTime() - target.at.getTime() : (xid - Number(target.xid)) | 0;
}
