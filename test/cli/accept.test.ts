import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunRecord } from '../../src/record/run-record.ts';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { failedRun, passedRun } from '../support/run-records.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
});
afterEach(() => workspace[Symbol.asyncDispose]());

const command = (...argv: string[]) => firedrill(argv, { cwd: workspace.directory });

const SHRUNK = {
  name: 'no table loses rows',
  passed: false,
  expected: 'rows of each table within -10%.. of the last good runs',
  actual: 'public.orders had 20,000 rows, now 8,000 (-60%) (and 1 more)',
  durationMs: 3,
  details: ['public.orders had 20,000 rows, now 8,000 (-60%)', 'public.payment had 9 rows, and is gone'],
  measured: { rows: { 'public.orders': 8000 } },
};

async function record(run: RunRecord): Promise<void> {
  await using store = await openSqliteStore(join(workspace.directory, '.firedrill', 'history.db'));
  await store.claim({ ...run, status: 'running', verdict: undefined });
  await store.finish(run);
}

it('accepts a failed run, and shows by whom and why next to what was found', async () => {
  await record(failedRun({ id: '20261121-run', checks: [SHRUNK] }));
  expect(await command('accept', '20261121', '--reason', ' archived 2024 ')).toMatchObject({
    code: 0,
    stdout: 'accepted run 20261121-run of orders: later runs are compared with it\n',
    stderr: 'its verdict stays failed; run it again: firedrill run orders\n',
  });
  await record(failedRun({ id: '20261128-run', checks: [SHRUNK] }));
  expect(await command('accept', '20261128', '--reason', 'weekly purge', '--recurring')).toMatchObject({
    code: 0,
    stdout: 'accepted run 20261128-run of orders: later runs are compared with it, and with those before it\n',
  });
  expect((await command('show', '20261128')).stdout).toContain(': weekly purge (recurring)\n');
  const { stdout } = await command('show', '20261121');
  expect(stdout).toMatch(/ {2}accepted +[\w ,:]+ UTC \(\d+ s ago\), by \S+: archived 2024\n/);
  expect(stdout).toContain(
    '\nno table loses rows\n  public.orders had 20,000 rows, now 8,000 (-60%)\n  public.payment had 9 rows',
  );
  const shown = JSON.parse((await command('show', '20261121', '--json')).stdout) as { run: RunRecord };
  expect(shown.run).toMatchObject({ verdict: 'failed', accepted: { reason: 'archived 2024' } });
});

it('accepts a run once, with a reason, and only one that later runs can be compared with', async () => {
  await record(passedRun({ id: 'plain' }));
  await record(failedRun({ id: 'shrunk', checks: [SHRUNK] }));
  const refused = async (...argv: string[]) => {
    const { code, stderr } = await command('accept', ...argv);
    return [code, stderr.split('\n')[0]];
  };
  expect(await refused('plain', '--reason', 'x')).toEqual([
    64,
    'usage: run plain measured nothing that later runs could be compared with',
  ]);
  expect(await refused('shrunk', '--reason', ' ')).toEqual([64, 'usage: --reason is empty']);
  expect(await refused('shrunk')).toEqual([64, "usage: required option '--reason <text>' not specified"]);
  expect(await refused('nowhere', '--reason', 'x')).toEqual([64, "run-not-found: there is no run 'nowhere'"]);
  const { stdout } = await command('accept', 'shrunk', '--reason', 'x', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ type: 'acceptance', drill: 'orders', runId: 'shrunk', reason: 'x' });
  expect((await refused('shrunk', '--reason', 'x'))[1]).toMatch(/^usage: run shrunk has been accepted before, by /);
});
