import { describe, expect, it } from 'vitest';
import { LogRoom } from '../../../../src/engines/postgres/log/log-room.ts';
import type { ArchivedSegment } from '../../../../src/engines/postgres/log/plan-log.ts';
import { segmentName } from '../../../../src/engines/postgres/log/segment-name.ts';

const MIB = 2 ** 20;
const segments: readonly ArchivedSegment[] = Array.from({ length: 200 }, (_, index) => {
  const name = segmentName(1, 100 + index, MIB);
  return { name, timeline: 1, number: 100 + index, file: { key: name, sizeBytes: MIB } };
});

/** Room with this many free mebibytes, before and after the backup is unpacked. */
function room(atFirst: number | undefined, later: number | undefined = undefined): LogRoom {
  const [newest] = segments.slice(-1);
  if (!newest) throw new Error('there are segments');
  const made = new LogRoom({ histories: [], segments, newest }, MIB);
  made.limit(atFirst === undefined ? undefined : atFirst * MIB);
  if (later !== undefined) made.widen(later * MIB);
  return made;
}

/** Number of segments that may be fetched now. */
async function allowed(made: LogRoom): Promise<number> {
  let count = 0;
  for (const segment of segments) made.for(segment).then(() => (count += 1));
  await new Promise((resolve) => setImmediate(resolve));
  return count;
}

const lsn = (place: number): string => `0/${((100 + place) * MIB + 40).toString(16).toUpperCase()}`;

describe('the number of segments fetched ahead of the server', () => {
  it.each([
    ['little is free', 10, undefined, 16],
    ['a sixteenth of what is free before the backup is unpacked', 1600, undefined, 100],
    ['half of what is free once it is, beside what is there', 320, 100, 20 + 50],
    ['nobody says what is free', undefined, undefined, 200],
  ])('has a limit: %s', async (_what, atFirst, later, segmentsAllowed) => {
    expect(await allowed(room(atFirst, later))).toBe(segmentsAllowed);
  });

  it('moves on with the segment that the server waits for, and with replayed segments', async () => {
    const made = room(320, 100);
    made.waitsFor(segments[70]?.name ?? '');
    expect(await allowed(made)).toBe(120);
    made.replayedTo(lsn(90));
    expect(await allowed(made)).toBe(140);
    made.waitsFor('00000001000000000000FFFF');
    expect(await allowed(made)).toBe(140);
    made.lift();
    expect(await allowed(made)).toBe(200);
  });

  it('excludes segments replayed before the last 16, but none only because the server waits for a later one', () => {
    const made = room(320, 100);
    made.waitsFor(segments[60]?.name ?? '');
    expect(made.takeSpent()).toEqual([]);
    made.replayedTo(lsn(40));
    expect(made.takeSpent()).toEqual(segments.slice(0, 24).map(({ name }) => name));
    expect(made.takeSpent()).toEqual([]);
  });

  it('excludes none when all of them fit', () => {
    const made = room(100_000);
    made.replayedTo(lsn(150));
    expect(made.takeSpent()).toEqual([]);
  });
});
