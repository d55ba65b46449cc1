import { mkdir, mkdtemp, readdir, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openCommandSource } from '../../../../src/backup/drivers/command/command-source.ts';
import type { CommandSpec } from '../../../../src/backup/drivers/command/command-spec.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { describeSourceContract, failure, listAll, must, never, readAll } from '../../../contracts/source-contract.ts';

const LINE = String.raw`{"key":"%P","size":%s,"modified":"%TY-%Tm-%TdT%TH:%TM:%TSZ","etag":"%i"}\n`;
const LIST = `cd "$1" 2>/dev/null || exit 66; TZ=UTC find . -type f -printf '${LINE}'`;
const STAT = `cd "$1" && [ -e "$2" ] || exit 66; TZ=UTC find . -path "./$2" -printf '${LINE}'`;
const READ = 'cd "$1" && [ -e "$2" ] || exit 66; tail -c +$(($3 + 1)) "$2" | head -c "$4"';

/** The least that a program can do: it always writes the whole backup, and has no `stat`. */
const plain = (place: string): Programs => ({
  list: ['sh', '-c', LIST, 'sh', place],
  read: ['sh', '-c', 'cat "$1/$2"', 'sh', place, '{key}'],
  stat: undefined,
});
const full = (place: string): Programs => ({
  list: ['sh', '-c', LIST, 'sh', place],
  read: ['sh', '-c', READ, 'sh', place, '{key}', '{start}', '{count}'],
  stat: ['sh', '-c', STAT, 'sh', place, '{key}'],
});

type Programs = Pick<CommandSpec, 'list' | 'read' | 'stat'>;

for (const [name, programs] of Object.entries({
  'a program that writes whole backups': plain,
  'a program that seeks': full,
})) {
  describeSourceContract(name, async () => {
    const root = await mkdtemp(join(tmpdir(), 'firedrill-source-'));
    const open = (place: string) =>
      openCommandSource({ type: 'command', env: [], directory: root, ...programs(place) });
    let spaces = 0;
    return {
      noticesReplacement: true,
      space: async (prefix = '') => {
        spaces += 1;
        const place = join(root, String(spaces));
        await mkdir(join(place, prefix), { recursive: true });
        return {
          source: await open(join(place, prefix)),
          put: async (key, body) => {
            await mkdir(dirname(join(place, key)), { recursive: true });
            await writeFile(join(root, 'new'), body);
            await rename(join(root, 'new'), join(place, key));
          },
          remove: async (key) => rm(join(place, key)),
        };
      },
      missing: () => open(join(root, 'absent')),
      assertNothingOpen: () => noProcessIn(root),
      dispose: async () => rm(root, { recursive: true }),
    };
  });
}

