import { DrillError } from '../../../support/errors.ts';
import type { LogFile } from '../../format.ts';
import { parseLsn } from './log-line.ts';
import { readSegmentName, type Segment, segmentNumberAt } from './segment-name.ts';

/** A segment in the archive. */
export interface ArchivedSegment extends Segment {
  readonly file: LogFile;
}

/** The part of an archive that a recovery reads. */
export interface LogPlan {
  readonly histories: readonly { readonly name: string; readonly file: LogFile }[];
  /** From the backup's first segment on, in order; only those that recovery can follow. */
  readonly segments: readonly ArchivedSegment[];
  /** The last of them: recovery to the end of the archive must get past it. */
  readonly newest: ArchivedSegment;
  /** What the archive holds of timelines past the point at which recovery leaves them. Undefined if nothing. */
  readonly left?: LeftLog | undefined;
}

/** The end of a server that failed, or the log of another server that archives to the same place. */
export interface LeftLog {
  /** In log order. */
  readonly segments: readonly ArchivedSegment[];
  /** The timeline that recovery follows to its end. */
  readonly followed: number;
  /** When its `.history` file was stored. */
  readonly storedAt: Date | undefined;
}

/** For a timeline that branched off the backup's before the backup started. */
export const OTHER_TIMELINE_HINT =
  'Recover from a backup that was taken after the failover, or name an archive without the other server’s `.history` files.';

const NAME =
  /(?:^|\/)([0-9A-F]{24}|[0-9A-F]{8}\.history)(?:-[0-9a-f]{40})?(?:\.(?:gz|zst|lz4|xz|bz2|snappy|br))?(?:\.(?:age|gpg))?$/;

/** @returns the name that the server requests; undefined for a file that is not part of a log. */
export function nameOfLogFile(key: string): string | undefined {
  return NAME.exec(key)?.[1];
}

/** @returns the archive's files by the name that the server requests; all other files are left out. */
export function nameLogFiles(files: readonly LogFile[]): ReadonlyMap<string, LogFile> {
  return new Map(
    files.flatMap((file) => {
      const name = nameOfLogFile(file.key);
      return name === undefined ? [] : [[name, file] as const];
    }),
  );
}

/** The last segment of an archive by name, whichever timeline a recovery then follows. @returns undefined for an archive without one. */
export function newestByName(files: readonly LogFile[]): { readonly name: string; readonly file: LogFile } | undefined {
  const place = (name: string) => `${name.slice(8)}${name}`;
  let newest: { name: string; file: LogFile } | undefined;
  for (const [name, file] of nameLogFiles(files)) {
    if (name.length === 24 && (!newest || place(name) > place(newest.name))) newest = { name, file };
  }
  return newest;
}

/**
 * Finds the newest timeline that descends from the backup's, and its segments.
 * @param histories the texts of the `.history` files, by name.
 * @throws DrillError `log-incomplete` for an archive without segments, or with a timeline whose history is missing; `log-damaged` for a history that lists
 * nothing; `restore-failed` for an archive whose newest timeline branched off the backup's before the backup started.
 */
export function planLog(
  archive: { readonly description: string; readonly named: ReadonlyMap<string, LogFile> },
  histories: ReadonlyMap<string, string>,
  from: {
    readonly timeline: number;
    readonly startSegment: string;
    readonly segmentBytes: number;
    /** Timelines that branched off the backup's before this position are not followed: for a recovery that ends with the backup. */
    readonly notLeftBefore?: string | undefined;
  },
): LogPlan {
  const { description, named } = archive;
  const { segmentBytes, timeline } = from;
  const all = [...named].flatMap(([name, file]) => {
    const segment = readSegmentName(name, segmentBytes);
    return segment ? [{ ...segment, file }] : [];
  });
  const { notLeftBefore } = from;
  requireAncestors(description, timeline, histories);
  const followed = new Map([...histories].filter(([, text]) => !isLeftBefore(text, timeline, notLeftBefore)));
  const chain = chooseTimeline(followed, timeline, segmentBytes);
  requireHistories(description, Math.max(...chain.keys()), timeline, histories);
  const first = readSegmentName(from.startSegment, segmentBytes)?.number ?? 0;
  if ((chain.get(timeline) ?? first) < first) {
    throw new DrillError(
      'restore-failed',
      `the newest timeline in ${description}, ${Math.max(...chain.keys())}, left the backup’s, ${timeline}, before the backup began`,
      { hint: OTHER_TIMELINE_HINT },
    );
  }
  const orphan = all.find((one) => one.timeline > timeline && !histories.has(historyName(one.timeline)));
  if (orphan) {
    throw new DrillError(
      'log-incomplete',
      `${description} holds segments of the timeline ${orphan.timeline}, but not ${historyName(orphan.timeline)}`,
      { hint: 'Archive `.history` files too: without them recovery cannot follow the server past its failover.' },
    );
  }
  const segments = all
    .filter((one) => one.number >= first && one.number <= (chain.get(one.timeline) ?? Number.NEGATIVE_INFINITY))
    .sort((a, b) => a.number - b.number || a.timeline - b.timeline);
  const newest = segments.at(-1);
  if (!newest) {
    throw new DrillError('log-incomplete', `${description} holds nothing of the log from ${from.startSegment} on`, {
      hint: 'Check the server’s `archive_command`, and that it writes there.',
    });
  }
  const files = [...followed.keys()].flatMap((name) => {
    const file = named.get(name);
    return file ? [{ name, file }] : [];
  });
  return { histories: files, segments, newest, left: findLeft(all, chain, { timeline, histories, named }) };
}

