import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { RecoveryTarget } from '../../../../src/engines/format.ts';
import { planReplay } from '../../../../src/engines/mysql/log/plan-replay.ts';
import { never } from '../restoring.ts';
import { LogBuilder } from './log-builder.ts';

describe('a log that its server reset', () => {
  const DAY = 86_400;
  /** A file begun some days after the first, with a transaction. @param next the file that it names at its end; undefined: it is still being written. */
  const file = (day: number, next?: string, serverId = 7) => {
    const log = new LogBuilder({ version: '9.7.4', seconds: 1_795_900_000 + day * DAY, serverId });
    const start = log.position;
    const seconds = 1_795_900_000 + day * DAY;
    log
      .anonymous({ seconds })
      .query('BEGIN', { seconds })
      .table(1, 'shop', 'orders')
      .rows(30, 1, 1)
      .commit({ seconds });
    if (next !== undefined) log.rotate(next);
    return { bytes: log.bytes, start };
  };
  const from = (
    name: string,
    files: Readonly<Record<string, ReturnType<typeof file>>>,
    target: RecoveryTarget = { kind: 'latest' },
  ) =>
    planReplay({
      product: 'mysql',
      archive: {
        description: '/logs/',
        files: Object.entries(files).map(([key, { bytes }]) => ({ key, sizeBytes: bytes.length })),
        read: () => Promise.reject(new Error('streamed')),
        stream: async ({ key }) => Readable.from([files[key]?.bytes]),
      },
      coordinates: { at: { file: name, position: files[name]?.start ?? 0 }, saidBy: 'CHANGE MASTER in the dump' },
      target,
      database: undefined,
      signal: never,
    });

  it('is not continued by a file from before the reset that has the next number', async () => {
    const [second, old] = [file(6, 'binlog.000003'), file(2, 'binlog.000004')];
    await expect(from('binlog.000002', { 'binlog.000002': second, 'binlog.000003': old })).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringMatching(
        /binlog\.000003 was begun 30 Nov 2026, [\d:]+ UTC, before binlog\.000002 \(4 Dec 2026, [\d:]+ UTC\): it is from before/,
      ),
    });
    const later = { 'binlog.000002': second, 'binlog.000003': file(6 - 1 / 48) }; // the clock was set back by half an hour
    expect(await from('binlog.000002', later)).toMatchObject({ commits: 2 });
  });

  it('does not end with the highest number, so a backup from before the reset cannot reach its end', async () => {
    const files = { 'binlog.000001': file(9), 'binlog.000002': file(1, 'binlog.000003'), 'binlog.000003': file(2) };
    await expect(from('binlog.000002', files)).rejects.toMatchObject({
      code: 'log-incomplete',
      message: expect.stringMatching(
        /binlog\.000001 was begun 7 Dec 2026, .*, after binlog\.000003 \(30 Nov 2026, .*was reset/,
      ),
    });
    const { start } = files['binlog.000003'];
    const target: RecoveryTarget = { kind: 'position', at: { position: `binlog.000003:${start}` } };
    expect(await from('binlog.000002', files, target)).toMatchObject({ commits: 1 });
    for (const lowest of [file(0, 'binlog.000002'), file(9, undefined, 8)])
      expect(await from('binlog.000002', { ...files, 'binlog.000001': lowest })).toMatchObject({ commits: 2 });
  });

  it('is not suspected because of an old file that cannot be read', async () => {
    const files = {
      'binlog.000001': { bytes: Buffer.from('fd62696e00000000', 'hex'), start: 0 },
      'binlog.000002': file(2),
    };
    expect(await from('binlog.000002', files)).toMatchObject({ commits: 1 });
  });
});
