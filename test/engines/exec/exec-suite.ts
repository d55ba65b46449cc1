import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../../src/backup/layer.ts';
import { openContent } from '../../../src/backup/reading/open-content.ts';
import { locateBackup } from '../../../src/backup/selection/locate-backup.ts';
import type { ProgramOptions, Server } from '../../../src/engines/engine.ts';
import { resolveExec } from '../../../src/engines/exec/exec-options.ts';
import { engineOf } from '../../../src/engines/registry.ts';
import type { SandboxRuntime } from '../../../src/sandbox/sandbox.ts';
import { currentOwner } from '../../../src/support/owner.ts';
import type { CheckContext } from '../../../src/verify/check-kind.ts';
import { filesCheck } from '../../../src/verify/kinds/files/files-check.ts';
import { NO_PHASES } from '../logical.ts';

const engine = engineOf('exec');
const never = new AbortController().signal;
const NAME = 'orders-1; rm -rf $HOME `x`.db';
const RESTORE = [
  ['sqlite3', '-bail', '{backup}', 'pragma quick_check; select count(*) from orders'],
  ['cp', '{backup}', '{data}/orders.db'],
];

interface Options {
  /** Truncates the backup to this many bytes. */
  readonly bytes?: number;
  readonly argv?: readonly string[];
  /** Reads the restored data, before the program. */
  readonly onRestored?: (server: Server) => Promise<void>;
  /** Whether the backup is a tar of the database. */
  readonly isTar?: boolean;
  readonly onDoing?: (doing: string, canceling: AbortController) => void;
}

/** Runs until a file asks it to stop; `ready` tests whether its other file exists. */
const STOPPABLE = {
  server: [
    'sh',
    '-c',
    'touch "$1/up"; until [ -e "$1/stop" ]; do sleep 0.05; done; echo lost its disk >&2; rm "$1/up"; exit 3',
    'sh',
    '{scratch}',
  ],
  ready: ['test', '-e', '{scratch}/up'],
};
const STOP = 'touch "$1/stop"; while [ -e "$1/up" ]; do sleep 0.05; done; exit 1';