/** Every timeline but the first has left another one. A server archives the file when it is promoted, and a full disk leaves it empty. */
function requireAncestors(description: string, timeline: number, histories: ReadonlyMap<string, string>): void {
  for (const [name, text] of histories) {
    if (Number.parseInt(name.slice(0, 8), 16) <= timeline || ancestorsIn(text).length > 0) continue;
    throw new DrillError(
      'log-damaged',
      `${name} in ${description} does not say which timeline it left${text.trim() === '' ? ': it is empty' : ''}`,
      { hint: 'Look for another copy of the file: the server’s `pg_wal` usually has one.' },
    );
  }
}

function findLeft(
  all: readonly ArchivedSegment[],
  chain: ReadonlyMap<number, number>,
  of: {
    readonly timeline: number;
    readonly histories: ReadonlyMap<string, string>;
    readonly named: ReadonlyMap<string, LogFile>;
  },
): LeftLog | undefined {
  const followed = Math.max(...chain.keys());
  const isFollowed = ({ timeline, number }: ArchivedSegment) => number <= (chain.get(timeline) ?? -1);
  const descends = ({ timeline }: ArchivedSegment) =>
    chain.has(timeline) ||
    ancestorsIn(of.histories.get(historyName(timeline)) ?? '').some(([ancestor]) => ancestor === of.timeline);
  const segments = all
    .filter((one) => !isFollowed(one) && descends(one))
    .sort((a, b) => a.number - b.number || a.timeline - b.timeline);
  const storedAt = of.named.get(historyName(followed))?.modifiedAt;
  return segments.length === 0 ? undefined : { segments, followed, storedAt };
}

function isLeftBefore(history: string, timeline: number, position: string | undefined): boolean {
  if (position === undefined) return false;
  const left = ancestorsIn(history).find(([ancestor]) => ancestor === timeline)?.[1];
  return left !== undefined && parseLsn(left) < parseLsn(position);
}

/** A server searches for the newest timeline by counting up, and stops at the first one without a history. */
function requireHistories(
  description: string,
  newest: number,
  timeline: number,
  histories: ReadonlyMap<string, string>,
): void {
  for (let each = timeline + 1; each < newest; each += 1) {
    if (histories.has(historyName(each))) continue;
    throw new DrillError(
      'log-incomplete',
      `${description} holds ${historyName(newest)}, but not ${historyName(each)}`,
      {
        hint: 'Archive all `.history` files: a server that recovers stops looking for a newer timeline at the first that is missing.',
      },
    );
  }
}

function historyName(timeline: number): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
}

/**
 * The newest timeline that descends from the backup's, and those between: for each the last segment that counts. Source: PostgreSQL's
 * src/backend/access/transam/timeline.c, readTimeLineHistory: an ancestor, the position at which it was left, and a reason.
 */
function chooseTimeline(
  histories: ReadonlyMap<string, string>,
  timeline: number,
  segmentBytes: number,
): ReadonlyMap<number, number> {
  let chosen = new Map([[timeline, Number.POSITIVE_INFINITY]]);
  let newest = timeline;
  for (const [name, text] of histories) {
    const own = Number.parseInt(name.slice(0, 8), 16);
    const ancestors = ancestorsIn(text).map(
      ([ancestor, lsn]) => [ancestor, segmentNumberAt(lsn, segmentBytes)] as const,
    );
    if (own <= newest || !ancestors.some(([ancestor]) => ancestor === timeline)) continue;
    newest = own;
    chosen = new Map([...ancestors.filter(([ancestor]) => ancestor >= timeline), [own, Number.POSITIVE_INFINITY]]);
  }
  return chosen;
}

/**
 * Whether a segment is of a timeline that the newest one had left before it: no recovery to the end of the log reads it.
 * @param histories see {@link planLog}.
 */
export function isLeftBehind(
  { timeline, number }: Pick<ArchivedSegment, 'timeline' | 'number'>,
  histories: ReadonlyMap<string, string>,
  segmentBytes: number,
): boolean {
  const newest = [...histories.keys()].sort().at(-1);
  const ancestors = ancestorsIn(histories.get(newest ?? '') ?? '');
  const left = ancestors.find(([ancestor]) => ancestor === timeline)?.[1];
  return left !== undefined && number > segmentNumberAt(left, segmentBytes);
}

function ancestorsIn(history: string): readonly (readonly [number, string])[] {
  const lines = history.matchAll(/^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/gm);
  return [...lines].map(([, ancestor, lsn]) => [Number(ancestor), lsn ?? '0/0'] as const);
}