describe('a program as a backup source', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'firedrill-source-'));
  });
  afterEach(() => noProcessIn(root));
  afterAll(async () => rm(root, { recursive: true }));

  const object = { key: 'a.dump', sizeBytes: 10, modifiedAt: new Date(0), etag: '10 1970-01-01T00:00:00Z' };
  const listed = `echo '{"key":"a.dump","size":10,"modified":"1970-01-01T00:00:00Z"}'`;
  /** @param list @param read scripts for sh. */
  const source = (
    { list = listed, read = 'printf 0123456789', env = [] }: { list?: string; read?: string; env?: string[] },
    values: NodeJS.ProcessEnv = {},
    limits: { listMs?: number; stallMs?: number } = {},
  ) =>
    openCommandSource(
      {
        type: 'command',
        list: ['sh', '-c', list],
        read: ['sh', '-c', read, 'sh', '{key}', '{start}', '{count}'],
        stat: undefined,
        env,
        directory: root,
      },
      {
        clock: systemClock,
        delay: async () => undefined,
        random: () => 0,
        env: { PATH: process.env['PATH'], ...values },
        listMs: 60_000,
        stallMs: 60_000,
        ...limits,
      },
    );

  it.each([
    ['66', 'source-missing', 'listing backups: sh says that the backup location does not exist: no luck'],
    ['69', 'source-unreachable', 'listing backups: sh says that the store does not answer: no luck'],
    ['75', 'source-failed', 'listing backups: sh exited with status 75: no luck'],
    ['77', 'source-denied', 'listing backups: sh says that reading is not permitted: no luck'],
    ['1', 'source-failed', 'listing backups: sh exited with status 1: no luck'],
  ])('explains exit status %s of the listing', async (status, code, message) => {
    const error = await failure(listAll(await source({ list: `${listed}; echo no luck >&2; exit ${status}` })));
    expect(error).toMatchObject({ code, message });
    expect(error.hint).toMatch(/sh -c/);
  });

  it('explains a truncated line by how the program ended', async () => {
    const error = await failure(listAll(await source({ list: `${listed}; printf '{"key":'; exit 3` })));
    expect(error.message).toContain('exited with status 3');
  });

  it('lists again when the program reports a temporary failure', async () => {
    const twice = `[ -e once ] || { touch once; exit 75; }; rm once; ${listed}`;
    expect(await listAll(await source({ list: twice }))).toEqual([object]);
  });

  it('gives the number of a line that is not a backup, and none of its content', async () => {
    const error = await failure(listAll(await source({ list: `${listed}; echo hunter2; ${listed}` })));
    expect(error.code).toBe('source-failed');
    expect(error.message).toBe('line 2 of the listing by sh is not a backup: it is not a JSON object');
  });

  it('stops a listing that is one endless line', async () => {
    const error = await failure(listAll(await source({ list: 'cat /dev/zero' })));
    expect(error.message).toContain('line 1 of the listing by sh is not a backup: it is longer than 65536 bytes');
  });

  it('stops an endless listing, with its children', async () => {
    const slow = await source({ list: `${listed}; sleep 1000 & sleep 1000` }, {}, { listMs: 200 });
    expect(await failure(listAll(slow))).toMatchObject({ code: 'source-unreachable' });
  });

  it('passes only the named variables to the program, and keeps them out of messages', async () => {
    const asked = await source(
      { list: 'echo "with $TOKEN and $OTHER" >&2; exit 1', env: ['TOKEN'] },
      { TOKEN: 'hunter2-hunter2', OTHER: 'other' },
    );
    expect((await failure(listAll(asked))).message).toMatch(/: with \*\*\* and$/);
  });

  it.each([
    ['printf 0123', 'reading a.dump: sh wrote 4 of 10 bytes and exited with status 0'],
    ['printf 0123; exit 1', 'reading a.dump: sh exited with status 1'],
    ['printf 0123456789; echo bad checksum >&2; exit 1', 'reading a.dump: sh exited with status 1: bad checksum'],
    ['printf 0123456789ab', 'reading a.dump: sh wrote more than the 10 bytes that were asked for'],
    ['cat /dev/zero', 'reading a.dump: sh wrote more than the 10 bytes that were asked for'],
    ['printf 0123; kill -9 $$', 'reading a.dump: sh was killed by SIGKILL'],
  ])('does not treat the output of `%s` as a backup', async (read, message) => {
    expect(await failure(readAll(await source({ read }), object))).toMatchObject({ code: 'source-failed', message });
  });

  it.each([
    ['printf 0123456789; exec >&-; sleep 1000', 'did not exit within 200 ms after its last byte'],
    ['[ "$2" = 0 ] && printf 0123; exec >&-; sleep 1000', 'was stopped 5 times: the connection ended early'],
    ['[ "$2" = 0 ] && printf 0123; sleep 1000', 'was stopped 5 times: the connection delivered nothing for 200 ms'],
  ])('gives up on `%s`', async (read, message) => {
    const error = await failure(readAll(await source({ read }, {}, { stallMs: 200 }), object));
    expect(error.message).toContain(message);
  });

  it('resumes a retryable read at the byte where it stopped', async () => {
    const read = '[ "$2" = 0 ] && printf 0123 && exit 75; [ "$2 $3" = "4 6" ] && printf 456789';
    expect(String(await readAll(await source({ read }), object))).toBe('0123456789');
  });

  it('passes keys to the program unchanged', async () => {
    const key = 'a $(touch x) \'"; b.dump';
    const list = `printf '%s\\n' '${JSON.stringify({ key, size: 24, modified: '1970-01-01T00:00:00Z' }).replaceAll("'", `'\\''`)}'`;
    const one = await source({ list, read: 'printf %s "$1" | head -c "$3"' });
    const [found] = await listAll(one);
    expect(String(await buffer(await one.read(must(found), { start: 0, end: key.length }, never())))).toBe(key);
  });

  it('does not pass a key that could be an option', async () => {
    expect(await failure(readAll(await source({}), { ...object, key: '-rf' }))).toMatchObject({
      code: 'source-failed',
    });
  });

  it('reports that a program is missing', async () => {
    const absent = await openCommandSource({
      type: 'command',
      list: ['./absent'],
      read: [],
      stat: undefined,
      env: [],
      directory: root,
    });
    expect(await failure(listAll(absent))).toMatchObject({
      code: 'tool-missing',
      message: 'the program ./absent of backup.source was not found',
    });
  });
});

/** Resolves when no process works in the directory. */
async function noProcessIn(directory: string): Promise<void> {
  for (;;) {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
    if (!places.some((place) => place.startsWith(directory))) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
