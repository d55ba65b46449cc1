import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ChecksumWatch } from '../../../src/backup/checksums/checksum-watch.ts';
import { findChecksums } from '../../../src/backup/checksums/find-checksums.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import type { Backup, BackupSource, StoredObject } from '../../../src/backup/source.ts';
import { failure, must, never } from '../../contracts/source-contract.ts';

const NAME = 'orders.sql.gz';
const HOUR_MS = 3_600_000;
const SQL = Buffer.from('create table a (b int);\n'.repeat(1000));
const DUMP = gzipSync(SQL);
/** Its own time in the header, which gzip does not check. */
const CHANGED = Buffer.from(DUMP).fill(7, 4, 5);

function sum(content: Buffer, algorithm = 'sha256'): string {
  return createHash(algorithm).update(content).digest('hex');
}

interface Stored {
  readonly content: Buffer | string;
  /** Default: a minute after the backup. */
  readonly afterMs?: number;
}

/** What becomes of a backup with these files next to it. */
async function drill(backup: Buffer, files: Readonly<Record<string, string | Stored>>, name = NAME) {
  const contents = new Map<string, Buffer>([[name, backup]]);
  const beside = Object.entries(files).map(([key, file]): StoredObject => {
    const { content, afterMs = 60_000 } = typeof file === 'string' ? { content: file } : file;
    contents.set(key, Buffer.from(content));
    return { key, sizeBytes: content.length, modifiedAt: new Date(HOUR_MS * 24 + afterMs), etag: key };
  });
  const object = { key: name, sizeBytes: backup.length, modifiedAt: new Date(HOUR_MS * 24), etag: 'e' };
  const reads: string[] = [];
  const source: BackupSource = {
    description: 'memory',
    prefix: '',
    async *list() {
      yield object;
    },
    readTags: async () => ({}),
    read: async ({ key }, { start, end }) => {
      reads.push(key);
      return Readable.from([must(contents.get(key)).subarray(start, end)], { objectMode: false });
    },
    close: () => undefined,
  };
  const own: Backup = { ...object, kind: 'object', objects: [object], takenAt: new Date(0), takenAtFrom: 'modified' };
  const found = await findChecksums({ source, backup: own, beside }, { bytesRead: 0 }, never());
  const watch = new ChecksumWatch(name, found.expected);
  const read = async () => {
    const content = await openContent(source, own, never(), undefined, undefined, watch);
    if (content.kind !== 'object') throw new Error('expected an object');
    return buffer(content.stream(never()));
  };
  return { read, watch, reads, warnings: found.warnings };
}

async function codeOf(backup: Buffer, files: Readonly<Record<string, string | Stored>>): Promise<string> {
  return (await failure((await drill(backup, files)).read())).code;
}

