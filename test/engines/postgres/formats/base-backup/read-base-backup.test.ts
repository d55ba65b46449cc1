import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { baseBackup } from '../../../../../src/engines/postgres/formats/base-backup/descriptor.ts';
import { isBaseBackup } from '../../../../../src/engines/postgres/formats/base-backup/is-base-backup.ts';
import { readBaseBackup } from '../../../../../src/engines/postgres/formats/base-backup/read-base-backup.ts';
import { bytesContent, directoryContent } from '../../../../support/fake-content.ts';
import { controlFile } from '../../recovery/control-file.ts';

const never = new AbortController().signal;
const LABEL = 'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\n';
const BACKED_UP = { backup_label: LABEL, PG_VERSION: '15\n', 'global/pg_control': controlFile({ state: 6 }) };
const STOPPED = { 'base/5/PG_VERSION': '15\n', 'global/pg_control': controlFile({}), PG_VERSION: '15\n' };
const RUNNING = { 'postmaster.pid': '1\n', PG_VERSION: '15\n', 'global/pg_control': controlFile({ state: 6 }) };

async function tarOf(files: Readonly<Record<string, string | Buffer>>, folder = '') {
  return bytesContent(await tarBytes(files, folder), 'base.tar');
}

function tarBytes(files: Readonly<Record<string, string | Buffer>>, folder = ''): Promise<Buffer> {
  const packing = pack();
  for (const [name, content] of Object.entries(files)) packing.entry({ name: `${folder}${name}` }, content);
  packing.finalize();
  return buffer(packing);
}

describe('a tar of a data directory', () => {
  it.each(['', './', 'nightly/', './nightly/', 'var/lib/postgresql/15/main/', '/var/lib/postgresql/15/main/'])(
    'is read with any leading folder: "%s"',
    async (folder) => {
      const isInFolder = folder.replace('./', '') === '' ? undefined : true;
      const backedUp = await tarOf(BACKED_UP, folder);
      expect(isBaseBackup(backedUp)).toBe(true);
      const opened = await readBaseBackup(backedUp, never);
      expect([opened.major, opened.isStopped, opened.label.startLsn]).toEqual(['15', false, '0/2000028']);
      expect(opened.parts?.[0]?.isInFolder).toBe(isInFolder);
      const stopped = await readBaseBackup(await tarOf(STOPPED, folder), never);
      expect([stopped.major, stopped.isStopped, stopped.label.startLsn]).toEqual(['15', true, '0/2000028']);
      expect(stopped.parts?.[0]?.isInFolder).toBe(isInFolder);
    },
  );

  it.each([
    'pg_wal/000000010000000000000002',
    'pg_xact/0000',
    'pg_multixact/members/0000',
    'pg_logical/replorigin_checkpoint',
    'base/5/PG_VERSION',
  ])('is recognised whichever of its files comes first: %s', async (name) => {
    expect(isBaseBackup(await tarOf({ [name]: 'x' }, 'main/'))).toBe(true);
    expect(baseBackup.ownsTar?.([`main/${name}`])).toBe(true);
    expect(isBaseBackup(await tarOf({ [`uploads/${name}.jpg`]: 'x' }))).toBe(false);
  });

  it.each([
    ['of a running server', RUNNING, /has no backup_label, and its server was not shut down$/],
    ['with a label that is none', { backup_label: 'x\n', ...STOPPED }, /^the backup_label of .* does not say where/],
    ['with an empty label', { backup_label: '', ...STOPPED }, /^the backup_label of .* does not say where/],
    [
      'without what says how the server ended',
      { PG_VERSION: '15\n', 'base/5/1259': 'x' },
      /no readable global\/pg_control$/,
    ],
  ])('is refused %s', async (_what, files, says) => {
    await expect(readBaseBackup(await tarOf(files, 'main/'), never)).rejects.toMatchObject({
      ...{ code: 'backup-corrupt', message: expect.stringMatching(says) },
    });
  });
});

it('a backup whose map names a tablespace without a tar is refused by the start of its first tar', async () => {
  const map = '16384 /srv/fast\n16385 /srv/slow\n';
  const base = (await tarBytes({ backup_label: LABEL, tablespace_map: map, PG_VERSION: '15\n' })).toString('latin1');
  const backup = (...oids: readonly string[]) =>
    directoryContent({ 'base.tar': base, ...Object.fromEntries(oids.map((oid) => [`${oid}.tar`, ''])) });
  expect((await readBaseBackup(backup('16384', '16385'), never)).parts).toHaveLength(3);
  await expect(readBaseBackup(backup('16384'), never)).rejects.toMatchObject({
    ...{
      code: 'backup-truncated',
      message: expect.stringMatching(/lacks the tablespace 16385, which was in \/srv\/slow$/),
    },
  });
});

describe('a plain data directory', () => {
  it('is recognised even without a label, and refused unless its server was shut down', async () => {
    const content = directoryContent({ PG_VERSION: '15\n', 'global/pg_control': 'x', 'base/5/1259': '' });
    expect(isBaseBackup(content)).toBe(true);
    for (const [files, says] of [
      [{ 'global/pg_control': 'x' }, /no readable global\/pg_control$/],
      [{ 'global/pg_control': 'x', backup_label: '' }, /^the backup_label of /],
    ] as const) {
      await expect(readBaseBackup(directoryContent({ PG_VERSION: '15\n', ...files }), never)).rejects.toMatchObject({
        ...{ code: 'backup-corrupt', message: expect.stringMatching(says) },
      });
    }
    expect(isBaseBackup(directoryContent({ PG_VERSION: '15\n', 'notes.txt': '' }))).toBe(false);
  });
});
