import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/record/sqlite/sqlite-store.ts';
import { firedrill, makeWorkspace } from '../support/cli.ts';
import { drillState, skipOf } from '../support/schedule-records.ts';

let workspace: Awaited<ReturnType<typeof makeWorkspace>>;
beforeEach(async () => {
  workspace = await makeWorkspace();
  await using store = await openSqliteStore(join(workspace.directory, '.firedrill/history.db'));
  const first = new Date('2026-11-20T02:30:00Z');
  const last = new Date('2026-11-21T02:30:00Z');
  const missed = {
    kind: 'superseded',
    reason: 'missed; superseded by the run of 21 Nov 2026, 03:30',
    count: 2,
    first,
    last,
  } as const;
  await store.saveDrillState(drillState(), [skipOf({ ...missed, recordedAt: last })]);
  const overlap = { kind: 'overlap', reason: 'a run was already in progress', count: 1, first: last, last } as const;
  await store.saveDrillState(drillState({ drill: 'stock' }), [
    skipOf({ ...overlap, drill: 'stock', recordedAt: new Date() }),
  ]);
});
afterEach(() => workspace[Symbol.asyncDispose]());

it('shows runs that were skipped, and why', async () => {
  const { code, stdout, stderr } = await firedrill(['history', '--skipped'], { cwd: workspace.directory });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').map((line) => line.trimEnd())).toEqual([
    'DUE (UTC)                                DRILL   SKIPPED     RUNS  WHY',
    '21 Nov 2026, 02:30                       stock   overlap     1     a run was already in progress',
    '20 Nov 2026, 02:30 – 21 Nov 2026, 02:30  orders  superseded  2     missed; superseded by the run of 21 Nov 2026, 03:30',
    '',
  ]);
});

it('prints them as JSON, and for one drill only', async () => {
  const { stdout } = await firedrill(['history', 'orders', '--skipped', '--json'], { cwd: workspace.directory });
  expect(JSON.parse(stdout)).toMatchObject({ type: 'skip', drill: 'orders', kind: 'superseded', count: 2 });
});

it('reports that nothing was skipped', async () => {
  const { code, stdout, stderr } = await firedrill(['history', 'shop', '--skipped'], { cwd: workspace.directory });
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: '',
    stderr: 'nothing that was due of shop was skipped\n',
  });
});
