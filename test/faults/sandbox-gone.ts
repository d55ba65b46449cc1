import { expect } from 'vitest';
import { type DrillWorkspace, plainDump, saysEnded } from '../support/cli-drill.ts';

/** Ends a drill's sandbox from outside during the restore, and expects the drill to report it, give no verdict and leave nothing behind. */
export async function expectGoneWhileRestoring(
  workspace: DrillWorkspace,
  end: () => void,
  code: string | RegExp,
  name = 'orders',
): Promise<void> {
  await workspace.write('backups/orders.sql', plainDump('SELECT pg_catalog.pg_sleep(600);\n'));
  await workspace.writeDrill({ name });
  const onStdout = (text: string) => {
    if (saysEnded(text, 'provision')) end();
  };
  const drilled = await workspace.drill([], { onStdout });
  const { run, timeline, stdout } = drilled;
  expect(run.error?.code).toMatch(code);
  expect(run.error).toMatchObject({
    stage: 'restore',
    message: expect.stringMatching(/./),
    hint: expect.stringMatching(/\.$/),
  });
  expect(drilled.code).toBe(2);
  expect(run).toMatchObject({ status: 'errored', reasons: [], checks: [], sandbox: { removed: true } });
  expect(run.verdict).toBeUndefined();
  expect(timeline).toEqual([
    'locate ok',
    'plan ok',
    'image-pull skipped',
    'provision ok',
    'restore errored',
    'teardown ok',
  ]);
  expect(stdout).toContain(`ERRORED ${name}: ${run.error?.code}: ${run.error?.message}\n`);
}
