import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drillText } from '../config/loading.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  await mkdir(join(workspace.directory, 'drills'));
  for (const [name, service] of [
    ['orders', 'shop'],
    ['carts', 'shop'],
    ['ledger', 'books'],
  ]) {
    const text = drillText({ name: `name: ${name}`, labels: `labels: { service: ${service} }` });
    await writeFile(join(workspace.directory, `drills/${name}.yaml`), text);
  }
});
afterEach(() => workspace[Symbol.asyncDispose]());

const silence = (...argv: string[]) => firedrill(['silence', ...argv], { cwd: workspace.directory });
const work = ['--reason', 'storage migration'];

it('is planned for many drills by label, listed, and removed', async () => {
  const added = await silence('add', '--label', 'service=shop', '--from', '2099-01-01', '--for', '4h', ...work);
  expect(added.stderr).toContain('--from is more than a year away');
  const { code, stdout } = await silence('add', '--label', 'service=shop', '--for', '4h', '--pause', ...work);
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(
      /^[0-9a-f]{8}: no alerts and no scheduled runs from .+ UTC for 4 h; 2 drills: carts, orders\n$/,
    ),
  ]);
  const [line = ''] = (await silence('list', '--json')).stdout.split('\n');
  const { id, ...rest } = JSON.parse(line) as { id: string };
  expect(rest).toMatchObject({ phase: 'active', match: { labels: { service: 'shop' } }, pausesRuns: true });
  const list = await firedrill(['list'], { cwd: workspace.directory });
  expect(list.stdout.split('\n').filter((row) => row.includes('silenced and paused until'))).toHaveLength(2);
  expect((await silence('remove', id)).code).toBe(0);
  expect(await silence('remove', id)).toMatchObject({ code: 64 });
  expect((await silence('list')).stderr).toBe('no silences now or ahead; --all shows those of the last year\n');
  expect((await silence('list', '--all')).stdout).toContain('storage migration (ended by ');
});

it('covers only those of the named drills that match', async () => {
  const { stdout } = await silence(
    'add',
    'orders',
    'ledger',
    '--label',
    'service=books',
    '--for',
    '1h',
    '--json',
    ...work,
  );
  expect(JSON.parse(stdout)).toMatchObject({ type: 'silence', drills: ['ledger'], match: { drills: ['ledger'] } });
});

it.each([
  [['--for', '4h', ...work], 'no drills chosen'],
  [['--all', '--for', '4h'], '--reason is missing'],
  [['--all', ...work], '--for is missing; write a duration such as 4h, or when it ends'],
  [['--all', '--for', '4', ...work], '--for must be a duration such as 4h or 2d, not "4"'],
  [['--label', 'service=sop', '--for', '4h', ...work], 'no drill matches service=sop'],
  [['--label', 'service', '--for', '4h', ...work], 'Write a label of drill files such as service=payments.'],
  [['--label', 'a=1', '--label', 'a=2', '--for', '4h', ...work], 'a is given twice'],
  [['--all', '--label', 'service=shop', '--for', '4h', ...work], '--all chooses every drill'],
  [['orders', '--all', '--for', '4h', ...work], '--all chooses every drill'],
  [['--tier', '0x1', '--for', '4h', ...work], 'Write a tier from 0 to 9.'],
  [['nothing', '--for', '4h', ...work], 'nothing'],
])('refuses add %j', async (argv, problem) => {
  const { code, stderr } = await silence('add', ...argv);
  expect(code).toBe(64);
  expect(stderr).toContain(problem);
});
