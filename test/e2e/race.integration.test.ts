import { expect, it } from 'vitest';
import { DRILL, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

it('a race runs both drills, records both, and compares them wherever runs are shown', async () => {
  await using workspace = await makeDrillWorkspace();
  await workspace.write('backups/orders.sql', plainDump());
  const write = (name: string, more: Record<string, unknown> = {}) =>
    workspace.write(
      `drills/${name}.yaml`,
      JSON.stringify({ ...DRILL, name, backup: { ...DRILL.backup, source: '../backups' }, ...more }),
    );
  await write('orders', { race: ['orders-other'] });
  await write('orders-other');

  const { code, stdout } = await workspace.firedrill(['run', 'orders']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /PASSED orders: [\s\S]*PASSED orders-other: [\s\S]*2 drills: 2 passed\nrace: orders.* recover/,
  );
  expect(stdout).toMatch(
    /\(median of 1 run and 1 run\)\n {2}how it changes with size needs 1 more run of orders and 1 more run of orders-other\n$/,
  );

  const history = (await workspace.firedrill(['history', '--json'])).stdout.trim().split('\n');
  const runs = history.map((line) => JSON.parse(line) as { id: string; drill: string });
  expect(runs.map(({ drill }) => drill)).toEqual(['orders-other', 'orders']);
  const shown = await workspace.firedrill(['show', runs[1]?.id ?? '']);
  expect(shown.stdout).toMatch(/\n {2}race {7}orders.* recover.*\n {2}race {7}how it changes with size needs/);
  const other = await workspace.firedrill(['show', runs[0]?.id ?? '']);
  expect(other.stdout).toMatch(/\n {2}race {7}orders.* recover/);
  const report = await workspace.firedrill(['report', '--since', '1d', '--format', 'md']);
  expect(report.stdout).toMatch(
    /\| Drill \| Raced with \| Recovers first \|[\s\S]*\| orders \| orders-other \| orders/,
  );
  expect(report.stdout.match(/\| orders(?:-other)? \| orders(?:-other)? \|/g)).toHaveLength(1);
});
