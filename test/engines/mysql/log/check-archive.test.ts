import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { LogArchive, RecoveryTarget } from '../../../../src/engines/format.ts';
import { checkArchive } from '../../../../src/engines/mysql/log/check-archive.ts';
import { never } from '../restoring.ts';
import { recordedLog } from './recorded-logs.ts';

const PLAIN = recordedLog('mariadb-11.8');
const ENCRYPTED = recordedLog('mariadb-10.11-encrypted');
const LATEST: RecoveryTarget = { kind: 'latest' };
const INSTANT: RecoveryTarget = { kind: 'time', at: new Date() };

function check(files: readonly (Buffer | string)[], target: RecoveryTarget = LATEST, names?: readonly string[]) {
  const keys = names ?? files.map((_, index) => `binlog.00000${index + 1}`);
  const archive: LogArchive = {
    description: '/logs/',
    files: keys.map((key) => ({ key, sizeBytes: 1 })),
    read: () => Promise.reject(new Error('streamed')),
    stream: async ({ key }) => Readable.from([Buffer.from(files[keys.indexOf(key)] ?? '')]),
  };
  return checkArchive(archive, target, never);
}

describe('an archive of a log encrypted by the server', () => {
  it('is refused by the first bytes of its newest file', async () => {
    await expect(check([PLAIN, ENCRYPTED])).rejects.toMatchObject({
      code: 'backup-encrypted',
      message: 'binlog.000002 is a binary log that the server encrypted (encrypt_binlog)',
      hint: expect.stringContaining('--read-from-remote-server'),
    });
  });

  it('is refused for a target within it only when all its files are encrypted', async () => {
    await expect(check([PLAIN, ENCRYPTED], INSTANT)).resolves.toBeUndefined();
    await expect(check([ENCRYPTED, ENCRYPTED], INSTANT)).rejects.toMatchObject({ code: 'backup-encrypted' });
  });

  it('does not matter when no log is replayed', async () => {
    await expect(check([ENCRYPTED], { kind: 'backup-end' })).resolves.toBeUndefined();
  });
});

it.each<[string, (Buffer | string)[], (readonly string[])?]>([
  ['a log in order', [PLAIN]],
  ['no binary log', ['-- SQL']],
  ['an empty file', ['']],
  ['a log that is cut', [PLAIN.subarray(0, 50)]],
  ['logs of several servers', [ENCRYPTED, ENCRYPTED], ['a.000001', 'b.000001']],
  ['other files', ['x'], ['logs.tar']],
])('defers to the replay when it finds %s', async (_what, files, names) => {
  await expect(check(files, LATEST, names)).resolves.toBeUndefined();
});
