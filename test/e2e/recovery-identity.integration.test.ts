import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCommandLines } from '../faults/command-lines.ts';
import { DRILL, type DrillWorkspace, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';
import { startObjectStore } from '../support/object-store.ts';

const run = promisify(execFile);
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

let workspace: DrillWorkspace;
beforeEach(async () => {
  workspace = await makeDrillWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

/** Creates an identity file with age-keygen. */
async function newKey(name: string): Promise<{ identity: string; recipient: string }> {
  const path = join(workspace.directory, name);
  await run('age-keygen', ['-o', path]);
  const [, identity = ''] = /^(AGE-SECRET-KEY-.*)$/m.exec(await readFile(path, 'utf8')) ?? [];
  return { identity, recipient: (await run('age-keygen', ['-y', path])).stdout.trim() };
}

describe('a drill with the recovery identity', () => {
  it('proves its key and credentials, records whose they are, and shows no secret anywhere', async () => {
    await using store = await startObjectStore();
    await store.createBucket('acme');
    const [job, recovery] = [await newKey('job.key'), await newKey('recovery.key')];
    const plain = await workspace.write('plain.sql', plainDump());
    const { stdout: encrypted } = await run('age', ['-r', job.recipient, '-r', recovery.recipient, plain], {
      encoding: 'buffer',
    });
    await store.put('acme', 'orders.sql.age', encrypted);
    await workspace.writeDrill({
      backup: {
        source: 's3://acme/',
        endpoint: store.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        accessKeyId: '${JOB_ID}',
        secretAccessKey: '${JOB_SECRET}',
        keys: [{ file: 'job.key' }],
        match: 'orders*',
        identity: {
          keys: [{ command: ['cat', 'recovery.key'] }],
          credentials: { accessKeyId: '${RECOVERY_ID}', secretAccessKey: '${RECOVERY_SECRET}' },
        },
      },
    });
    const jobOnly = { JOB_ID: 'AKIDJOB', JOB_SECRET: 'job-secret-access-key' };
    const both = { ...jobOnly, RECOVERY_ID: 'AKIDRECOVERYWXYZ', RECOVERY_SECRET: SECRET };
    const commandLines: string[] = [];
    const onStdout = () => commandLines.push(readCommandLines());
    const shown = async (argv: readonly string[], env: Record<string, string>) => {
      const ended = await workspace.firedrill(['run', 'drill.yaml', '--json', ...argv], { env, onStdout });
      const last = JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '{}') as { run: Record<string, unknown> };
      return { ...ended, run: last.run };
    };
    const own = await shown([], jobOnly);
    expect(own.run).toMatchObject({ verdict: 'passed', identity: { name: 'drill', keys: [job.recipient] } });
    const lacking = await shown(['--as', 'recovery'], jobOnly);
    expect(lacking.code).toBe(2);
    expect(lacking.run).toMatchObject({
      status: 'errored',
      identity: { name: 'recovery', keys: [] },
      error: { code: 'key-missing', message: expect.stringContaining('RECOVERY_ID is not set') },
    });
    const proven = await shown(['--as', 'recovery'], both);
    expect(proven.run).toMatchObject({
      verdict: 'passed',
      identity: { name: 'recovery', keys: [recovery.recipient], principal: 'access key …WXYZ' },
    });
    const texts = [own, lacking, proven].flatMap(({ stdout, stderr }) => [stdout, stderr]).concat(commandLines);
    const id = String(proven.run['id']);
    for (const argv of [['show', id, '--log'], ['list'], ['plan', 'drill.yaml', '--as', 'recovery'], ['report']]) {
      const { stdout, stderr } = await workspace.firedrill(argv, { env: both });
      texts.push(stdout, stderr);
    }
    expect(texts.join()).toContain('recovery identity, opened with age1');
    const secrets = [job.identity, recovery.identity, SECRET, 'job-secret-access-key', 'AKIDRECOVERYWXYZ'];
    const leaked = secrets.filter((secret) => texts.some((text) => text.includes(secret)));
    expect(leaked).toEqual([]);
    const files = await everyFile(workspace.directory);
    expect(secrets.filter((secret) => files.some((text) => text.includes(secret)))).toEqual([]);
  });

  it('is refused if the drill has none, and errored when its key is wrong', async () => {
    await newKey('recovery.key');
    const { recipient } = await newKey('job.key');
    const plain = await workspace.write('plain.sql', plainDump());
    const { stdout } = await run('age', ['-r', recipient, plain], { encoding: 'buffer' });
    await writeFile(join(workspace.directory, 'backups', 'orders.sql.age'), stdout);
    const backup = { ...DRILL.backup, keys: [{ file: 'job.key' }] };
    await workspace.writeDrill({ backup });
    const refused = await workspace.firedrill(['run', 'drill.yaml', '--as', 'recovery']);
    expect([refused.code, refused.stderr]).toEqual([64, expect.stringContaining('no recovery identity in')]);
    await workspace.writeDrill({
      backup: { ...backup, identity: { keys: [{ file: 'recovery.key' }], use: 'always' } },
    });
    const wrong = await workspace.drill();
    expect(wrong.run).toMatchObject({ status: 'errored', error: { code: 'key-wrong', stage: 'locate' } });
    expect(wrong.stdout).toContain('the recovery identity cannot read the backup');
  });
});

/** Everything that was written, except the keys. */
async function everyFile(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.key'));
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')));
}
