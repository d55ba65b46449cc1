import { expect, it } from 'vitest';
import type { RecoveryTarget } from '../../../../src/engines/format.ts';
import type { PhysicalBackup } from '../../../../src/engines/postgres/recovery/physical-backup.ts';
import type { RecoverySite } from '../../../../src/engines/postgres/recovery/recovery-site.ts';
import type { ServerTarget } from '../../../../src/engines/postgres/recovery/recovery-target.ts';
import {
  requireKnownTarget,
  requireLaterTarget,
} from '../../../../src/engines/postgres/recovery/require-later-target.ts';

const TAKEN = Date.parse('2026-11-28T22:13:10Z') / 1000;
const backup = { key: 'base/1/', label: { startLsn: '0/4000028' } } as PhysicalBackup;

/** @param stdout output of `od` for the control file. */
function check(target: ServerTarget, stdout = `           ${TAKEN}\n`): Promise<void> {
  const site = siteWith({ exitCode: 0, stdout });
  return requireLaterTarget(backup, site, target, new AbortController().signal);
}
function siteWith({ exitCode, stdout }: { readonly exitCode: number; readonly stdout: string }): RecoverySite {
  const exec = async () => ({ exitCode, stdout, stderr: '' });
  const sandbox = { exec, paths: { data: '/data' }, provenance: { name: 'the image' } };
  return { sandbox, tool: { dir: '/bin' } } as unknown as RecoverySite;
}
const known = (target: RecoveryTarget, { hasLog = true, hasTool = true } = {}): Promise<void> =>
  requireKnownTarget(
    backup,
    siteWith({ exitCode: hasTool ? 0 : 1, stdout: '' }),
    { target, hasLog },
    new AbortController().signal,
  );
const instant = (at: string): ServerTarget => ({ kind: 'time', at: new Date(at) });
const position = (lsn: string): ServerTarget => ({ kind: 'position', at: { lsn } });

it.each([instant('2026-11-28T22:13:09.999Z'), instant('2020-01-01T00:00:00Z')])(
  'an instant before the backup is refused: %j',
  async (target) => {
    await expect(check(target)).rejects.toMatchObject({ code: 'target-not-reached' });
  },
);

it.each([
  { kind: 'position', at: { lsn: '0/4000027' } },
  { kind: 'position', at: { lsn: '0/1000000' } },
] as const)('a position before the backup is refused before unpacking: %j', async (target) => {
  await expect(known(target)).rejects.toMatchObject({
    ...{ code: 'target-not-reached', hint: expect.stringMatching(/older backup/) },
    message: `the target ${'lsn' in target.at ? target.at.lsn : ''} is before base/1/, which begins at 0/4000028`,
  });
});

it.each([instant('2026-11-28T22:13:10Z'), position('0/4000028'), position('1/0'), { kind: 'latest' } as const])(
  'a point after the backup’s start is left to the server: %j',
  async (target) => {
    await expect(check(target)).resolves.toBeUndefined();
    await expect(known(target, { hasTool: false, hasLog: false })).resolves.toBeUndefined();
  },
);

it.each([
  { kind: 'before', event: 'drop-table', object: undefined } as const,
  { kind: 'random', notBefore: new Date(0), share: 0.5 } as const,
])('a point to be found in the log requires a log and pg_waldump before unpacking: %j', async (target) => {
  await expect(known(target)).resolves.toBeUndefined();
  await expect(known(target, { hasTool: false })).rejects.toMatchObject({
    ...{ code: 'tool-missing', hint: expect.stringMatching(/--runtime docker.*name an instant or a position/) },
  });
  await expect(known(target, { hasLog: false })).rejects.toMatchObject({
    code: 'target-not-reached',
    message: expect.stringContaining('there is no log archive'),
    hint: expect.stringContaining('`backup.log`'),
  });
});

it.each(['', '0\n', 'od: no such file', '99999999999999999999'])(
  'an instant is left to the server when the control file’s time is %j',
  async (stdout) => {
    await expect(check(instant('2026-11-28T20:00:00Z'), stdout)).resolves.toBeUndefined();
  },
);
