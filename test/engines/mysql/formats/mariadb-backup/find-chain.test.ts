import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../../src/backup/content.ts';
import { mariadbFlavor } from '../../../../../src/engines/mysql/flavor.ts';
import { mariadbBackupFormat } from '../../../../../src/engines/mysql/formats/mariadb-backup/mariadb-backup-format.ts';
import { tarOf } from '../../../../backup/archive/open-archive.ts';
import { bytesContent, directoryContent, sourceFiles } from '../../../../support/fake-content.ts';
import { infoFiles, streamOf } from '../../xbstream/make-stream.ts';

const never = new AbortController().signal;
const FILES = { aria_log_control: 'x', 'mysql/db.frm': 'x', ibdata1: 'x', ib_logfile0: 'x' };

type Stored = Readonly<Record<string, Record<string, string> | Buffer>>;

/** Opens one directory or stream in a source of several. */
function open(stored: Stored, key: string) {
  const keys = Object.entries(stored).flatMap(([at, files]) =>
    Buffer.isBuffer(files) ? [at] : Object.keys(files).map((name) => `${at}${name}`),
  );
  const bytesOf = (at: string): Buffer => {
    const files = stored[at];
    if (!Buffer.isBuffer(files)) throw new Error(`${at} is not a stream`);
    return files;
  };
  const inSource = sourceFiles(keys, {
    files: keys.map((each) => ({ key: each, sizeBytes: Buffer.isBuffer(stored[each]) ? bytesOf(each).length : 1 })),
    openDirectory: (at) => directory(stored, at),
    readRange: async (file, { start, end }) => bytesOf(file.key).subarray(start, end),
    stream: (file) => Readable.from([bytesOf(file.key)]),
  });
  const own = stored[key];
  const content = { ...(Buffer.isBuffer(own) ? bytesContent(own, key) : directory(stored, key)), inSource };
  const opener = mariadbBackupFormat(mariadbFlavor).recognise(content);
  if (!opener) throw new Error('not recognised');
  return opener(never);
}

function directory(stored: Stored, key: string): DirectoryContent {
  const files = stored[key];
  if (files === undefined || Buffer.isBuffer(files)) throw new Error(`${key} is not a directory`);
  return directoryContent(files, key);
}

const backup = (from: number, to: number, more: Parameters<typeof infoFiles>[0] = {}): Record<string, string> => ({
  ...FILES,
  ...infoFiles({ from, to, ...more }),
});

describe('a chain of increments', () => {
  it('is found by the LSN at which each ends, whatever they are called', async () => {
    const stored = { 'c/': backup(0, 100), 'a/': backup(100, 200), 'b/': backup(200, 300), 'd/': backup(0, 150) };
    const { facts, readFiles } = await open(stored, 'b/');
    expect(facts.format).toBe('mariadb-backup directory, 2 increments on c/');
    expect(readFiles).toBeDefined();
  });

  it('can start with a stream', async () => {
    const stored = { '1.mb': streamOf(backup(0, 100)), '2/': backup(100, 200) };
    expect((await open(stored, '2/')).facts.format).toBe('mariadb-backup directory, an increment on 1.mb');
  });

  it('skips an increment in which nothing was written', async () => {
    const stored = { '1/': backup(0, 100), '2/': backup(100, 100), '3/': backup(100, 200) };
    expect((await open(stored, '3/')).facts.format).toBe('mariadb-backup directory, an increment on 1/');
  });

  it.each<[string, Stored, string]>([
    ['a link that is missing', { '1/': backup(0, 100), '3/': backup(200, 300) }, 'it continues from LSN 200'],
    ['no full backup', { '2/': backup(100, 200), '3/': backup(200, 300) }, 'it continues from LSN 100'],
    ['increments in a circle', { '2/': backup(200, 100), '3/': backup(100, 200) }, 'it continues from LSN 200'],
    [
      'a full backup of another series',
      { '1/': backup(0, 200, { version: '10.11.18-MariaDB' }), '3/': backup(200, 300) },
      'it continues from LSN 200',
    ],
    [
      'a stream that was cut',
      { '1.mb': streamOf(backup(0, 200)).subarray(0, -3), '3/': backup(200, 300) },
      'it continues from LSN 200',
    ],
  ])('is refused with %s', async (_what, stored, why) => {
    await expect(open(stored, '3/')).rejects.toMatchObject({
      code: 'backup-incomplete',
      message: expect.stringContaining(why),
    });
  });
});

