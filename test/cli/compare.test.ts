import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { failedRun, NOON, passedRun } from '../support/run-records.ts';

const LATER = new Date(NOON.getTime() + 3_600_000);
const RUNS: readonly RunRecord[] = [
  passedRun({ id: '20261121-120000-passed' }),
  failedRun({ id: '20261121-130000-failed', startedAt: LATER, recoveryTimeMs: 5000 }),
];

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  await using store = await openSqliteStore(join(workspace.directory, '.firedrill', 'history.db'));
  for (const run of RUNS) {
    await store.claim({ ...run, status: 'running', verdict: undefined });
    await store.finish(run);
  }
});
afterEach(() => workspace[Symbol.asyncDispose]());

const compare = (columns: number | undefined, ...argv: string[]) =>
  firedrill(['runs', 'compare', ...argv], {
    cwd: workspace.directory,
    ...(columns === undefined ? {} : { columns }),
  });

it.each([
  ['two runs', ['20261121-130000', '20261121-120000']],
  ['a run and the last pass before it', ['latest']],
])('shows %s side by side, the older first', async (_, argv) => {
  const { code, stdout } = await compare(undefined, ...argv);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^RUN +orders 20261121-120000-passed +orders 20261121-130000-failed$/m);
  expect(stdout).toMatch(/^recovery +4\.0 s +5\.0 s +\+/m);
});

it('fits both runs into the width of a terminal', async () => {
  const { stdout } = await compare(80, 'latest');
  expect(stdout).toMatch(/^RUN +20261121-120000-passed +20261121-130000-failed$/m);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it('refuses to compare a run with itself', async () => {
  expect(await compare(undefined, 'latest', 'orders')).toMatchObject({
    code: 64,
    stdout: '',
    stderr: expect.stringMatching(/^usage: latest and orders are both run 20261121-130000-failed\nHINT: /),
  });
});