/** Restores SQLite by hand, both intact and with real faults; `image` has sqlite3. */
export function describeExecOn(runtime: SandboxRuntime, image: string): void {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'exec-'));
    const fill =
      "create table orders(id integer primary key, v text); insert into orders select value, 'x' || value from generate_series(1, 5000)";
    execFileSync('sqlite3', [join(dir, 'whole.db'), fill]);
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  /** Restores the backup, and runs one program on the result. */
  async function drill(
    keys: Readonly<Record<string, unknown>>,
    { bytes, argv = ['true'], onRestored, isTar = false, onDoing }: Options = {},
  ) {
    const place = mkdtempSync(join(dir, 'b-'));
    const file = join(place, NAME);
    if (isTar) execFileSync('tar', ['-cf', file, '-C', dir, 'whole.db']);
    else writeFileSync(file, readFileSync(join(dir, 'whole.db')));
    if (bytes !== undefined) truncateSync(file, bytes);
    const canceling = new AbortController();
    const { signal } = canceling;
    const options = resolveExec(keys, {
      image: undefined,
      runtime: 'local',
      checks: [],
      report: (path, message) => {
        throw new Error(`${path.join('.')} ${message}`);
      },
    });
    const source = openDirectorySource(place);
    const { backup } = await locateBackup(
      source,
      { match: '*', select: { by: 'latest' }, takenAt: 'modified', layouts: [] },
      new Date(),
      'seed',
      never,
    );
    const content = await openContent(source, backup, never, NO_KEYS);
    const server = { engine: 'exec', major: 'unknown' };
    await runtime.ensureImage({ image, server }, never);
    await using sandbox = await runtime.start(
      {
        runId: `t${randomBytes(6).toString('hex')}`,
        drill: 'exec-test',
        owner: currentOwner(),
        leaseExpiresAt: new Date(Date.now() + 600_000),
        image,
        server,
        serverUser: 'nobody',
        memoryBytes: 512 * 2 ** 20,
        cpus: 1,
        pids: 128,
        storage: 'volume',
      },
      never,
    );
    try {
      const context = { phases: NO_PHASES, onBooted: () => undefined, signal };
      const open = await engine.inspect(content, signal, options);
      const restoration = await open.provision(sandbox, {
        ...context,
        boot: { durability: 'relaxed', memoryBytes: 1, cpus: 1, preload: [], settings: {} },
      });
      const restored = await restoration.run({
        ...context,
        jobs: 1,
        database: undefined,
        ignoreErrors: [],
        onProgress: ({ doing }) => onDoing?.(doing, canceling),
        onLoaded: () => undefined,
      });
      await onRestored?.(restored.server);
      const ask: ProgramOptions = { database: 'data', signal: never };
      return (await restored.server.runProgram(argv, ask)).stdout.trim();
    } finally {
      content.close();
      source.close();
    }
  }

  it('restores a backup with a hostile name, and lets a check read it', async () => {
    const argv = ['sqlite3', '{data}/orders.db', 'select count(*), max(v) from orders'];
    expect(await drill({ steps: { restore: RESTORE } }, { argv })).toBe('5000|x999');
  });

  it('reads what the steps wrote to {data} as files, and follows no link', async () => {
    const sums = 'cd "$1" && sha256sum orders.db > SUMS && ln -s orders.db link && ln -s / root';
    const restore = [...RESTORE, ['sh', '-c', sums, 'sh', '{data}']];
    const sql = 'select count(*) from orders';
    const found: [string, boolean][] = [];
    const onRestored = async (server: Server) => {
      for (const files of [
        { exist: ['orders.db', 'link'], count: 2, size: { min: '10k' }, newest: '1h', manifest: 'SUMS', sample: 2 },
        { sqlite: { file: 'orders.db', sql, expect: 5000 } },
        { sqlite: { file: 'orders.db', sql, expect: 5001 } },
        { sqlite: { file: 'link', sql, expect: 5000 } },
        { exist: ['root/etc/passwd'] },
        { sha256: { 'orders.db': 'a'.repeat(64) } },
      ])
        found.push([JSON.stringify(files), await checkFiles(server, files)]);
    };
    await drill({ steps: { restore } }, { onRestored });
    expect(found.map(([, passed]) => passed)).toEqual([true, true, false, false, false, false]);
  });

  it('blames a server that died for what is found in {data}', async () => {
    const onRestored = async (server: Server) => {
      const stop = ['sh', '-c', STOP, 'sh', '{scratch}'];
      await expect(server.runProgram(stop, { database: 'data', signal: never })).rejects.toThrow();
      await checkFiles(server, { exist: ['orders.db'] });
    };
    await expect(drill({ steps: { ...STOPPABLE, restore: RESTORE } }, { onRestored })).rejects.toMatchObject({
      code: 'server-failed',
    });
  });

  it('blames a truncated backup', async () => {
    await expect(drill({ steps: { restore: RESTORE } }, { bytes: 20_000 })).rejects.toMatchObject({
      code: 'restore-failed',
    });
  });

  it.each([
    [
      'a restore that ends with 1',
      { restore: ['sh', '-c', 'cat "$1" > /dev/null; echo bad block >&2; exit 1', 'sh', '{backup}'] },
      { code: 'restore-failed', message: expect.stringMatching(/exit code 1: bad block/) },
    ],
    ['a preparation that ends with 1', { prepare: ['false'], restore: RESTORE }, { code: 'step-failed' }],
    ['a program that the image lacks', { restore: ['no-such-tool', '{backup}'] }, { code: 'tool-missing' }],
    [
      'a server that dies',
      { restore: RESTORE, server: ['sh', '-c', 'echo no license >&2; exit 3'], ready: ['false'] },
      { code: 'server-failed', message: expect.stringMatching(/exit code 3: no license/) },
    ],
    [
      'an export that reads nothing',
      { restore: RESTORE, export: ['sqlite3', '{data}/orders.db', 'select * from payments'] },
      { code: 'wrong-data' },
    ],
  ])('reports %s', async (_, steps, error) => {
    await expect(drill({ steps })).rejects.toMatchObject(error);
  });

  it('unpacks a tar, and blames a truncated one', async () => {
    const steps = { restore: ['cp', '{backup}/whole.db', '{data}/orders.db'] };
    const argv = ['sqlite3', '{data}/orders.db', 'select count(*) from orders'];
    const keys = { stage: 'unpacked', steps };
    expect(await drill(keys, { isTar: true, argv })).toBe('5000');
    // tar itself accepts one that was cut off after a member
    const member = 512 + Math.ceil(statSync(join(dir, 'whole.db')).size / 512) * 512;
    for (const bytes of [30_000, member])
      await expect(drill(keys, { isTar: true, bytes })).rejects.toMatchObject({ code: 'backup-truncated' });
    await expect(drill(keys)).rejects.toMatchObject({
      code: 'backup-corrupt',
      hint: expect.stringMatching(/stage: file/),
    });
  });

  it('loads into a server that is already running', async () => {
    const load = 'test -e "$2/up" && cp "$1" "$3/orders.db"';
    const restore = ['sh', '-c', load, 'sh', '{backup}', '{scratch}', '{data}'];
    const argv = ['sqlite3', '{data}/orders.db', 'select count(*) from orders'];
    const keys = { startServer: 'before-restore', steps: { ...STOPPABLE, restore } };
    expect(await drill(keys, { argv })).toBe('5000');
  });

  it.each([
    [
      'a client of the restore',
      {
        startServer: 'before-restore',
        steps: { ...STOPPABLE, restore: ['sh', '-c', STOP, 'sh', '{scratch}', '{backup}'] },
      },
      {},
    ],
    ['a check', { steps: { ...STOPPABLE, restore: RESTORE } }, { argv: ['sh', '-c', STOP, 'sh', '{scratch}'] }],
  ])('blames a server that dies after it was ready, not %s that fails because of it', async (_, keys, options) => {
    await expect(drill(keys, options)).rejects.toMatchObject({
      code: 'server-failed',
      message: expect.stringMatching(/exit code 3: lost its disk|the step ready/),
    });
  });

  it('does not blame the backup when the restore was killed', async () => {
    const restore = ['sh', '-c', 'kill -9 $$', 'sh', '{backup}'];
    await expect(drill({ steps: { restore } })).rejects.toMatchObject({ code: 'out-of-memory' });
  });

  it('stops the programs of a canceled run', async () => {
    const canceled = new Error('canceled');
    const onDoing = (doing: string, canceling: AbortController) => {
      if (doing.startsWith('restoring')) canceling.abort(canceled);
    };
    await expect(drill({ steps: { restore: ['sleep', '600', '{backup}'] } }, { onDoing })).rejects.toBe(canceled);
  });

  it('gives up on a server that never answers', async () => {
    const steps = { restore: RESTORE, server: ['sleep', '600'], ready: ['false'] };
    await expect(drill({ steps, timeouts: { ready: '1s' } })).rejects.toMatchObject({
      code: 'server-failed',
      message: expect.stringMatching(/within 1/),
    });
  });

  it('stops an export that prints more than its limit', async () => {
    const steps = { restore: RESTORE, export: ['head', '-c', '3000000', '/dev/zero'] };
    await expect(drill({ steps, exportLimitMiB: 1 })).rejects.toMatchObject({ code: 'step-failed' });
  });

  it('passes the output of export to checks', async () => {
    const steps = { restore: RESTORE, export: ['sqlite3', '{data}/orders.db', 'select count(*) from orders'] };
    expect(await drill({ steps }, { argv: ['cat', '{scratch}/export'] })).toBe('5000');
  });
}

/** @returns whether such a check passes. */
async function checkFiles({ files: probed }: Server, files: unknown): Promise<boolean> {
  const spec = filesCheck.resolve(filesCheck.schema.parse({ name: 'files', files }), () => undefined);
  const context = { probe: { files: probed }, takenAt: new Date(), signal: never };
  if (!spec) throw new Error('not a check');
  return (await filesCheck.run(spec, context as unknown as CheckContext)).passed;
}