describe('backups in tars', () => {
  const inTar = (from: number, to: number) => tarOfFiles(prefixed(backup(from, to), './backup/'));

  it('are found when no directory or stream fits, compressed or not', async () => {
    const stored = {
      '0.tar': await tarOfFiles({ 'ledger.sql': 'x' }),
      '1.tar.gz': gzipSync(await inTar(0, 100)),
      '2.tar': await inTar(100, 200),
      '3/': backup(200, 300),
    };
    const { facts, readFiles } = await open(stored, '3/');
    expect(facts.format).toBe('mariadb-backup directory, 2 increments on 1.tar.gz');
    expect(readFiles).toEqual(expect.arrayContaining([{ key: '2.tar', sizeBytes: stored['2.tar'].length }]));
    expect((await open(stored, '2.tar')).facts.format).toBe('mariadb-backup tar, an increment on 1.tar.gz');
  });

  it('are not read when something else fits', async () => {
    const stored = { '0/': backup(0, 100), '1.tar.gz': Buffer.from('never read'), '2/': backup(100, 200) };
    expect((await open(stored, '2/')).facts.format).toBe('mariadb-backup directory, an increment on 0/');
  });

  it('do not help when a link of the chain is missing', async () => {
    const stored = { '1.tar': await inTar(0, 100), '3.tar': await inTar(200, 300) };
    await expect(open(stored, '3.tar')).rejects.toMatchObject({
      code: 'backup-incomplete',
      message: expect.stringContaining('it continues from LSN 200'),
      details: expect.arrayContaining(['1.tar: LSN 0 to 100']),
    });
  });

  it('leave the missing link undetermined when one cannot be read', async () => {
    const several = { ...prefixed(backup(0, 50), 'a/'), ...prefixed(backup(50, 100), 'b/') };
    const stored = { '1.tar': await tarOfFiles(several), '2/': backup(100, 200) };
    await expect(open(stored, '2/')).rejects.toMatchObject({
      code: 'format-unsupported',
      message: expect.stringMatching(
        /^2\/ is an incremental backup .*LSN 100, .*: 1\.tar holds several backups: a\/ and b\/$/,
      ),
    });
  });

  it('are refused when a tar holds several', async () => {
    const both = { ...prefixed(backup(0, 100), 'full/'), ...prefixed(backup(100, 200), 'increment/') };
    await expect(open({ 'both.tar': await tarOfFiles(both) }, 'both.tar')).rejects.toMatchObject({
      code: 'format-unsupported',
      message: 'both.tar holds several backups: full/ and increment/',
    });
  });
});

function tarOfFiles(files: Readonly<Record<string, string>>): Promise<Buffer> {
  return tarOf(Object.entries(files).map(([name, content]) => ({ name, content })));
}

function prefixed(files: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}${name}`, content]));
}

describe('the server that a backup needs', () => {
  it('is one of the same series', async () => {
    const { needs, facts } = await open({ '1/': backup(0, 100, { version: '10.5.29-MariaDB-log' }) }, '1/');
    expect(needs).toEqual({ major: '10.5', match: 'exact', extensions: [] });
    expect(facts).toMatchObject({ serverVersion: '10.5.29', dumpedBy: 'mariadb-backup 11.8.9' });
  });

  it('is not available when the server encrypts its log', async () => {
    const files = backup(0, 100);
    const encrypted = { ...files, 'backup-my.cnf': `${files['backup-my.cnf']}innodb_encrypt_log=1\n` };
    await expect(open({ '1/': encrypted }, '1/')).rejects.toMatchObject({ code: 'image-incomplete' });
  });
});
