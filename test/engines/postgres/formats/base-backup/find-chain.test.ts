import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../../src/backup/content.ts';
import { findChain } from '../../../../../src/engines/postgres/formats/base-backup/find-chain.ts';
import { readBaseBackup } from '../../../../../src/engines/postgres/formats/base-backup/read-base-backup.ts';
import { DrillError } from '../../../../../src/support/errors.ts';
import { directoryContent, sourceFiles } from '../../../../support/fake-content.ts';

const never = new AbortController().signal;

interface Made {
  readonly start: string;
  readonly on?: string;
  readonly system?: string;
  readonly timeline?: number;
  readonly format?: 'tar' | 'plain';
}

/** A base backup that began at `0/START000028` and is based on the backup that began at `on`. */
async function make({ start, on, system = '1', timeline = 1, format = 'tar' }: Made): Promise<Record<string, string>> {
  const segment = `0000000${timeline}00000000000000${start.padStart(2, '0')}`;
  const increment = on === undefined ? '' : `INCREMENTAL FROM LSN: 0/${on}000028\nINCREMENTAL FROM TLI: 1\n`;
  const label = `START WAL LOCATION: 0/${start}000028 (file ${segment})\n${increment}`;
  const backup_manifest = `{ "PostgreSQL-Backup-Manifest-Version": 2,\n"System-Identifier": ${system},\n"Files": []}`;
  if (format === 'plain') return { backup_label: label, PG_VERSION: '17\n', 'global/pg_control': 'x', backup_manifest };
  const tar = pack();
  tar.entry({ name: 'backup_label' }, label);
  tar.entry({ name: 'PG_VERSION' }, '17\n');
  tar.finalize();
  return { 'base.tar': (await buffer(tar)).toString('latin1'), backup_manifest };
}

async function chainOf(chosen: string, made: Readonly<Record<string, Made | 'garbage'>>): Promise<string[] | string> {
  const contents = new Map<string, DirectoryContent>();
  const keys: string[] = [];
  for (const [name, one] of Object.entries(made)) {
    const members = one === 'garbage' ? { 'base.tar': 'x', backup_manifest: '{}' } : await make(one);
    contents.set(`${name}/`, directoryContent(members, `${name}/`));
    keys.push(...Object.keys(members).map((member) => `${name}/${member}`));
  }
  const content = contents.get(`${chosen}/`) ?? directoryContent({});
  const openDirectory = (key: string) => contents.get(key) ?? directoryContent({});
  const inSource = sourceFiles(keys, { openDirectory });
  const opened = await readBaseBackup({ ...content, inSource }, never);
  return findChain(opened, never).then(
    (chain) => chain.map(({ content: { backup } }) => backup.key),
    (error: unknown) => (error instanceof DrillError ? `${error.code}: ${error.message}` : String(error)),
  );
}

it('a full backup is a chain of its own', async () => {
  expect(await chainOf('a', { a: { start: '2' }, b: { start: '3', on: '2' } })).toEqual(['a/']);
});

it('an increment’s base backups are found by their labels, whatever they are called', async () => {
  const made = {
    mon: { start: '2' },
    tue: { start: '4', on: '2', format: 'plain' },
    z: { start: '6', on: '4' },
    other: { start: '3', on: '2' },
    broken: 'garbage',
  } as const;
  expect(await chainOf('z', made)).toEqual(['mon/', 'tue/', 'z/']);
  expect(await chainOf('tue', made)).toEqual(['mon/', 'tue/']);
});

it('an increment whose base is missing is incomplete, and the error names the missing backup', async () => {
  const missing =
    /^backup-incomplete: b\/ is an incremental backup: it builds on the backup that began at 0\/2000028 on timeline 1, and \/backups holds none$/;
  expect(await chainOf('b', { b: { start: '4', on: '2' } })).toMatch(missing);
  expect(await chainOf('b', { a: { start: '2', timeline: 2 }, b: { start: '4', on: '2' } })).toMatch(missing);
  expect(await chainOf('b', { a: 'garbage', b: { start: '4', on: '2' } })).toMatch(missing);
  expect(await chainOf('c', { b: { start: '4', on: '2' }, c: { start: '6', on: '4' } })).toMatch(missing);
});

it('a backup of another cluster that began at the same position is not used as a base', async () => {
  const made = { a: { start: '2', system: '9' }, b: { start: '4', on: '2' } } as const;
  expect(await chainOf('b', made)).toMatch(/and a\/ belongs to another database cluster$/);
  expect(await chainOf('b', { ...made, older: { start: '2' } })).toEqual(['older/', 'b/']);
});

it('backups based on each other in a circle are an error', async () => {
  expect(await chainOf('b', { a: { start: '2', on: '4' }, b: { start: '4', on: '2' } })).toMatch(/^backup-incomplete/);
});

it('an increment in a single file is refused, since its base cannot be looked up', async () => {
  const opened = await readBaseBackup(directoryContent(await make({ start: '4', on: '2' })), never);
  await expect(findChain(opened, never)).rejects.toMatchObject({ code: 'format-unsupported' });
});

it('reading stops when the store fails', async () => {
  const inSource = sourceFiles(['a/base.tar'], {
    openDirectory: () => ({
      ...directoryContent({ 'base.tar': '', backup_manifest: '{}' }),
      streamUnwrapped: async () =>
        new Readable({
          read() {
            this.destroy(new DrillError('source-failed', 'hung up'));
          },
        }),
    }),
  });
  const content = { ...directoryContent(await make({ start: '4', on: '2' }), 'b/'), inSource };
  await expect(readBaseBackup(content, never).then((opened) => findChain(opened, never))).rejects.toMatchObject({
    code: 'source-failed',
  });
});
