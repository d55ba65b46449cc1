import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeFakeDrill, storedBackup, useFakeTime } from './fake-drill.ts';

useFakeTime();

const CONTENT = Buffer.from('-- a dump\n');
const BACKUP = storedBackup(new Date('2026-11-21T03:00:00.000Z'), undefined, CONTENT.length);

function drillWith(summed: Buffer) {
  const sums = Buffer.from(createHash('sha256').update(summed).digest('hex'));
  const key = `${BACKUP.key}.sha256`;
  const listed = () => [BACKUP, { ...BACKUP, key, sizeBytes: sums.length }];
  return makeFakeDrill({ content: CONTENT, listed, beside: { [key]: sums } });
}

it('plans to compare a backup with the checksum next to it, and records that it matches', async () => {
  const drill = drillWith(CONTENT);
  const run = await drill.run();
  const planned = drill.events.flatMap((event) => (event.type === 'planned' ? [event.plan.backup.checksumFiles] : []));
  expect(planned).toEqual([[`${BACKUP.key}.sha256`]]);
  const matched = `SHA-256 matches ${BACKUP.key}.sha256`;
  expect(run).toMatchObject({ verdict: 'passed', reading: { checksums: [matched] }, warnings: [] });
  expect((await drill.store.getLog(run.id)).map(({ message }) => message)).toContain(matched);
});

it('fails a backup that does not match the checksum next to it, before a sandbox exists if it is small', async () => {
  const run = await drillWith(Buffer.from('-- another dump\n')).run();
  expect(run).toMatchObject({
    verdict: 'failed',
    reasons: [{ reason: 'unrestorable' }],
    error: { code: 'backup-corrupt', stage: 'locate' },
    sandbox: undefined,
  });
});
