import { describe, expect, it } from 'vitest';
import type { LogArchive } from '../../../../src/engines/format.ts';
import { nameLogFiles, planLog } from '../../../../src/engines/postgres/log/plan-log.ts';
import { segmentName } from '../../../../src/engines/postgres/log/segment-name.ts';
import { noteLog } from '../../../../src/engines/postgres/recovery/note-log.ts';
import { commitRecord, endOfRecoveryRecord, segmentOf } from '../log/wal-records.ts';

const segmentBytes = 16 * 2 ** 20;
const from = { timeline: 1, startSegment: segmentName(1, 2, segmentBytes), segmentBytes };
/** Promoted copies of a server on timeline 1: one left it in segment 4, the other in segment 3. */
const HISTORIES = { '00000002.history': '1\t0/4800000\tx\n', '00000003.history': '1\t0/3800000\tx\n' };
const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 3, minute));

interface Stored {
  /** The minute in which the file was stored. */
  readonly stored: number;
  /** … and that of a commit in it. Default: it has none. */
  readonly commit?: number;
  /** … and that in which a server was promoted, to the timeline of this segment. */
  readonly promoted?: number;
}

function note(files: Readonly<Record<string, Stored>>, kind: 'latest' | 'backup-end' | 'random' = 'latest') {
  const archive: LogArchive = {
    description: '/wal',
    files: Object.entries(files).map(([key, { stored }]) => ({ key, sizeBytes: 1, modifiedAt: at(stored) })),
    read: async ({ key }) => {
      const { commit, promoted } = files[key] ?? {};
      const timeline = Number.parseInt(key.slice(0, 8), 16);
      const began = promoted === undefined ? [] : [endOfRecoveryRecord(at(promoted), timeline, 1)];
      return segmentOf([...began, ...(commit === undefined ? [] : [commitRecord(at(commit))])]);
    },
  };
  const named = nameLogFiles(archive.files);
  const histories = new Map(Object.entries(HISTORIES).filter(([name]) => named.has(name)));
  const plan = planLog({ description: '/wal', named }, histories, from);
  const target = kind === 'random' ? { kind, notBefore: at(0), share: 0.5 } : { kind };
  return noteLog(archive, { plan, segmentBytes }, target, new AbortController().signal);
}

const [second, third, fourth, fifth, sixth] = [2, 3, 4, 5, 6].map((number) => segmentName(1, number, segmentBytes));
const [promoted, next] = [4, 5].map((number) => segmentName(2, number, segmentBytes));
const COMMON = {
  [`${second}`]: { stored: 1, commit: 1 },
  [`${third}`]: { stored: 2, commit: 2 },
  [`${fourth}`]: { stored: 3, commit: 3 },
};
const PROMOTED = { '00000002.history': { stored: 5 }, [`${promoted}`]: { stored: 6, promoted: 5, commit: 6 } };

describe('an archive that two servers write to', () => {
  it('is not recovered to its end if the server that recovery does not follow was the last to write', async () => {
    const files = {
      ...COMMON,
      ...PROMOTED,
      [`${fifth}`]: { stored: 4, commit: 4 },
      [`${sixth}`]: { stored: 4, commit: 7 },
    };
    await expect(note(files)).rejects.toMatchObject({
      code: 'log-incomplete',
      message: `two servers archive to /wal: recovery follows the newest timeline, 2, and not ${sixth} of timeline 1, which was written later (27 Nov 2026, 03:07 UTC)`,
      hint: expect.stringMatching(/`archive_mode` off/),
    });
    expect(await note(files, 'random')).toEqual([expect.stringContaining('written after that timeline began')]);
    expect(await note(files, 'backup-end')).toEqual([]);
  });

  it('is recovered with a note once the followed server writes last', async () => {
    const files = {
      ...COMMON,
      ...PROMOTED,
      [`${fifth}`]: { stored: 9, commit: 6 },
      [`${next}`]: { stored: 7, commit: 7 },
    };
    expect(await note(files)).toEqual([
      `two servers archive to /wal: recovery follows the newest timeline, 2, and not ${fifth} of timeline 1, which was written after that timeline began`,
    ]);
  });

  it('is also seen when both were promoted', async () => {
    const files = {
      ...COMMON,
      ...{ '00000002.history': { stored: 4 }, '00000003.history': { stored: 5 } },
      ...{ [segmentName(3, 3, segmentBytes)]: { stored: 6, promoted: 5 }, [`${promoted}`]: { stored: 7, commit: 7 } },
    };
    await expect(note(files)).rejects.toThrow(`${promoted} of timeline 2`);
  });

  it('is not seen in what a failed server had archived before the other was promoted, in whatever order it was copied', async () => {
    const tail = { [`${fifth}`]: { stored: 9, commit: 4 } };
    expect(await note({ ...COMMON, ...PROMOTED, ...tail })).toEqual([]);
    expect(await note({ ...COMMON, ...tail })).toEqual([]);
  });

  it('is judged by when its segments were stored if they have no time', async () => {
    const ofRival = (stored: number) => ({ ...COMMON, ...PROMOTED, [`${fifth}`]: { stored } });
    await expect(note(ofRival(7))).rejects.toThrow('which was stored later (27 Nov 2026, 03:07 UTC)');
    expect(await note(ofRival(4))).toEqual([]);
  });
});

it.each(['.partial', '.gz.partial', '.partial.zst'])(
  'a segment that was not whole yet is noted: %s',
  async (suffix) => {
    const partial = `wal/${fifth}${suffix}`;
    const says = `${partial} in /wal is a partial segment: it is not replayed, only ${fourth} before it`;
    expect(await note({ ...COMMON, [partial]: { stored: 4 } })).toEqual([says]);
    expect(await note({ ...COMMON, [partial]: { stored: 4 } }, 'random')).toEqual([]);
    expect(await note({ ...COMMON, [`${fourth}${suffix}`]: { stored: 4 } })).toEqual([]);
  },
);
