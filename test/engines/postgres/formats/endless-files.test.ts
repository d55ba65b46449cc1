import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../src/backup/content.ts';
import type { BackupFormat } from '../../../../src/engines/format.ts';
import { barmanFormat } from '../../../../src/engines/postgres/formats/barman-cloud/barman-format.ts';
import { baseBackupFormat } from '../../../../src/engines/postgres/formats/base-backup/base-backup-format.ts';
import { pgbackrestFormat } from '../../../../src/engines/postgres/formats/pgbackrest/pgbackrest-format.ts';
import { walGFormat } from '../../../../src/engines/postgres/formats/wal-g/wal-g-format.ts';
import { readHistory } from '../../../../src/engines/postgres/log/read-log-file.ts';
import { directoryContent, sourceFiles } from '../../../support/fake-content.ts';
import { FULL, openIn, repository } from './pgbackrest/fake-repository.ts';

const never = new AbortController().signal;
const MIB = 2 ** 20;

/** What a few kilobytes of zstd may unpack to: up to 1000 MiB. */
class Bomb {
  mebibytes = 0;

  stream(): Readable {
    return Readable.from(this.#chunks(), { objectMode: false });
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    for (; this.mebibytes < 1000; this.mebibytes += 1) yield Buffer.alloc(MIB, 'x=1\n');
  }
}

/** The directory with one file that unpacks almost endlessly, however small it is stored. */
function withBomb(directory: DirectoryContent, name: string): { content: DirectoryContent; bomb: Bomb } {
  const bomb = new Bomb();
  const { streamUnwrapped } = directory;
  return {
    bomb,
    content: {
      ...directory,
      streamUnwrapped: async (member, signal) => (member === name ? bomb.stream() : streamUnwrapped(member, signal)),
    },
  };
}

async function codeOf(format: BackupFormat, content: DirectoryContent): Promise<string> {
  const open = format.recognise(content);
  if (!open) throw new Error('not recognised');
  return open(never).then(
    () => 'read',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

const DATA = { PG_VERSION: '17', 'global/pg_control': '' };
const LABEL = 'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nSTART TIMELINE: 1\n';
const METADATA = '{"start_lsn":33554472,"pg_version":170012}';
const WAL_G = 'basebackups_005/base_000000010000000000000002/';

it.each([
  ['backup_label', baseBackupFormat, directoryContent({ ...DATA, backup_label: '' }), 'backup-corrupt'],
  ['PG_VERSION', baseBackupFormat, directoryContent({ ...DATA, backup_label: LABEL }), 'backup-truncated'],
  ['backup.info', barmanFormat, directoryContent({ 'backup.info': '', 'data.tar': '' }), 'backup-corrupt'],
  [
    'metadata.json',
    walGFormat,
    directoryContent({ 'metadata.json': '', 'tar_partitions/part_1.tar': '' }, WAL_G),
    'backup-corrupt',
  ],
])('an endless %s is not kept in memory', async (name, format, directory, code) => {
  const { content, bomb } = withBomb(directory, name);
  expect(await codeOf(format, content)).toBe(code);
  expect(bomb.mebibytes).toBeLessThan(10);
});

it('an endless WAL-G sentinel is not kept in memory', async () => {
  const bomb = new Bomb();
  const directory = directoryContent({ 'metadata.json': METADATA, 'tar_partitions/part_1.tar': '' }, WAL_G);
  const inSource = sourceFiles([`${WAL_G.slice(0, -1)}_backup_stop_sentinel.json`], {
    streamUnwrapped: async () => bomb.stream(),
  });
  expect(await codeOf(walGFormat, { ...directory, inSource })).toBe('backup-corrupt');
  expect(bomb.mebibytes).toBeLessThan(10);
});

it('an endless pgBackRest info file is not kept in memory', async () => {
  const content = openIn(repository(), FULL);
  const { inSource } = content;
  if (!inSource) throw new Error('a repository');
  const bombs: Bomb[] = [];
  const streamUnwrapped = async () => {
    const bomb = new Bomb();
    bombs.push(bomb);
    return bomb.stream();
  };
  expect(await codeOf(pgbackrestFormat, { ...content, inSource: { ...inSource, streamUnwrapped } })).toBe(
    'backup-corrupt',
  );
  expect(Math.max(...bombs.map(({ mebibytes }) => mebibytes))).toBeLessThan(50);
});

it('an endless timeline history is not kept in memory', async () => {
  const bomb = new Bomb();
  const file = { key: '00000002.history', sizeBytes: 100 };
  const read = () => Promise.reject(new Error('not read'));
  const archive = { description: 's3://wal/', files: [file], read, stream: async () => bomb.stream() };
  await expect(readHistory(archive, file, never)).rejects.toMatchObject({ code: 'log-damaged' });
  expect(bomb.mebibytes).toBeLessThan(10);
});
