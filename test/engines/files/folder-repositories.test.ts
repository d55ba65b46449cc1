import { expect, test } from 'vitest';
import { findRepositories, judgeRepositories } from '../../../src/engines/files/formats/folder/find-repositories.ts';
import { folderFormat } from '../../../src/engines/files/formats/folder/folder-format.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import { directoryContent } from '../../support/fake-content.ts';
import { thrownCode } from './thrown-code.ts';

const HEX = '0123456789abcdef'.repeat(4);
const RESTIC = ['config', `keys/${HEX}`, `data/01/${HEX}`, `index/${HEX}`, `snapshots/${HEX}`];
const BORG = ['README', 'config', 'data/0/1', 'hints.5', 'index.5', 'integrity.5'];
const without = (names: readonly string[], lost: string) => names.filter((name) => !name.startsWith(lost));
const below = (folder: string, names: readonly string[]) => names.map((name) => `${folder}${name}`);

test.each([
  ['a restic repository without its config', without(RESTIC, 'config'), 'backup-truncated'],
  ['a restic repository without its keys', without(RESTIC, 'keys/'), 'backup-truncated'],
  ['a Borg repository without its config', without(BORG, 'config'), 'backup-truncated'],
  ['a kopia repository', ['kopia.repository.f', 'kopia.blobcfg.f', 'p00/1a2/b.f'], 'format-unsupported'],
  [
    'a Duplicity backup set',
    ['duplicity-full.20261128T030000Z.manifest.gpg', 'duplicity-full.20261128T030000Z.vol1.difftar.gpg'],
    'format-unsupported',
  ],
  ['a Duplicacy storage', ['config', `chunks/0a/${HEX.slice(2)}`, 'snapshots/web1/12'], 'format-unsupported'],
  [
    'a Duplicati backup set',
    ['duplicati-20261128T030000Z.dlist.zip.aes', 'duplicati-b0a1.dblock.zip.aes'],
    'format-unsupported',
  ],
  ['nothing but repositories', [...below('web1/', RESTIC), ...below('db/1/', BORG)], 'format-unsupported'],
])('does not restore %s as plain files', async (_what, names, code) => {
  expect(thrownCode(() => judgeRepositories('daily/', names))).toBe(code);
  const content = directoryContent(Object.fromEntries(names.map((name) => [name, 'x'])), 'daily/');
  await expect(engineOf('files').inspect(content, new AbortController().signal)).rejects.toMatchObject({ code });
});

test('restores a repository next to other files, with a warning that its backups were not', () => {
  const names = [...below('srv/restic/', RESTIC), 'srv/app.conf'];
  expect(judgeRepositories('daily/', names)).toEqual([
    'daily/srv/restic/ is a restic repository; it was copied as files, and none of its backups was restored',
  ]);
});

test('takes no other folder for a repository', () => {
  const content = directoryContent({ 'data/1/1': 'x', 'snapshots/2026': 'x', config: 'x' }, 'daily/');
  expect(findRepositories(content.members.keys())).toEqual([]);
  expect(folderFormat.recognise(content, undefined)).toBeDefined();
});
