import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DrillWorkspace, makeDrillWorkspace } from '../support/cli-drill.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let workspace: DrillWorkspace;
beforeAll(async () => {
  workspace = await makeDrillWorkspace();
  for (const name of ['drills', 'runbooks'])
    await cp(join(root, name), join(workspace.directory, name), { recursive: true });
});
afterAll(() => workspace[Symbol.asyncDispose]());

test.each(['files', 'shop-sqlite'])(
  'the sample drills/%s.yaml passes unchanged, and fails on a backup that lost data',
  async (name) => {
    const run = () => workspace.firedrill(['run', `drills/${name}.yaml`]);
    expect(await run()).toMatchObject({ code: 0 });
    if (name === 'files') await rm(join(workspace.directory, 'runbooks/wrong-data.md'));
    else
      await workspace.write('drills/shop-sqlite/orders.db.gz', Buffer.from('H4sIAAAAAAAAAwMAAAAAAAAAAAA=', 'base64'));
    expect(await run()).toMatchObject({ code: 1 });
  },
);

test('a proof without SQL damages the backup as it is read, and compares restored files', async () => {
  await cp(join(root, 'runbooks'), join(workspace.directory, 'runbooks'), { recursive: true });
  const argv = ['prove', 'drills/files.yaml', '--damage', 'truncate', '--places', '1', '--seed', 'x'];
  const { code, stdout } = await workspace.firedrill(argv);
  expect(code).toBe(0);
  expect(stdout).toContain('slipped through');
  expect(stdout).toContain('every file is as it was backed up');
});