describe('a checksum next to a backup', () => {
  it.each<[string, string]>([
    [`${NAME}.sha256`, sum(DUMP)],
    [`${NAME}.sha256`, `${sum(DUMP)}  ${NAME}`],
    [`${NAME}.sha256sum.txt`, `${sum(DUMP)} */srv/backups/${NAME}`],
    [`${NAME}.SHA512`, `${sum(DUMP, 'sha512')}  ${NAME}`],
    [`${NAME}-md5.txt`, `MD5 (${NAME}) = ${sum(DUMP, 'md5')}`],
    [`${NAME}.checksum`, `${sum(DUMP, 'sha1')}  C:\\backups\\${NAME}`],
    [`${NAME}.md5`, `${sum(DUMP, 'md5')}  upload.tmp`],
    ['orders.sha256', `${sum(DUMP)}  ${NAME}`],
    ['SHA256SUMS', `${sum(CHANGED)}  other.sql.gz\n${sum(DUMP)}  ./${NAME}\n`],
    ['checksums.txt', `${sum(CHANGED)}  ${NAME}\n${sum(DUMP)}  ${NAME}\n`],
  ])('%s is compared: %s', async (file, text) => {
    const { read, watch } = await drill(DUMP, { [file]: text });
    expect((await read()).equals(SQL)).toBe(true);
    const [matched] = watch.conclude().matched;
    expect(matched).toMatch(new RegExp(`^(?:MD5|SHA-\\d+) matches ${file.replaceAll('.', '\\.')}$`));
    if (text.includes('upload.tmp')) return;
    expect(await codeOf(CHANGED, { [file]: text })).toBe('backup-corrupt');
  });

  it('names both checksums and the file where they differ, and is remembered after the stream', async () => {
    const { read, watch } = await drill(CHANGED, { [`${NAME}.sha256`]: sum(DUMP) });
    const error = await failure(read());
    expect(error.message).toBe(
      `${NAME} does not match ${NAME}.sha256: its SHA-256 is ${sum(CHANGED).slice(0, 16)}…, not ${sum(DUMP).slice(0, 16)}…`,
    );
    expect(() => watch.conclude()).toThrow(error);
  });

  it('costs one read of its file, and none without one', async () => {
    const { read, reads } = await drill(DUMP, { [`${NAME}.sha256`]: sum(DUMP), 'orders.log': 'x', 'a.sql.md5': 'y' });
    await read();
    expect(reads).toEqual([`${NAME}.sha256`, NAME]);
    const none = await drill(DUMP, { 'orders.log': 'x', 'a.sql.sha256': 'y', 'b.sql.gz': 'z', 'notes.txt': '' });
    await none.read();
    expect(none.reads).toEqual([NAME]);
    expect(none.watch.conclude()).toEqual({ matched: [], warnings: [] });
  });

  it('is compared again when the backup is read again after a failure', async () => {
    const { read, watch } = await drill(CHANGED, { [`${NAME}.sha256`]: sum(DUMP) });
    for (let time = 0; time < 2; time += 1) expect((await failure(read())).code).toBe('backup-corrupt');
    expect(() => watch.conclude()).toThrow('does not match');
  });

  it('that is older than the backup proves neither that it is damaged nor that it is not', async () => {
    const old = { content: sum(DUMP), afterMs: -HOUR_MS };
    const error = await failure((await drill(CHANGED, { [`${NAME}.sha256`]: old })).read());
    expect([error.code, error.mayPass]).toEqual(['checksum-outdated', true]);
    expect(error.message).toContain('which is 1 h older');
    expect(await codeOf(CHANGED, { [`${NAME}.sha256`]: { ...old, afterMs: -30_000 } })).toBe('backup-corrupt');
    const matching = await drill(DUMP, { [`${NAME}.sha256`]: old });
    await matching.read();
    expect(matching.watch.conclude().matched).toHaveLength(1);
  });

  it('that is older and differs is a warning if another one matches, and the other way round it is not', async () => {
    const old = { content: sum(CHANGED, 'md5'), afterMs: -HOUR_MS };
    const { read, watch } = await drill(DUMP, { [`${NAME}.md5`]: old, [`${NAME}.sha256`]: sum(DUMP) });
    await read();
    expect(watch.conclude()).toEqual({
      matched: [`SHA-256 matches ${NAME}.sha256`],
      warnings: [expect.stringContaining('1 h older')],
    });
    const files = { [`${NAME}.md5`]: sum(DUMP, 'md5'), SHA256SUMS: `${sum(CHANGED)}  ${NAME}` };
    expect(await codeOf(DUMP, files)).toBe('backup-corrupt');
  });

  it.each<[string, string, number]>([
    ['of the unpacked content', `${sum(SQL)}  orders.sql`, 0],
    ['of a file of another name', `${sum(SQL)}  other.sql`, 1],
    ['of several other files', `${sum(SQL)}  other.sql\n${sum(DUMP)}  b.sql`, 0],
    ['of files of that name in two folders', `${sum(SQL)}  a/${NAME}\n${sum(DUMP)}  b/${NAME}`, 0],
  ])('%s does not fail the backup', async (_, text, warned) => {
    const { read, watch, warnings } = await drill(DUMP, { [`${NAME}.sha256`]: text });
    await read();
    expect(watch.conclude().matched).toEqual([]);
    expect([...warnings, ...watch.conclude().warnings]).toHaveLength(warned);
  });

  it.each<[string, Stored, string]>([
    ['is empty', { content: '' }, 'is empty'],
    ['is a page', { content: '<html></html>' }, 'lists no checksum'],
    ['is huge', { content: Buffer.alloc(1_000_001) }, 'is larger than 1.00 MB'],
  ])('is a warning if its file %s', async (_, stored, said) => {
    const { read, warnings } = await drill(DUMP, { [`${NAME}.sha256`]: stored });
    await read();
    expect(warnings).toEqual([expect.stringContaining(said)]);
    expect((await drill(DUMP, { SHA256SUMS: stored })).warnings).toEqual([]);
  });

  it('is not said to match if the restore did not read the whole file', async () => {
    const large = Buffer.alloc(5_000_000, 'ab');
    const { watch } = await drill(large, { [`${NAME}.sha256`]: sum(large) });
    const stored = Readable.from([large, large]);
    watch.watch(stored).destroy();
    expect(watch.conclude()).toEqual({ matched: [], warnings: [expect.stringContaining('was not compared')] });
    await new Promise((resolve) => stored.once('close', resolve));
  });

  it('of a file that was split is that of the whole', async () => {
    const { read, watch } = await drill(DUMP, { [`${NAME}.sha256`]: `${sum(DUMP)}  ${NAME}` }, `${NAME}.part*`);
    await read();
    expect(watch.conclude().matched).toHaveLength(1);
  });
});
