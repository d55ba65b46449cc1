import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { Store } from '../../src/record/store.ts';
import { DrillError } from '../../src/support/errors.ts';
import { Redactor } from '../../src/support/redact.ts';
import { createToolbox } from '../../src/wiring.ts';
import { makeWorkspace } from '../support/cli.ts';
import { noService } from '../support/no-service.ts';

/** Drills that end before they need a server: `missing` finds no backup (1), `broken` no directory (2). */
const SOURCES = { missing: '../backups', broken: '../no-such-directory' };

describe('firedrill run with several drills', () => {
  it.each([
    { drills: ['missing'], code: 1 },
    { drills: ['broken'], code: 2 },
    { drills: ['broken', 'missing'], code: 2 },
    { drills: ['missing', 'broken'], code: 2 },
  ])('exits with $code for $drills: the worst wins, and each is run', async ({ drills, code }) => {
    const result = await run(drills);
    expect(result.code).toBe(code);
    expect(result.ended).toEqual(drills);
  });

  it('runs no further drill after an interrupt between two, and exits with 130', async () => {
    const result = await run(['missing', 'broken'], { interruptAfter: 'missing' });
    expect(result).toEqual({
      code: 130,
      ended: ['missing'],
      stderr: 'canceled; 1 of 2 drills were not run\n',
    });
  });

  it('reports a run that could not be recorded, and still runs the other drills', async () => {
    const result = await run(['missing', 'broken'], { cannotRecord: 'missing' });
    expect([result.code, result.ended]).toEqual([2, ['broken']]);
    expect(result.stderr).toMatch(/^missing: store-failed: the disk went away\n/);
  });
});

async function run(drills: readonly string[], options: { interruptAfter?: string; cannotRecord?: string } = {}) {
  await using workspace = await makeWorkspace();
  const { directory } = workspace;
  await mkdir(join(directory, 'backups'));
  await mkdir(join(directory, 'drills'));
  for (const [name, source] of Object.entries(SOURCES)) {
    const text = `name: ${name}\nbackup: { source: ${source}, match: "*.sql" }\nengine: { type: postgres }\nobjectives: { rto: 30m }\nchecks: [{ name: one, sql: select 1, expect: { equals: 1 } }]\n`;
    await writeFile(join(directory, 'drills', `${name}.yaml`), text);
  }
  const interrupt = new AbortController();
  const ended: string[] = [];
  let stderr = '';
  const onLine = (text: string) => {
    const event = JSON.parse(text) as { type: string; drill: string };
    if (event.type !== 'run-ended') return;
    ended.push(event.drill);
    if (event.drill === options.interruptAfter) interrupt.abort(new DrillError('interrupted', 'by the test'));
  };
  const io = {
    stdout: { write: onLine },
    stderr: { write: (text: string) => (stderr += text) },
    stdin: Readable.from([]),
    env: { PATH: process.env['PATH'], FIREDRILL_RUNTIME: 'local' },
    cwd: directory,
    interrupt: interrupt.signal,
    service: noService,
    terminal: undefined,
  };
  const files = drills.map((name) => `drills/${name}.yaml`);
  const toolbox = createToolbox(io, new Redactor());
  const openStore = async (settings: Settings): Promise<Store> => {
    const store = await toolbox.openStore(settings);
    const finish: Store['finish'] = async (record) => {
      if (record.drill === options.cannotRecord) throw new DrillError('store-failed', 'the disk went away');
      await store.finish(record);
    };
    return Object.assign(Object.create(store), { finish });
  };
  const code = await createProgram({ ...toolbox, openStore }).run(['run', ...files, '--json']);
  return { code, ended, stderr };
}
