import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DRILL, makeDrillWorkspace, plainDump } from '../support/cli-drill.ts';

it('finds an uncovered backup next to that of a drill, creates a drill for it, proves it, and then finds no gap', async () => {
  await using workspace = await makeDrillWorkspace();
  const dump = plainDump();
  await workspace.write('backups/orders/orders-2026-11-27.sql', dump);
  await workspace.write('backups/crm/crm-2026-11-27.sql', dump);
  const backup = { ...DRILL.backup, source: '../backups/orders', match: 'orders-*.sql' };
  await workspace.write('drills/orders.yaml', JSON.stringify({ ...DRILL, backup }));
  await workspace.write('drills/crm.yaml.txt', 'not a drill');

  const found = await workspace.firedrill(['discover', '--json']);
  const states = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; state: string; match: string; init?: string })
      .filter(({ type }) => type === 'series')
      .map(({ state, match }) => [state, match]);
  expect(states(found.stdout)).toEqual([
    ['not-covered', 'crm/crm-*.sql'],
    ['never-passed', 'orders/orders-*.sql'],
  ]);
  expect(found.code).toBe(1);

  const written = await workspace.firedrill(['discover', '--write']);
  expect(written.stdout).toMatch(
    /^wrote drills\/crm\.yaml \(\d checks?\): passed; \d of \d damages caught; see firedrill show /m,
  );
  const file = await readFile(join(workspace.directory, 'drills/crm.yaml'), 'utf8');
  expect(file).toContain('source: ../backups/crm\n  match: crm-*.sql\n  takenAt: name\n');
  expect(file).toContain('{ table: customer, minRows: 2 }');

  expect((await workspace.firedrill(['run', 'orders'])).code).toBe(0);
  const again = await workspace.firedrill(['discover', '--write', '--json']);
  expect(states(again.stdout).map(([state]) => state)).toEqual(['covered', 'covered']);
  expect(again.code).toBe(0);
});
