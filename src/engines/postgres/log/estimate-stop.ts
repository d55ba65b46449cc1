import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { linkSegments } from './dump-log.ts';
import { readCommit } from './find-boundary.ts';
import { formatLsn, parseLsn, readLogLine } from './log-line.ts';
import type { LogPlan } from './plan-log.ts';

/** A target whose position only its server knows, once it is there. */
export type UnplacedTarget = { readonly at: Date } | { readonly xid: string } | { readonly name: string };

/** The first commit in a segment. */
export interface SegmentCommit {
  readonly lsn: number;
  readonly at: Date;
  readonly xid: number;
}

export interface EstimateParts {
  readonly sandbox: Sandbox;
  /** The directory of the server's programs. */
  readonly binDir: string;
  /** The directory in the sandbox that the log is written to. */
  readonly directory: string;
  readonly plan: LogPlan;
  readonly segmentBytes: number;
}

/** Looks again once there is so much more of the log. */
const GROWTH = 1.25;

/**
 * Estimates where in the log a replay will stop, for its progress: between the first commits of two segments for an instant or a transaction, at its record for a
 * restore point. It looks at what has been fetched of the log, beside the server that replays it; where the sandbox has no pg_waldump, nothing is known.
 */
export class StopEstimate {
  readonly #parts: EstimateParts;
  readonly #target: UnplacedTarget;
  #lsn: number | undefined;
  /** How many segments there were when it last looked. */
  #seen = 0;
  /** The segment up to which no restore point was found. */
  #searchedTo = 0;

  constructor(target: UnplacedTarget, parts: EstimateParts) {
    this.#target = target;
    this.#parts = parts;
  }

  /** In bytes; undefined: not known yet. */
  get lsn(): number | undefined {
    return this.#lsn;
  }

  /** Looks at the log that has come since, if that is enough to look again. */
  async look(signal: AbortSignal): Promise<void> {
    if (this.#lsn !== undefined) return;
    const { plan, segmentBytes, sandbox, directory: from } = this.#parts;
    const there = await this.#listFetched(signal);
    const segments = plan.segments.filter(({ name }) => there.has(name));
    const [first, last] = [segments[0], segments.at(-1)];
    if (!first || !last || (last !== plan.newest && segments.length < this.#seen * GROWTH + 1)) return;
    this.#seen = segments.length;
    const names = segments.map(({ name }) => name);
    const directory = await linkSegments(sandbox, from, names, plan.newest.timeline, signal);
    const target = this.#target;
    if ('name' in target) {
      const range = { from: Math.max(first.number, this.#searchedTo), to: last.number + 1 };
      this.#lsn = await this.#findPoint(directory, range, target.name, signal);
      this.#searchedTo = last.number;
    } else {
      const probe = (index: number) => this.#firstCommit(directory, segments[index]?.number ?? 0, signal);
      this.#lsn = await estimateStop(target, segments.length, probe);
    }
    if (last === plan.newest) this.#lsn ??= (last.number + 1) * segmentBytes;
  }

  async #listFetched(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { sandbox, directory } = this.#parts;
    const { stdout } = await sandbox.exec(['ls', directory], { signal, env: { LC_ALL: 'C' } });
    return new Set(stdout.split('\n').flatMap((name) => /^(.*)\.ok$/.exec(name)?.[1] ?? []));
  }

  async #firstCommit(directory: string, number: number, signal: AbortSignal): Promise<SegmentCommit | undefined> {
    const lines = await this.#dump(directory, { from: number, to: number + 1 }, COMMITS, signal);
    const [commit] = lines.flatMap(readCommit);
    return commit && { lsn: parseLsn(commit.position), at: commit.at, xid: Number(commit.transaction) };
  }

  async #findPoint(directory: string, range: Range, name: string, signal: AbortSignal): Promise<number | undefined> {
    const lines = (await this.#dump(directory, range, POINTS, signal)).flatMap((line) => readLogLine(line) ?? []);
    const found = lines.find(({ description }) => description === `RESTORE_POINT ${name}`);
    return found && parseLsn(found.lsn);
  }

  async #dump(directory: string, { from, to }: Range, what: readonly string[], signal: AbortSignal) {
    const { sandbox, binDir, segmentBytes, plan } = this.#parts;
    const [start, end] = [from, to].map((number) => formatLsn(number * segmentBytes));
    const argv = [binDir, directory, String(plan.newest.timeline), start ?? '', end ?? '', ...what];
    const { stdout } = await sandbox.exec(['sh', '-c', DUMP, 'dump', ...argv], {
      signal,
      env: { LC_ALL: 'C', TZ: 'UTC' },
    });
    return stdout.split('\n');
  }
}

/** Numbers of segments, without the last one. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** A resource manager, a word of the records wanted, and how many of them. */
const COMMITS = ['Transaction', ' COMMIT', '1'];
const POINTS = ['XLOG', ' RESTORE_POINT ', '1000'];

/** The server goes first. */
const DUMP = `
[ -x "$1/pg_waldump" ] || exit 0
nice "$1/pg_waldump" -p "$2" -t "$3" -s "$4" -e "$5" -r "$6" 2> /dev/null | grep -F -m "$8" -e "$7"
true
`;

/**
 * @param count of segments, in the order of the log.
 * @param probe gives the first commit of one of them; undefined: there is none in it.
 * @returns a position in bytes; undefined for a target after the last of these commits.
 */
export async function estimateStop(
  target: Exclude<UnplacedTarget, { readonly name: string }>,
  count: number,
  probe: (index: number) => Promise<SegmentCommit | undefined>,
): Promise<number | undefined> {
  let [low, high] = [0, count - 1];
  let before: SegmentCommit | undefined;
  let after: SegmentCommit | undefined;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    let index = middle;
    let commit = await probe(index);
    while (!commit && index < high) {
      index += 1;
      commit = await probe(index);
    }
    if (commit && distance(target, commit) <= 0) {
      before = commit;
      low = index + 1;
    } else {
      after = commit ?? after;
      high = middle - 1;
    }
  }
  if (!after) return undefined;
  if (!before) return after.lsn;
  const [done, left] = [-distance(target, before), distance(target, after)];
  return Math.round(before.lsn + (done / (done + left)) * (after.lsn - before.lsn));
}

/** How far a commit is after the target, in milliseconds or transactions; their numbers go round. */
function distance(
  target: Exclude<UnplacedTarget, { readonly name: string }>,
  { at, xid }: Pick<SegmentCommit, 'at' | 'xid'>,
): number {
  return 'at' in target ? at.getTime() - target.at.getTime() : (xid - Number(target.xid)) | 0;
}
