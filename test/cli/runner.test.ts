import { afterEach, beforeEach, expect, it } from 'vitest';
import { firedrill, makeWorkspace } from '../support/cli.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const runner = (pool: string) => firedrill(['runner', '--pool', pool], { cwd: workspace.directory });

it.each(['EU', '', 'eu payments', '-eu'])('refuses %j, which no drill can have as its pool', async (pool) => {
  const { code, stderr } = await runner(pool);
  expect(code).toBe(64);
  expect(stderr).toContain(`--pool ${JSON.stringify(pool)} must be 1 to 63 lower-case letters`);
});

it('a runner is refused when no other machine could share the store', async () => {
  const { code, stderr } = await runner('eu');
  expect(code).toBe(64);
  expect(stderr).toContain('a runner needs a store on PostgreSQL, not ');
});

it('a process with the scheduler or pages only is refused when no runner could share the store', async () => {
  const { code, stderr } = await firedrill(['serve', '--only', 'pages'], { cwd: workspace.directory });
  expect(code).toBe(64);
  expect(stderr).toContain('--only pages needs a store on PostgreSQL, not ');
});
