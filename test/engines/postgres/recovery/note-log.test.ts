import { describe, expect, it } from 'vitest';
import type { LogFile } from '../../../../src/engines/format.ts';
import { nameLogFiles, planLog } from '../../../../src/engines/postgres/log/plan-log.ts';
import { segmentName } from '../../../../src/engines/postgres/log/segment-name.ts';
import { noteLog } from '../../../../src/engines/postgres/recovery/note-log.ts';

const segmentBytes = 16 * 2 ** 20;
const from = { timeline: 1, startSegment: segmentName(1, 2, segmentBytes), segmentBytes };
/** Promoted copies of a server on timeline 1: one left it in segment 4, the other in segment 3. */
const HISTORIES = { '00000002.history': '1\t0/4800000\tx\n', '00000003.history': '1\t0/3800000\tx\n' };
const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 3, minute));

/** @param stored names of files, with the minute in which each was stored. */
function note(stored: Readonly<Record<string, number>>, kind: 'latest' | 'backup-end' | 'random' = 'latest') {
  const files: LogFile[] = Object.entries(stored).map(([key, minute]) => ({
    key,
    sizeBytes: 1,
    modifiedAt: at(minute),
  }));
  const named = nameLogFiles(files);
  const histories = new Map(Object.entries(HISTORIES).filter(([name]) => named.has(name)));
  const plan = planLog({ description: '/wal', named }, histories, from);
  const target = kind === 'random' ? { kind, notBefore: at(0), share: 0.5 } : { kind };
  return noteLog({ description: '/wal', files }, { plan, segmentBytes }, target);
}

const [second, third, fourth, fifth, sixth] = [2, 3, 4, 5, 6].map((number) => segmentName(1, number, segmentBytes));
const promoted = segmentName(2, 4, segmentBytes);
const COMMON = { [`${second}`]: 1, [`${third}`]: 2, [`${fourth}`]: 3 };

describe('an archive that two servers write to', () => {
  it('is not recovered to its end while the server that recovery does not follow was the last to archive', () => {
    const stored = { ...COMMON, '00000002.history': 5, [promoted]: 6, [`${fifth}`]: 4, [`${sixth}`]: 7 };
    expect(() => note(stored)).toThrow(
      expect.objectContaining({
        code: 'log-incomplete',
        message: `two servers archive to /wal: recovery follows the newest timeline, 2, and not ${sixth} of timeline 1, which was stored later (27 Nov 2026, 03:07 UTC)`,
        hint: expect.stringMatching(/`archive_mode` off/),
      }),
    );
    expect(note(stored, 'random')).toEqual([expect.stringContaining('stored after that timeline began')]);
    expect(note(stored, 'backup-end')).toEqual([]);
  });

  it('is recovered with a note once the followed server archives last', () => {
    const stored = { ...COMMON, '00000002.history': 5, [`${fifth}`]: 6, [promoted]: 7 };
    expect(note(stored)).toEqual([
      `two servers archive to /wal: recovery follows the newest timeline, 2, and not ${fifth} of timeline 1, which was stored after that timeline began`,
    ]);
  });

  it('is also seen when both were promoted', () => {
    const stored = {
      ...COMMON,
      ...{ '00000002.history': 4, '00000003.history': 5 },
      ...{ [segmentName(3, 3, segmentBytes)]: 6, [promoted]: 7 },
    };
    expect(() => note(stored)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`${promoted} of timeline 2`) }),
    );
  });

  it('is not seen in segments that were stored before the server was promoted', () => {
    expect(note({ ...COMMON, [`${fifth}`]: 4, '00000002.history': 5, [promoted]: 6 })).toEqual([]);
    expect(note({ ...COMMON, [`${fifth}`]: 4 })).toEqual([]);
  });
});

it.each(['.partial', '.gz.partial', '.partial.zst'])('a segment that was not whole yet is noted: %s', (suffix) => {
  const partial = `wal/${fifth}${suffix}`;
  const says = `${partial} in /wal was not a whole segment yet: it is not replayed, only ${fourth} before it`;
  expect(note({ ...COMMON, [partial]: 4 })).toEqual([says]);
  expect(note({ ...COMMON, [partial]: 4 }, 'random')).toEqual([]);
  expect(note({ ...COMMON, [`${fourth}${suffix}`]: 4 })).toEqual([]);
});
