import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { writeDroppedShop } from '../../demo/sample-archive.ts';
import { makeDrillWorkspace } from '../support/cli-drill.ts';

const SAMPLE = fileURLToPath(new URL('../../drills/orders-pitr.yaml', import.meta.url));

it('the sample drill recovers a dropped database with npm’s Postgres, which the end of the log and a time do not', async () => {
  await using workspace = await makeDrillWorkspace();
  const { droppedAt } = await writeDroppedShop(join(workspace.directory, '.firedrill/demo/pitr'));
  await workspace.write('drills/orders-pitr.yaml', await readFile(SAMPLE, 'utf8'));
  await workspace.write('drills/runbooks/recover-postgres.md', '# Recover\n');
  const drill = (...more: readonly string[]) => workspace.firedrill(['run', 'drills/orders-pitr.yaml', ...more]);

  const latest = await drill('--to', 'latest');
  expect(latest.code).toBe(1);
  expect(latest.stdout).toMatch(/recovered to the end of the log archive \(.*\): no database shop; it has postgres/);
  const byTime = await drill('--to', droppedAt.toISOString());
  expect(byTime.code).toBe(1);
  expect(byTime.stdout).toContain('recovery stopped while the database shop was being dropped');

  const back = await drill();
  expect(back.stdout).toMatch(/recovered to the restore point before_cleanup \(at 0\/\w+\)/);
  expect(back.stdout).toMatch(/✔ customers .*: 5200 [\s\S]*✔ payments .*: 21000 /);
  expect(back.code).toBe(0);
});
