import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../../src/backup/content.ts';
import type { Sandbox } from '../../../../../src/sandbox/sandbox.ts';
import { DrillError } from '../../../../../src/support/errors.ts';
import { directoryContent } from '../../../../support/fake-content.ts';
import { hasHostMariadb } from '../../../../support/host-mariadb.ts';
import { type Restored, restoreInto, startSandbox } from '../../restoring.ts';
import { shellDirectory } from './shell-directory.ts';

const target = { runtime: 'local', server: 'mariadb:10.11' } as const;
const ROWS = 'sh%20op@or%60ders@0.tsv';
const LAST = 'sh%20op@or%60ders@@1.tsv';

describe.skipIf(!hasHostMariadb)('a MySQL Shell dump on the host’s own MariaDB', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox(target);
  });
  afterEach(() => sandbox.dispose());

  const restore = (content: DirectoryContent): Promise<Restored> => restoreInto(sandbox, target, content);
  const load = (changes: Readonly<Record<string, string>> = {}): Promise<Restored> =>
    restore(directoryContent(shellDirectory(changes)));

  it('restores rows, definitions and accounts, and disables loading local files afterwards', async () => {
    await using restored = await load();
    expect(restored.outcome).toMatchObject({ database: 'sh op', errors: [] });
    expect(restored.outcome.warnings).toEqual([
      expect.stringMatching(/^gone@%: an account that views and routines run as/),
    ]);
    expect(await restored.ask('SELECT id, HEX(`no``te`), HEX(raw) FROM `sh op`.`or``ders` ORDER BY id')).toEqual([
      '0\t6109625C6E\tFF000A0D27',
      '1\tNULL\tNULL',
      '2\tC3B6C39FE282AC\t00',
    ]);
    expect((await restored.check('SELECT id FROM newest')).rows).toEqual([[4]]);
    expect(await restored.ask("SHOW GRANTS FOR 'app'@'%'")).toContain(
      'GRANT SELECT ON `sh op`.`or``ders` TO `app`@`%`',
    );
    expect(await restored.ask('SELECT @@GLOBAL.local_infile')).toEqual(['0']);
  });

  it('reports rows that the server changes or skips, and rows that are missing', async () => {
    const counts = { 'sh op': { 'or`ders': { partitions: { '': { 0: { count: 2 }, 1: { count: 6 } } } } } };
    const { [LAST]: _last, ...files } = shellDirectory();
    const content = directoryContent({
      ...files,
      '@.done.json': '{}',
      '@.checksums.json': JSON.stringify({ data: counts }),
      // each file repeats one of its own keys: with a key repeated between files, the result would depend on which is
      // loaded first
      [ROWS]: '5\tx\tAA==\n6\ty\tAA==\n',
      'sh%20op@or%60ders@1.tsv': '7\tx\tAA==\n7\ty\tAA==\n',
      'sh%20op@or%60ders@2.tsv': '0\tx\t\\N\nsecret\ty\t\\N\n',
      'sh%20op@or%60ders@@3.tsv': '4',
    });
    await using restored = await restore(content);
    expect([...restored.outcome.errors].sort()).toEqual([
      'sh op.or`ders has 7 rows, and @.checksums.json says that 8 were dumped',
      'sh%20op@or%60ders@1.tsv: 1 of 2 rows were left out, since their keys already exist',
      expect.stringMatching(/@2\.tsv: 1 of 2 rows were left out/),
      expect.stringMatching(/@2\.tsv: ERROR 1366: a value was changed: Incorrect integer value: '…' for column/),
      expect.stringMatching(/@@3\.tsv: ERROR 1261: a value was changed: Row 1 doesn't contain data for all columns/),
    ]);
  });

  it('reports a routine and a trigger that are missing from their files', async () => {
    await using restored = await load({
      'sh%20op.sql': 'CREATE DATABASE `sh op`;\n',
      'sh%20op@or%60ders.triggers.sql': 'USE `sh op`;\n',
      'sh%20op@newest.sql': 'DROP VIEW newest;\nCREATE VIEW `newest` AS SELECT 1;\n',
    });
    expect(restored.outcome.errors).toEqual([
      'sh op lacks what the metadata of the dump lists: function twice_of, trigger noted',
    ]);
  });

  it('fails with the store’s error when the store fails in the middle of the rows', async () => {
    const content = directoryContent(shellDirectory());
    const failing: DirectoryContent = {
      ...content,
      streamUnwrapped: async (name, signal) =>
        name === ROWS ? Readable.from(damaged()) : content.streamUnwrapped(name, signal),
    };
    await expect(restore(failing)).rejects.toMatchObject({ code: 'backup-corrupt', message: 'a bit was flipped' });
  });

  it('fails when the size of a file of rows differs from the size recorded in the dump', async () => {
    await expect(load({ [LAST]: '2\tx\tAA==\n' })).rejects.toMatchObject({
      code: 'backup-corrupt',
      message: expect.stringMatching(/@@1\.tsv has 9 bytes of rows, and @\.done\.json says that 15 were written$/),
    });
  });
});

async function* damaged(): AsyncGenerator<Buffer> {
  yield Buffer.from('0\ta\t\\N\n');
  throw new DrillError('backup-corrupt', 'a bit was flipped', {});
}
