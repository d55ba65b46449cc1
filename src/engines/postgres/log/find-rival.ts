import type { LogArchive } from '../../format.ts';
import type { ArchivedSegment, LogPlan } from './plan-log.ts';
import { readSegmentTimes } from './segment-times.ts';

/** A server that still wrote to a timeline after recovery’s had left it. */
export interface Rival {
  /** Its newest segment with a time. */
  readonly segment: ArchivedSegment;
  /** Whether it wrote after the end of the log that recovery follows. */
  readonly isNewer: boolean;
  /** When it last wrote, or, if that cannot be read, when the segment was stored. */
  readonly at: Date;
  readonly knownBy: 'content' | 'storage';
}

/** Segments to look at, from a timeline’s end backwards: a server that does anything writes a checkpoint in each few. */
const MAX_SEGMENTS = 4;

/**
 * Tells the end of a server that failed, which is ordinary, from another server that archives to the same place: by when each of them last committed or made a
 * checkpoint, since storage times change whenever an archive is copied. They decide only where the segments tell nothing.
 * @returns undefined if nobody wrote to the timelines that recovery leaves once they were left. @throws what reading the archive throws.
 */
export async function findRival(
  archive: LogArchive,
  { left, newest, segments }: LogPlan,
  signal: AbortSignal,
): Promise<Rival | undefined> {
  if (!left) return undefined;
  const theirs = await newestIn(left.segments);
  if (!theirs) return storedLater(left, newest);
  const ofFollowed = segments.filter(({ timeline }) => timeline === left.followed);
  const [first] = ofFollowed;
  const began = first && (await readSegmentTimes(archive, first.file, signal)).began;
  const ours = (await newestIn(ofFollowed))?.at ?? began;
  if (!ours) return storedLater(left, newest);
  const isNewer = theirs.at > ours;
  if (!isNewer && (!began || theirs.at <= began)) return undefined;
  return { ...theirs, isNewer, knownBy: 'content' };

  /** Of several timelines, the one that was written last. */
  async function newestIn(of: readonly ArchivedSegment[]): Promise<Pick<Rival, 'segment' | 'at'> | undefined> {
    let found: Pick<Rival, 'segment' | 'at'> | undefined;
    for (const ofTimeline of Map.groupBy(of, ({ timeline }) => timeline).values()) {
      for (const segment of ofTimeline.slice(-MAX_SEGMENTS).reverse()) {
        const { newest: at } = await readSegmentTimes(archive, segment.file, signal);
        if (!at) continue;
        if (!found || at > found.at) found = { segment, at };
        break;
      }
    }
    return found;
  }
}

function storedLater(left: NonNullable<LogPlan['left']>, newest: ArchivedSegment): Rival | undefined {
  const storedAt = ({ file }: ArchivedSegment) => file.modifiedAt?.getTime() ?? 0;
  const [segment] = left.segments.toSorted((a, b) => storedAt(b) - storedAt(a));
  const at = segment?.file.modifiedAt;
  if (!segment || !at || !left.storedAt || at <= left.storedAt) return undefined;
  const ours = newest.file.modifiedAt;
  return { segment, at, isNewer: ours !== undefined && at > ours, knownBy: 'storage' };
}
