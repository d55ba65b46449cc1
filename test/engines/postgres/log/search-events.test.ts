import { describe, expect, it } from 'vitest';
import type { DatedLogArchive } from '../../../../src/engines/log-events.ts';
import { describeTimelines, planSearch, wholeRuns } from '../../../../src/engines/postgres/log/search-events.ts';
import { segmentName } from '../../../../src/engines/postgres/log/segment-name.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';

const never = new AbortController().signal;
const at = (hour: number) => new Date(Date.UTC(2026, 10, 27, hour));
const archive = (hours: readonly number[], magic = 0xd116): DatedLogArchive => ({
  description: '/wal',
  files: hours.map((hour, index) => ({
    key: segmentName(1, index + 1, 2 ** 24),
    sizeBytes: 100,
    modifiedAt: at(hour),
  })),
  read: async () => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt16LE(magic, 0);
    return bytes;
  },
});

describe('a search of the log', () => {
  it.each([
    ['all of it', 0, 5, '000000010000000000000001 to 000000010000000000000005'],
    [
      'what was stored since, and two segments before for the names',
      4,
      4,
      '000000010000000000000002 to 000000010000000000000005',
    ],
    ['the last two where nothing was stored since', 9, 2, '000000010000000000000004 to 000000010000000000000005'],
  ])('fetches %s', async (_what, hour, files, range) => {
    const plan = await planSearch(archive([1, 2, 3, 4, 5]), at(hour), never);
    expect(plan).toMatchObject({ major: '17', files, bytes: files * 100, range });
  });

  it.each([
    ['an archive without segments', archive([]), 'log-incomplete'],
    ['the log of a version that is not known', archive([1], 0xd200), 'log-damaged'],
  ])('is refused for %s', async (_what, of, code) => {
    await expect(planSearch(of, at(0), never)).rejects.toMatchObject({ code });
  });

  it('fetches nothing into a sandbox without pg_waldump', async () => {
    const plan = await planSearch(archive([1, 2, 3]), at(0), never);
    const sandbox = {
      binDirs: [],
      provenance: { name: 'the image' },
      exec: async (argv: readonly string[]) => ({
        exitCode: argv.includes('find') ? 1 : 0,
        stdout: 'postgres\t/bin\tpostgres (PostgreSQL) 17.11\n',
        stderr: '',
      }),
      writeFiles: () => Promise.reject(new Error('something was fetched')),
    } satisfies Partial<Record<keyof Sandbox, unknown>> as unknown as Sandbox;
    const options = { minRows: undefined, onFetched: () => undefined, onSearching: () => undefined, signal: never };
    await expect(plan.run(async () => sandbox, options)).rejects.toMatchObject({
      code: 'tool-missing',
      hint: 'Use `--runtime docker`, or install the server’s package.',
    });
  });

  it('begins on a timeline that leads to the newest one, and says where it leaves another', async () => {
    const segmentBytes = 2 ** 24;
    const header = Buffer.alloc(64);
    header.writeUInt16LE(0xd116, 0);
    header.writeUInt16LE(2, 2);
    header.writeUInt32LE(segmentBytes, 32);
    const names = [...[1, 2, 3, 4, 5, 6].map((number) => [1, number]), [2, 4], [2, 5]] as [number, number][];
    const history = { key: '00000002.history', sizeBytes: 1, modifiedAt: at(7) };
    const forked: DatedLogArchive = {
      description: '/wal',
      files: [
        ...names.map(([timeline, number]) => ({
          key: segmentName(timeline, number, segmentBytes),
          sizeBytes: 100,
          modifiedAt: at(timeline === 1 && number === 6 ? 9 : number),
        })),
        history,
      ],
      read: async ({ key }) => (key === history.key ? Buffer.from('1\t0/4800000\tno reason\n') : header),
    };
    const planned = await planSearch(forked, at(9), never);
    expect(planned).toMatchObject({ files: 2, range: '000000020000000000000004 to 000000020000000000000005' });
    const segmentOf = ([timeline, number]: [number, number]) => {
      const name = segmentName(timeline, number, segmentBytes);
      return { name, timeline, number, file: { key: name, sizeBytes: 100 } };
    };
    const segments = [...names.slice(0, 4), ...names.slice(6)].map(segmentOf);
    const left = { segments: names.slice(4, 6).map(segmentOf), followed: 2, storedAt: at(7) };
    expect(describeTimelines({ segments, left })).toEqual([
      'the log leaves timeline 1 for timeline 2 in 000000020000000000000004, as after a failover or a recovery; 2 later segments of timeline 1, up to 000000010000000000000006, were not searched, and no recovery to the end of the log reaches them',
    ]);
    expect(describeTimelines({ segments: segments.slice(0, 3), left: undefined })).toEqual([]);
  });

  it('continues after a gap', () => {
    const segments = [1, 2, 4, 4, 5, 9].map((number, index) => ({
      name: `${index}`,
      timeline: 1,
      number,
      file: { key: '', sizeBytes: 1 },
    }));
    expect(wholeRuns(segments).map((run) => run.map(({ number }) => number))).toEqual([[1, 2], [4, 4, 5], [9]]);
  });
});
