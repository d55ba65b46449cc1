import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { LogArchive } from '../../../../src/engines/format.ts';
import { LogFeed } from '../../../../src/engines/postgres/log/log-feed.ts';
import type { LogPlan } from '../../../../src/engines/postgres/log/plan-log.ts';
import { segmentName } from '../../../../src/engines/postgres/log/segment-name.ts';
import type { Sandbox, SandboxFile } from '../../../../src/sandbox/sandbox.ts';
import { DrillError } from '../../../../src/support/errors.ts';

const MIB = 2 ** 20;
const never = new AbortController().signal;
const segments = [1, 2, 3].map((number) => {
  const name = segmentName(1, number, MIB);
  return { name, timeline: 1, number, file: { key: name, sizeBytes: MIB } };
});

it.each(['whole', 'streamed'] as const)(
  'writes each segment before the mark that it is complete, and the end mark last: %s',
  async (how) => {
    const { names, failure } = await feed((number) => segment(number), { how });
    expect(names.slice(0, 2)).toEqual(['fetch.sh', 'names']);
    for (const { name } of segments) expect(names.indexOf(`${name}.ok`)).toBeGreaterThan(names.indexOf(name));
    expect(names).toHaveLength(2 + 2 * segments.length + 1);
    expect(names.at(-1)).toBe('end');
    expect(failure).toBeUndefined();
  },
);

const DAMAGED = { code: 'log-damaged', hint: expect.stringMatching(/another copy of the segment/) };
it.each([
  ['a segment is empty', (number: number) => segment(number).subarray(0, number === 2 ? 0 : MIB), DAMAGED],
  [
    'a segment is too long',
    (number: number) => Buffer.concat([segment(number), Buffer.alloc(number === 2 ? 1 : 0)]),
    { ...DAMAGED, message: expect.stringMatching(/has more than 1048576 bytes/) },
  ],
  ['a segment is short', (number: number) => segment(number).subarray(0, number === 2 ? 100 : MIB), DAMAGED],
  ['a segment is another one', (number: number) => segment(number === 2 ? 9 : number), DAMAGED],
  ['the store fails', (number: number) => (number === 2 ? undefined : segment(number)), { code: 'source-failed' }],
])('stops the server and keeps the error when %s', async (_what, content, error) => {
  for (const how of ['whole', 'streamed'] as const) {
    const { names, failure } = await feed(content, { how });
    expect(names).toContain(`${segments[0]?.name}.ok`);
    expect(names).not.toContain(`${segments[1]?.name}.ok`);
    expect(names.at(-1)).toBe('fail');
    expect(names).not.toContain('end');
    expect(failure).toMatchObject(error);
  }
});

it('also writes everything without being widened', async () => {
  const { names } = await feed((number) => segment(number), { how: 'streamed', isWide: false });
  expect(names.toSorted()).toEqual(
    ['end', 'fetch.sh', 'names', ...segments.flatMap(({ name }) => [name, `${name}.ok`])].toSorted(),
  );
});

it('fails without being waited for when the sandbox has no more space', async () => {
  const full = new DrillError('disk-full', 'the sandbox is full');
  const { log, failure, broken } = await feed((number) => segment(number), { how: 'streamed', full });
  expect(broken).toBe(full);
  expect(failure).toBeUndefined();
  await expect(log.requireLogOf(77n)).resolves.toBeUndefined();
});

it('refuses the log of another cluster than the backup’s', async () => {
  const { log } = await feed((number) => segment(number));
  await expect(log.requireLogOf(77n)).resolves.toBeUndefined();
  await expect(log.requireLogOf(78n)).rejects.toMatchObject({
    code: 'log-incomplete',
    message: expect.stringMatching(
      /000000010000000000000001 in \/wal belongs to another .* identifier is 77, and the backup’s 78/,
    ),
  });
});

it('quotes the path of its script for the shell and the server', async () => {
  const { command } = await feed((number) => segment(number), { directory: "/srv/50% o'clock" });
  const quoted = "'/srv/50%% o'\\''clock/";
  expect(command).toBe(`[ -e ${quoted}'%f.ok ] && ln -f ${quoted}'%f %p 2>/dev/null || sh ${quoted}fetch.sh' %f %p`);
});

/** Feeds a log to a sandbox that takes one file after another in each call, as real ones do. */
async function feed(
  content: (number: number) => Buffer | undefined,
  {
    directory = '/drill/scratch/log',
    how = 'whole',
    full,
    isWide = true,
    freeKibibytes = '1000000',
  }: {
    isWide?: boolean;
    freeKibibytes?: string;
    directory?: string;
    how?: 'whole' | 'streamed';
    full?: DrillError;
  } = {},
) {
  const names: string[] = [];
  const writeFiles = async (_dir: string, files: AsyncIterable<SandboxFile>): Promise<void> => {
    for await (const file of files) {
      if (full && file.name === segments[0]?.name) throw full;
      names.push(file.name);
      const { length } = await buffer(file.content);
      if (length !== file.sizeBytes) throw new Error(`${file.name} has ${length} bytes`); // as a tar would
    }
  };
  const read: LogArchive['read'] = async ({ key }) => {
    const bytes = content(segments.findIndex(({ name }) => name === key) + 1);
    if (!bytes) throw new DrillError('source-failed', 'the store hung up');
    return bytes;
  };
  /** Yields chunks, the first shorter than a header. A failing store fails in the middle. */
  async function* pieces(key: string): AsyncGenerator<Buffer> {
    const number = segments.findIndex(({ name }) => name === key) + 1;
    const bytes = content(number) ?? segment(number);
    yield bytes.subarray(0, 10);
    yield bytes.subarray(10, 1000);
    if (!content(number)) throw new DrillError('source-failed', 'the store hung up');
    yield bytes.subarray(1000);
  }
  const archive: LogArchive = {
    description: '/wal',
    files: segments.map(({ file }) => file),
    read,
    ...(how === 'streamed' ? { stream: async ({ key }) => Readable.from(pieces(key)) } : {}),
  };
  const [newest] = segments.slice(-1);
  if (!newest) throw new Error('there are segments');
  const plan: LogPlan = { histories: [], segments, newest };
  const exec = async () => ({
    exitCode: 0,
    stdout: `Filesystem 1024-blocks\n/dev/vda 9 9 ${freeKibibytes} 34% /drill\n`,
  });
  const sandbox = { writeFiles, exec, paths: { scratch: '/drill/scratch' } } as unknown as Sandbox;
  const parts = { archive, plan, segmentBytes: MIB, sandbox, directory, onFetched: () => undefined };
  const log = new LogFeed(parts, never);
  if (isWide) await log.widen(never);
  const broken = await log.done.catch((error: unknown) => error);
  return { names, log, broken, failure: log.failure, command: log.restoreCommand };
}

function segment(number: number): Buffer {
  const bytes = Buffer.alloc(MIB);
  bytes.writeUInt16LE(0xd116, 0);
  bytes.writeUInt16LE(0x0002, 2);
  bytes.writeUInt32LE(1, 4);
  bytes.writeBigUInt64LE(BigInt(number * MIB), 8);
  bytes.writeBigUInt64LE(77n, 24);
  bytes.writeUInt32LE(MIB, 32);
  return bytes;
}
