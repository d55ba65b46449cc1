import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { HeldBlocks } from '../../../../src/engines/mysql/log/replay-blocks.ts';
import { LoggedLoads } from '../../../../src/engines/mysql/log/replay-load.ts';
import { readRawEvents } from '../../../../src/engines/mysql/log/replay-source.ts';
import type { ExecOptions, ExecResult, Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { never } from '../restoring.ts';
import { LogBuilder } from './log-builder.ts';
import { inChunks } from './recorded-logs.ts';

/**
 * A sandbox with files that `cat` writes and reads and `rm` removes. @param most largest number of bytes that fit in a
 * file.
 */
function fakeSandbox(most = Number.POSITIVE_INFINITY) {
  const files = new Map<string, Buffer>();
  const exec = async (argv: readonly string[], { stdin, stdout }: ExecOptions): Promise<ExecResult> => {
    const path = argv.at(-1) ?? '';
    const result = { exitCode: 0, stdout: '', stderr: '' } as unknown as ExecResult;
    if (argv[0] === 'rm') files.delete(path);
    else if (argv[0] === 'cat') stdout?.end(files.get(path));
    else {
      const content = await buffer(stdin ?? Readable.from([]));
      if (content.length > most) return { ...result, exitCode: 1, stderr: 'cat: write error: No space left on device' };
      files.set(path, content);
    }
    return result;
  };
  return { files, exec, paths: { data: '/d', run: '/r', scratch: '/s' } } satisfies Pick<Sandbox, 'exec' | 'paths'> & {
    files: unknown;
  };
}

const QUERY = "LOAD DATA LOCAL INFILE '/etc/shadow' REPLACE INTO TABLE `orders` FIELDS TERMINATED BY ',' (id)";

function loadEvent(file: number, { duplicates = 2, from = 9, to = QUERY.indexOf(' TABLE') } = {}): Buffer {
  const head = Buffer.alloc(26);
  head.writeUInt8(4, 8);
  head.writeUInt32LE(file, 13);
  head.writeUInt32LE(from, 17);
  head.writeUInt32LE(to, 21);
  head.writeUInt8(duplicates, 25);
  return Buffer.concat([head, Buffer.from(`shop\0${QUERY}`)]);
}

const block = (file: number, text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([file, 0, 0, 0]), Buffer.from(text as string)]);

async function take(log: LogBuilder, sandbox = fakeSandbox()) {
  const loads = new LoggedLoads(sandbox, never);
  const found: { sql: string; rows: string; database: string }[] = [];
  for await (const event of readRawEvents(inChunks(log.bytes, 1000), 'binlog.000001')) {
    const load = await loads.take(event);
    if (!load || load === 'taken') continue;
    const rows = (await buffer(Readable.from(load.rows.read()))).toString();
    await load.rows.drop();
    found.push({ sql: load.query.sql.toString(), rows, database: load.query.database });
  }
  await loads.close();
  return found;
}

describe('a LOAD DATA that was logged as a statement', () => {
  it('takes its rows from the log, and its statement names no real file', async () => {
    const log = new LogBuilder().event(17, block(1, '1,2\n')).event(9, block(1, '3,4\n')).event(18, loadEvent(1));
    expect(await take(log)).toEqual([
      {
        sql: "LOAD DATA LOCAL INFILE 'rows' REPLACE INTO TABLE `orders` FIELDS TERMINATED BY ',' (id)",
        rows: '1,2\n3,4\n',
        database: 'shop',
      },
    ]);
  });

  it('is kept apart from others, and dropped if it failed', async () => {
    const log = new LogBuilder().event(17, block(1, 'a')).event(17, block(2, 'b')).event(9, block(1, 'A'));
    log.event(11, block(2, '')).event(18, loadEvent(1, { duplicates: 0 }));
    expect((await take(log)).map(({ rows }) => rows)).toEqual(['aA']);
  });

  it.each([
    ['without its rows', new LogBuilder().event(18, loadEvent(1)), /file 1, which no event began/],
    [
      'with positions that are not in it',
      new LogBuilder().event(17, block(1, '')).event(18, loadEvent(1, { to: 999 })),
      /does not hold/,
    ],
    ['too short', new LogBuilder().event(17, block(1, '')).event(18, Buffer.alloc(20)), /LOAD DATA/],
  ])('is damaged %s', async (_what, log, message) => {
    await expect(take(log)).rejects.toThrow(message);
  });
});

describe('blocks of a file', () => {
  it('go to the sandbox beyond the memory limit, until they are dropped', async () => {
    const sandbox = fakeSandbox();
    const held = new HeldBlocks(sandbox, never, 10);
    for (const text of ['12345', '67890', 'abc', 'def']) await held.add(Buffer.from(text));
    expect((await buffer(Readable.from(held.read()))).toString()).toBe('1234567890abcdef');
    expect([...sandbox.files.values()].map(String)).toEqual(['abcdef']);
    await held.drop();
    expect(sandbox.files.size).toBe(0);
  });

  it('are reported as not fitting on the disk', async () => {
    const held = new HeldBlocks(fakeSandbox(3), never, 1);
    await held.add(Buffer.from('12345'));
    await expect(buffer(Readable.from(held.read()))).rejects.toMatchObject({ code: 'disk-full' });
    await held.drop();
  });

  it.each([
    [
      'its input breaks',
      (stdin: PassThrough) => stdin.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    ],
    ['the rest is not read', () => undefined],
  ])('fail with the writer’s error as soon as the writer ends: %s', async (_what, breaks) => {
    const exec = async (_argv: readonly string[], { stdin }: ExecOptions): Promise<ExecResult> => {
      await new Promise(setImmediate);
      breaks(stdin as PassThrough);
      await new Promise(setImmediate);
      return { exitCode: 1, stdout: '', stderr: 'cat: write error: No space left on device' } as unknown as ExecResult;
    };
    const held = new HeldBlocks({ exec, paths: { data: '/d', run: '/r', scratch: '/s' } }, never, 1);
    const full = { code: 'disk-full' };
    await expect(held.add(Buffer.alloc(200_000))).rejects.toMatchObject(full);
    await expect(held.add(Buffer.from('1'))).rejects.toMatchObject(full);
    await expect(buffer(Readable.from(held.read()))).rejects.toMatchObject(full);
    await held.drop().catch(() => undefined);
  });

  it('leave no listeners behind after waiting', async () => {
    let input = new PassThrough();
    const exec = async (_argv: readonly string[], { stdin }: ExecOptions): Promise<ExecResult> => {
      if (stdin) input = stdin as PassThrough;
      for await (const _chunk of stdin ?? []) await new Promise(setImmediate);
      return { exitCode: 0, stdout: '', stderr: '' } as unknown as ExecResult;
    };
    const held = new HeldBlocks({ exec, paths: { data: '/d', run: '/r', scratch: '/s' } }, never, 1);
    await held.add(Buffer.alloc(100_000));
    const before = input.listenerCount('error');
    for (let block = 0; block < 5; block += 1) await held.add(Buffer.alloc(100_000));
    expect([input.listenerCount('error') - before, input.listenerCount('drain')]).toEqual([0, 0]);
    await held.drop();
  });
});
