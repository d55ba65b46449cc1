import { expect, it } from 'vitest';
import type { RecoverySite } from '../../../../src/engines/postgres/recovery/recovery-site.ts';
import {
  readCheckpointTime,
  requireLaterTarget,
} from '../../../../src/engines/postgres/recovery/require-later-target.ts';

const CONTROL =
  'Latest checkpoint location:           0/4000080\nTime of latest checkpoint:            Sat Nov 28 22:13:10 2026\nFake LSN counter:  0/3E8\n';
const site = (stdout: string, exitCode = 0) =>
  ({
    sandbox: { exec: async () => ({ exitCode, stdout, stderr: '' }), paths: { data: '/data' } },
    tool: { dir: '/bin', major: '17' },
  }) as unknown as RecoverySite;
const check = (at: string, where = site(CONTROL)) =>
  requireLaterTarget('base/1/', where, { kind: 'time', at: new Date(at) }, new AbortController().signal);

it('an instant before the backup is refused, and one from its checkpoint on is left to the server', async () => {
  await expect(check('2026-11-28T22:13:09.999Z')).rejects.toMatchObject({ code: 'target-not-reached' });
  await expect(check('2026-11-28T22:13:10Z')).resolves.toBeUndefined();
  await expect(check('2026-11-28T20:00:00Z', site('', 127))).resolves.toBeUndefined();
});

it.each([
  [CONTROL, '2026-11-28T22:13:10.000Z'],
  ['Time of latest checkpoint:            Thu Jan  1 00:00:00 2026', '2026-01-01T00:00:00.000Z'],
  ['Time of latest checkpoint:            Sa 28 Nov 2026 22:13:10 CET', undefined],
  ['', undefined],
])('the time of a checkpoint is read from %j', (text, time) => {
  expect(readCheckpointTime(text)?.toISOString()).toBe(time);
});
